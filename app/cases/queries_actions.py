"""Every SELECT over actions. Public ones take the actor first.

The outlet's side sees its own, the desk its regions', auditors what a grant names; inspectors none: what an outlet puts
right is not their business, and a re-check must not know what it checks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases.models_actions import Action, ActionStep
from app.cases.rules_actions import State
from app.checklists.models import ChecklistVersion
from app.identity.actor import Actor, Role
from app.identity.models import Person
from app.kit.problems import NotFound
from app.outlets.models import Outlet, OutletDuty
from app.outlets.queries import in_reach_of
from app.outlets.queries_regions import below
from app.review.models import Publication
from app.visits.models import Visit
from app.visits.rules import REPORTED
from app.visits.rules import State as VisitState

DIRECTING = (Role.ADMIN, Role.SUPERVISOR)
DOING = (*DIRECTING, Role.OUTLET_MANAGER)


def visible_to(actor: Actor, *, now: datetime) -> sa.Select[Action]:
    return sa.select(Action).where(
        Action.organisation_id == actor.organisation_id, in_reach_of(actor, Action.outlet_id, now=now)
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a board is narrowed to; null does not narrow."""

    states: Collection[State] = ()
    outlet_id: UUID | None = None
    region_id: UUID | None = None
    owner_id: UUID | None = None
    item: str | None = None
    overdue: bool | None = None


def narrowed(rows: sa.Select[Action], wanted: Wanted, *, now: datetime) -> sa.Select[Action]:
    if wanted.states:
        rows = rows.where(Action.state.in_(wanted.states))
    if wanted.outlet_id is not None:
        rows = rows.where(Action.outlet_id == wanted.outlet_id)
    if wanted.region_id is not None:
        inside = below(sa.select(sa.literal(wanted.region_id, sa.Uuid())))
        rows = rows.where(Action.outlet_id.in_(sa.select(Outlet.id).where(Outlet.region_id.in_(inside))))
    if wanted.owner_id is not None:
        rows = rows.where(Action.owner_id == wanted.owner_id)
    if wanted.item is not None:
        rows = rows.where(Action.item_code == wanted.item)
    if wanted.overdue is not None:
        late = sa.and_(Action.closed_at.is_(None), Action.due_at <= now)
        rows = rows.where(late if wanted.overdue else sa.not_(late))
    return rows


async def counts(
    session: AsyncSession, rows: sa.Select[Action], *, now: datetime
) -> tuple[dict[State, int], int]:
    """How many are in each state, and how many are overdue."""
    chosen = rows.subquery()
    by_state = await session.execute(sa.select(chosen.c.state, sa.func.count()).group_by(chosen.c.state))
    late = sa.select(sa.func.count()).where(chosen.c.closed_at.is_(None), chosen.c.due_at <= now)
    found = {State(state): count for state, count in by_state}
    return found, await session.scalar(late) or 0


async def get_action(
    session: AsyncSession, actor: Actor, action_id: UUID, *, now: datetime, lock: bool = False
) -> Action:
    statement = visible_to(actor, now=now).where(Action.id == action_id)
    action = await session.scalar(statement.with_for_update() if lock else statement)
    if action is None:
        raise NotFound("There is no action with this id among those you may see.")
    return action


async def find_anywhere(session: AsyncSession, action_id: UUID) -> Action | None:
    """For opening one under a client-made id only."""
    return await session.get(Action, action_id)


async def open_at(session: AsyncSession, outlet_id: UUID, *, checklist_code: str) -> Sequence[Action]:
    """Open ones of an outlet, locked. A later version of a checklist keeps its code and those of its items."""
    rows = await session.scalars(
        sa.select(Action)
        .where(
            Action.outlet_id == outlet_id,
            Action.checklist_code == checklist_code,
            Action.closed_at.is_(None),
        )
        .order_by(Action.item_code)
        .with_for_update()
    )
    return rows.all()


async def items_opened_by(session: AsyncSession, publication: Publication) -> set[str]:
    """Items for which this report has opened an action, whatever became of it."""
    rows = await session.scalars(sa.select(Action.item_code).where(Action.publication_id == publication.id))
    return set(rows)


async def later_reports(
    session: AsyncSession, publication: Publication, *, checklist_code: str
) -> Sequence[Publication]:
    """Published reports of later visits to the outlet with the same checklist."""
    rows = await session.scalars(
        sa.select(Publication)
        .join(Visit, Visit.id == Publication.visit_id)
        .join(ChecklistVersion, ChecklistVersion.id == Visit.checklist_version_id)
        .where(
            Publication.outlet_id == publication.outlet_id,
            Publication.visited_on > publication.visited_on,
            Visit.state.in_(REPORTED),
            ChecklistVersion.code == checklist_code,
        )
    )
    return rows.all()


async def first_manager(session: AsyncSession, outlet_id: UUID) -> UUID | None:
    """Who has been in charge of the outlet for longest: owns what nobody was named for."""
    return await session.scalar(
        sa.select(OutletDuty.person_id)
        .join(Person, Person.id == OutletDuty.person_id)
        .where(OutletDuty.outlet_id == outlet_id, Person.active)
        .order_by(OutletDuty.created_at, OutletDuty.person_id)
        .limit(1)
    )


def steps_of(action: Action) -> sa.Select[ActionStep]:
    """For those who were allowed to see the action."""
    return sa.select(ActionStep).where(ActionStep.action_id == action.id)


def late(now: datetime) -> sa.Select[Action]:
    """Open ones that are overdue and of which nobody was told; locked."""
    return (
        sa.select(Action)
        .where(Action.closed_at.is_(None), Action.due_at <= now, Action.escalated_at.is_(None))
        .order_by(Action.due_at, Action.id)
        .with_for_update()
    )


def of_void_visits() -> sa.Select[Action]:
    """Open ones whose report was taken back; locked."""
    return (
        sa.select(Action)
        .join(Publication, Publication.id == Action.publication_id)
        .join(Visit, Visit.id == Publication.visit_id)
        .where(Action.closed_at.is_(None), Visit.state == VisitState.VOID)
        .with_for_update(of=Action)
    )
