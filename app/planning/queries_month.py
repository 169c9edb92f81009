"""Every SELECT that a month is built from. They come after somebody was allowed to plan the region."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists.models import ChecklistVersion
from app.identity.actor import Actor, Role
from app.outlets import queries as outlets
from app.outlets.models import Outlet, Region, RegionAncestor
from app.outlets.queries_regions import below
from app.planning.models import DemandOverride, PlanningSettings
from app.planning.queries_supply import PLANNERS
from app.rotation.models import CovertBar, Exposure
from app.rotation.parts import brand_of
from app.visits.models import CrewMember, Visit
from app.visits.rules import DayPart, State

NOT_MADE = (State.CANCELLED, State.EXPIRED, State.DECLINED, State.ABORTED, State.VOID)


@dataclass(frozen=True, slots=True)
class Counted:
    """A date that counts against somebody (D5.6)."""

    inspector_id: UUID
    outlet_id: UUID
    on: date
    brand: str | None  # that it was kept under, where rotation was by brand (D5.7)
    visit_id: UUID | None
    day_part: DayPart | None  # of an imported date nobody knows it


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit as the outlet's people saw it, or will: its local date, and when it began as far as that is known."""

    outlet_id: UUID
    on: date
    day_part: DayPart
    entered_at: datetime | None
    time_zone: str


async def find_settings(session: AsyncSession, programme_id: UUID) -> PlanningSettings | None:
    return await session.get(PlanningSettings, programme_id)


async def overrides_of(session: AsyncSession, programme_id: UUID, month: str) -> Sequence[DemandOverride]:
    rows = await session.scalars(
        sa.select(DemandOverride)
        .where(DemandOverride.programme_id == programme_id, DemandOverride.month == month)
        .order_by(DemandOverride.outlet_id)
    )
    return rows.all()


def active_outlets_visible_to(actor: Actor, *, region_id: UUID | None, now: datetime) -> sa.Select[Outlet]:
    """Those a planner may plan for, in a region and all below, or all of them."""
    rows = outlets.visible_to(actor.without(Role.OUTLET_MANAGER), now=now).where(Outlet.active)
    if region_id is None:
        return rows
    return rows.where(Outlet.region_id.in_(below(sa.select(sa.literal(region_id, sa.Uuid())))))


async def outlets_in_reach(session: AsyncSession, actor: Actor, *, now: datetime) -> set[UUID]:
    """Ids of the outlets a planner may plan for (D10.6)."""
    desk = actor.without(Role.OUTLET_MANAGER)
    return set(await session.scalars(outlets.visible_to(desk, now=now).with_only_columns(Outlet.id)))


def overrides_visible_to(
    actor: Actor, programme_id: UUID, month: str, *, now: datetime
) -> sa.Select[DemandOverride]:
    actor.require(*PLANNERS)
    desk = actor.without(Role.OUTLET_MANAGER)
    return sa.select(DemandOverride).where(
        DemandOverride.organisation_id == actor.organisation_id,
        DemandOverride.programme_id == programme_id,
        DemandOverride.month == month,
        outlets.in_reach_of(desk, DemandOverride.outlet_id, now=now),
    )


async def find_newest_version(
    session: AsyncSession, organisation_id: UUID, code: str
) -> ChecklistVersion | None:
    return await session.scalar(
        sa.select(ChecklistVersion)
        .where(ChecklistVersion.organisation_id == organisation_id, ChecklistVersion.code == code)
        .order_by(ChecklistVersion.number.desc())
        .limit(1)
    )


async def outlets_to_plan(
    session: AsyncSession, organisation_id: UUID, region_id: UUID | None
) -> Sequence[Outlet]:
    """Active ones in the region or anywhere below, by code."""
    rows = sa.select(Outlet).where(Outlet.organisation_id == organisation_id, Outlet.active)
    if region_id is not None:
        rows = rows.where(Outlet.region_id.in_(below(sa.select(sa.literal(region_id, sa.Uuid())))))
    return (await session.scalars(rows.order_by(Outlet.code))).all()


async def brands(session: AsyncSession, organisation_id: UUID) -> dict[UUID, str]:
    """Of the outlets that have one, active or not (D5.7)."""
    rows = await session.execute(
        sa.select(Outlet.id, Outlet.brand).where(
            Outlet.organisation_id == organisation_id, Outlet.brand.is_not(None)
        )
    )
    return {row.id: row.brand for row in rows}


async def jurisdictions(session: AsyncSession, organisation_id: UUID) -> dict[UUID, str]:
    rows = await session.execute(
        sa.select(Region.id, Region.jurisdiction).where(Region.organisation_id == organisation_id)
    )
    return {row.id: row.jurisdiction for row in rows}


async def central_regions(session: AsyncSession, organisation_id: UUID) -> set[UUID]:
    """Central cities and all within them."""
    rows = await session.scalars(
        sa.select(RegionAncestor.region_id)
        .join(Region, Region.id == RegionAncestor.ancestor_id)
        .where(Region.organisation_id == organisation_id, Region.central_city)
    )
    return set(rows)


async def subtrees(session: AsyncSession, organisation_id: UUID) -> dict[UUID, list[UUID]]:
    """Region → itself and all below."""
    rows = await session.execute(
        sa.select(RegionAncestor.ancestor_id, RegionAncestor.region_id)
        .join(Region, Region.id == RegionAncestor.region_id)
        .where(Region.organisation_id == organisation_id)
        .order_by(RegionAncestor.ancestor_id, RegionAncestor.region_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row.ancestor_id, []).append(row.region_id)
    return found


async def counted_since(session: AsyncSession, organisation_id: UUID, since: date) -> list[Counted]:
    """History and reservations from `since` on, into the future (D5.4)."""
    rows = await session.execute(
        sa.select(
            Exposure.inspector_id,
            Exposure.outlet_id,
            Exposure.place,
            Exposure.visited_on,
            Exposure.visit_id,
            Visit.day_part,
        )
        .join(Visit, Visit.id == Exposure.visit_id, isouter=True)
        .where(Exposure.organisation_id == organisation_id, Exposure.counts, Exposure.visited_on >= since)
        .order_by(Exposure.visited_on, Exposure.id)
    )
    return [
        Counted(
            row.inspector_id,
            row.outlet_id,
            row.visited_on,
            brand_of(row.place),
            row.visit_id,
            row.day_part,
        )
        for row in rows
    ]


async def seen_between(session: AsyncSession, organisation_id: UUID, first: date, last: date) -> list[Seen]:
    """Visits of all programmes, by whomever. Imported dates are not among them: nobody knows their hour."""
    on = sa.func.coalesce(Visit.entered_on, Visit.planned_on)
    rows = await session.execute(
        sa.select(Visit.outlet_id, on.label("on"), Visit.day_part, Visit.entered_at, Outlet.time_zone)
        .join(Outlet, Outlet.id == Visit.outlet_id)
        .where(
            Visit.organisation_id == organisation_id,
            Visit.planned_on.between(first, last),
            sa.or_(Visit.entered_at.is_not(None), Visit.state.not_in(NOT_MADE)),
        )
        .order_by(on, Visit.id)
    )
    return [Seen(row.outlet_id, row.on, row.day_part, row.entered_at, row.time_zone) for row in rows]


async def bars_in_force(session: AsyncSession, organisation_id: UUID, on: date) -> Sequence[CovertBar]:
    rows = await session.scalars(
        sa.select(CovertBar).where(
            CovertBar.organisation_id == organisation_id,
            sa.or_(CovertBar.until.is_(None), CovertBar.until >= on),
        )
    )
    return rows.all()


async def visits_between(
    session: AsyncSession, organisation_id: UUID, first: date, last: date
) -> Sequence[Visit]:
    """Of all programmes: planned, going on or made, in a fixed order."""
    rows = await session.scalars(
        sa.select(Visit)
        .where(
            Visit.organisation_id == organisation_id,
            Visit.planned_on.between(first, last),
            Visit.state.not_in(NOT_MADE),
        )
        .order_by(Visit.planned_on, Visit.id)
    )
    return rows.all()


async def states_between(
    session: AsyncSession, programme_id: UUID, first: date, last: date
) -> Sequence[tuple[UUID, State, int]]:
    """How many visits of a programme each outlet has in each state, those that were not made aside."""
    rows = await session.execute(
        sa.select(Visit.outlet_id, Visit.state, sa.func.count())
        .where(
            Visit.programme_id == programme_id,
            Visit.planned_on.between(first, last),
            Visit.state.not_in(NOT_MADE),
        )
        .group_by(Visit.outlet_id, Visit.state)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def crew_between(
    session: AsyncSession, organisation_id: UUID, first: date, last: date
) -> Sequence[CrewMember]:
    """The crews of `visits_between`, backups too, lead first."""
    rows = await session.scalars(
        sa.select(CrewMember)
        .join(Visit, Visit.id == CrewMember.visit_id)
        .where(
            Visit.organisation_id == organisation_id,
            Visit.planned_on.between(first, last),
            Visit.state.not_in(NOT_MADE),
        )
        .order_by(CrewMember.visit_id, CrewMember.role.desc(), CrewMember.person_id)
    )
    return rows.all()


async def crew_ids_of(session: AsyncSession, visit_id: UUID) -> list[UUID]:
    return list(await session.scalars(sa.select(CrewMember.person_id).where(CrewMember.visit_id == visit_id)))


async def tiers_by_outlet(session: AsyncSession, outlet_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = await session.execute(sa.select(Outlet.id, Outlet.tier).where(Outlet.id.in_(outlet_ids)))
    return {row.id: row.tier for row in rows}
