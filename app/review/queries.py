"""Every SELECT over reviews. Public ones take the actor first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.review.models import Approval, SecondMarking, SendBack, SendBackItem, VetoVerdict
from app.review.problems import OwnVisit, SecondMarker
from app.review.queries_marking import has_marked
from app.visits import queries as visits
from app.visits.models import AnswersRevision, CrewMember, Visit
from app.visits.rules import State

REVIEWERS = (Role.ADMIN, Role.SUPERVISOR, Role.REVIEWER)
IN_QUEUE = (State.SUBMITTED, State.IN_REVIEW)


def queue_of(actor: Actor, *, now: datetime, states: Sequence[State] = IN_QUEUE) -> sa.Select[Visit]:
    """Visits the actor may review: of the own regions, and never one of whose crew they were."""
    mine = sa.select(CrewMember.visit_id).where(CrewMember.person_id == actor.person_id)
    return visits.visible_to(as_reviewer(actor), now=now).where(
        Visit.state.in_(states), Visit.id.not_in(mine)
    )


async def get_for_reading(session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime) -> Visit:
    """A visit whose review the actor may read: the desk of its region, and auditors.

    Raises `NotFound`, or `Forbidden` for those who see the visit but not what is said of it.
    """
    await visits.get_visit(session, actor, visit_id, now=now)
    actor.require(*REVIEWERS, Role.AUDITOR)
    return await visits.get_visit(session, actor.without(Role.INSPECTOR), visit_id, now=now)


async def get_for_review(
    session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime, lock: bool = True
) -> Visit:
    """A visit on which the actor may decide; locked, nobody else decides before this transaction ends.

    Raises `NotFound`, `Forbidden` for other roles, `OwnVisit` for somebody of its crew, `SecondMarker` for who marked
    it again.
    """
    await visits.get_visit(session, actor, visit_id, now=now)
    actor.require(*REVIEWERS)
    if any(
        member.person_id == actor.person_id
        for member in (await visits.crews_of(session, [visit_id]))[visit_id]
    ):
        raise OwnVisit("You were part of the crew: somebody else has to decide on this visit.")
    if await has_marked(session, actor.person_id, visit_id):
        raise SecondMarker("You marked it a second time: somebody else has to decide on this visit.")
    return await visits.get_visit(session, as_reviewer(actor), visit_id, now=now, lock=lock)


async def verdicts_on(session: AsyncSession, revision: AnswersRevision) -> dict[str, VetoVerdict]:
    """The latest verdict on each item of these answers."""
    rows = await session.scalars(
        sa.select(VetoVerdict)
        .where(VetoVerdict.answers_revision_id == revision.id)
        .order_by(VetoVerdict.decided_at, VetoVerdict.id)
    )
    return {row.item_code: row for row in rows}


async def send_backs_of(session: AsyncSession, visit: Visit) -> Sequence[SendBack]:
    """Newest first."""
    rows = await session.scalars(
        sa.select(SendBack)
        .where(SendBack.visit_id == visit.id)
        .order_by(SendBack.sent_at.desc(), SendBack.id.desc())
    )
    return rows.all()


async def items_of(session: AsyncSession, send_backs: Sequence[SendBack]) -> dict[UUID, list[SendBackItem]]:
    """What each of them names."""
    rows = await session.scalars(
        sa.select(SendBackItem)
        .where(SendBackItem.send_back_id.in_([one.id for one in send_backs]))
        .order_by(SendBackItem.item_code)
    )
    found: dict[UUID, list[SendBackItem]] = {one.id: [] for one in send_backs}
    for row in rows:
        found[row.send_back_id].append(row)
    return found


async def get_approval(session: AsyncSession, visit: Visit) -> Approval:
    """The latest approval of a visit that is approved or further."""
    latest = (
        sa.select(Approval)
        .where(Approval.visit_id == visit.id)
        .order_by(Approval.approved_at.desc(), Approval.id.desc())
        .limit(1)
    )
    return (await session.scalars(latest)).one()


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who decided what in the review of a visit: none of them decides on its appeal (D8.4)."""

    approvers: frozenset[UUID]
    veto_judges: frozenset[UUID]
    markers: frozenset[UUID]


async def deciders_on(session: AsyncSession, visit_id: UUID) -> Deciders:
    approvers = await session.scalars(sa.select(Approval.approved_by).where(Approval.visit_id == visit_id))
    judges = await session.scalars(sa.select(VetoVerdict.decided_by).where(VetoVerdict.visit_id == visit_id))
    markers = await session.scalars(
        sa.select(SecondMarking.marker_id).where(SecondMarking.visit_id == visit_id)
    )
    return Deciders(frozenset(approvers), frozenset(judges), frozenset(markers))


def as_reviewer(actor: Actor) -> Actor:
    """The same person without the roles that let one see a visit but not decide on it."""
    return actor.without(Role.INSPECTOR, Role.AUDITOR, Role.OUTLET_MANAGER)
