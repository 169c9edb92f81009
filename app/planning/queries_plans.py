"""Every SELECT over plans. Planners see those of their regions; nobody else sees any (D6.6)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.kit.problems import NotFound
from app.outlets.queries_duties import regions_of_duty
from app.outlets.queries_regions import below
from app.planning.models import (
    Plan,
    PlanInstance,
    PlannedVisit,
    PlanProgress,
    PlanRoute,
    PlanState,
    UnservedVisit,
)
from app.planning.queries_supply import PLANNERS
from app.visits import queries as visits
from app.visits.models import CrewMember, Visit


def visible_to(actor: Actor) -> sa.Select[Plan]:
    """A plan of the whole programme is for admins: it tells of every region (D10.6)."""
    actor.require(*PLANNERS)
    rows = sa.select(Plan).where(Plan.organisation_id == actor.organisation_id)
    return rows if actor.has(Role.ADMIN) else rows.where(Plan.region_id.in_(below(regions_of_duty(actor))))


def narrowed(
    rows: sa.Select[Plan], *, programme_id: UUID | None, month: str | None, state: PlanState | None
) -> sa.Select[Plan]:
    """Fewer of `rows`; what is null does not narrow."""
    if programme_id is not None:
        rows = rows.where(Plan.programme_id == programme_id)
    if month is not None:
        rows = rows.where(Plan.month == month)
    return rows if state is None else rows.where(Plan.state == state)


async def get_plan(session: AsyncSession, actor: Actor, plan_id: UUID, *, lock: bool = False) -> Plan:
    """With `lock`, nobody else changes it before this transaction ends."""
    statement = visible_to(actor).where(Plan.id == plan_id)
    plan = await session.scalar(statement.with_for_update() if lock else statement)
    if plan is None:
        raise NotFound("There is no plan with this id among those you may see.")
    return plan


async def find_any(session: AsyncSession, plan_id: UUID) -> Plan | None:
    """Whatever plan has this id; for making a new one under it."""
    return await session.get(Plan, plan_id)


async def get_for_job(session: AsyncSession, plan_id: UUID) -> Plan:
    """The plan a job was told to work on, locked."""
    return (await session.execute(sa.select(Plan).where(Plan.id == plan_id).with_for_update())).scalar_one()


async def progress_of(session: AsyncSession, plan_ids: Sequence[UUID]) -> dict[UUID, PlanProgress]:
    rows = await session.scalars(sa.select(PlanProgress).where(PlanProgress.plan_id.in_(plan_ids)))
    return {row.plan_id: row for row in rows}


def tell_progress(
    plan_id: UUID, *, seconds: float, iterations: int, cost: float, unserved: int, now: datetime
) -> sa.Update:
    """The statement that says how far the search is."""
    return (
        sa.update(PlanProgress)
        .where(PlanProgress.plan_id == plan_id)
        .values(seconds=seconds, iterations=iterations, cost=cost, unserved=unserved, told_at=now)
    )


async def goes_on(session: AsyncSession, plan_id: UUID) -> bool:
    """Whether the search is still wanted."""
    found = sa.select(Plan.id).where(
        Plan.id == plan_id,
        Plan.state.in_([PlanState.SOLVING, PlanState.PUBLISHING]),
        Plan.stop_requested.is_(False),
    )
    return await session.scalar(found) is not None


def visits_of(plan: Plan) -> sa.Select[PlannedVisit]:
    return sa.select(PlannedVisit).where(PlannedVisit.plan_id == plan.id)


def visits_on(plan: Plan, *, on: date | None, outlet_id: UUID | None) -> sa.Select[PlannedVisit]:
    rows = visits_of(plan)
    if on is not None:
        rows = rows.where(PlannedVisit.planned_on == on)
    return rows if outlet_id is None else rows.where(PlannedVisit.outlet_id == outlet_id)


def unserved_of(plan: Plan) -> sa.Select[UnservedVisit]:
    return sa.select(UnservedVisit).where(UnservedVisit.plan_id == plan.id)


def routes_of(
    plan: Plan, *, on: date | None = None, inspector_id: UUID | None = None
) -> sa.Select[PlanRoute]:
    rows = sa.select(PlanRoute).where(PlanRoute.plan_id == plan.id)
    if on is not None:
        rows = rows.where(PlanRoute.route_on == on)
    return rows if inspector_id is None else rows.where(PlanRoute.inspector_id == inspector_id)


async def all_visits(session: AsyncSession, plan: Plan) -> Sequence[PlannedVisit]:
    return (await session.scalars(visits_of(plan).order_by(PlannedVisit.name))).all()


async def all_unserved(session: AsyncSession, plan: Plan) -> Sequence[UnservedVisit]:
    return (await session.scalars(unserved_of(plan).order_by(UnservedVisit.name))).all()


async def all_routes(session: AsyncSession, plan: Plan) -> Sequence[PlanRoute]:
    rows = routes_of(plan).order_by(PlanRoute.route_on, PlanRoute.inspector_id)
    return (await session.scalars(rows)).all()


async def find_instance(session: AsyncSession, plan: Plan) -> PlanInstance | None:
    return await session.get(PlanInstance, plan.id)


def forget_content(plan: Plan) -> list[sa.Delete]:
    """The statements that leave nothing of a plan but its head."""
    return [
        sa.delete(PlannedVisit).where(PlannedVisit.plan_id == plan.id),
        sa.delete(UnservedVisit).where(UnservedVisit.plan_id == plan.id),
        sa.delete(PlanRoute).where(PlanRoute.plan_id == plan.id),
        sa.delete(PlanInstance).where(PlanInstance.plan_id == plan.id),
    ]


def own_stops(actor: Actor, *, now: datetime) -> sa.Select[PlannedVisit]:
    """An inspector's own published visits, only so far ahead (D6.6), and only as they were planned."""
    mine = sa.select(CrewMember.visit_id).where(CrewMember.person_id == actor.person_id)
    near = visits.visible_to(actor, now=now).where(Visit.id.in_(mine))
    return (
        sa.select(PlannedVisit)
        .join(Plan, Plan.id == PlannedVisit.plan_id)
        .join(Visit, Visit.id == PlannedVisit.visit_id)
        .where(
            Plan.organisation_id == actor.organisation_id,
            Plan.state == PlanState.PUBLISHED,
            Visit.id.in_(near.with_only_columns(Visit.id)),
            Visit.planned_on == PlannedVisit.planned_on,
        )
        .order_by(PlannedVisit.planned_on, PlannedVisit.arrives_minute, PlannedVisit.name)
    )
