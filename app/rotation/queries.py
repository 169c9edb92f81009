"""Every SELECT over exposures, waivers and bars."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.identity.models import Person, PersonRole
from app.kit.batches import batched
from app.kit.problems import NotFound
from app.outlets import queries as outlets
from app.outlets.models import Outlet
from app.rotation.models import CovertBar, Exposure, Waiver

PLANNERS = (Role.ADMIN, Role.SUPERVISOR)


async def is_active_inspector(session: AsyncSession, organisation_id: UUID, person_id: UUID) -> bool:
    found = await session.scalar(
        sa.select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            Person.id == person_id,
            Person.organisation_id == organisation_id,
            Person.active,
            PersonRole.role == Role.INSPECTOR,
        )
    )
    return found is not None


async def active_inspectors(
    session: AsyncSession, organisation_ids: Collection[UUID], person_ids: Collection[UUID]
) -> set[UUID]:
    """Those among the people who may be sent anywhere."""
    rows = await session.scalars(
        sa.select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.organisation_id.in_(organisation_ids), Person.active, PersonRole.role == Role.INSPECTOR)
    )
    return set(rows) & set(person_ids)


async def inspectors_by_email(session: AsyncSession, organisation_id: UUID) -> dict[str, UUID]:
    """All who hold the role, active or not: who left may come back, and then the past counts (D5.6)."""
    rows = await session.execute(
        sa.select(Person.email, Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.organisation_id == organisation_id, PersonRole.role == Role.INSPECTOR)
    )
    return {row.email: row.id for row in rows}


async def with_predecessors(session: AsyncSession, outlet_id: UUID) -> list[UUID]:
    """The outlet and every one that was moved, merged or renamed into it (D5.6)."""
    return list(await session.scalars(outlets.line_of(outlet_id)))


async def succeeded(session: AsyncSession, outlet_ids: Collection[UUID]) -> set[UUID]:
    """Those among the outlets into which another one went (D5.6)."""
    found: set[UUID] = set()
    for some in batched(outlet_ids):
        rows = await session.scalars(sa.select(Outlet.successor_id).where(Outlet.successor_id.in_(some)))
        found |= {row for row in rows if row is not None}
    return found


async def successions(session: AsyncSession, organisation_id: UUID) -> dict[UUID, UUID]:
    """Outlet → the one in which it went on (D5.6)."""
    rows = await session.execute(
        sa.select(Outlet.id, Outlet.successor_id).where(
            Outlet.organisation_id == organisation_id, Outlet.successor_id.is_not(None)
        )
    )
    return {row.id: row.successor_id for row in rows}


async def brands(session: AsyncSession, organisation_ids: Collection[UUID]) -> dict[UUID, str]:
    """Outlet → its brand; those without one are not in it."""
    rows = await session.execute(
        sa.select(Outlet.id, Outlet.brand).where(
            Outlet.organisation_id.in_(organisation_ids), Outlet.brand.is_not(None)
        )
    )
    return {row.id: row.brand for row in rows if row.brand}


async def counted(session: AsyncSession, inspector_id: UUID, places: Sequence[str]) -> Sequence[Exposure]:
    """What counts against an inspector at these places, history and reservations, in order of date (D5.4)."""
    rows = await session.scalars(
        sa.select(Exposure)
        .where(Exposure.inspector_id == inspector_id, Exposure.place.in_(places), Exposure.counts)
        .order_by(Exposure.visited_on, Exposure.created_at, Exposure.id)
    )
    return rows.all()


async def counted_of(session: AsyncSession, inspector_ids: Collection[UUID]) -> list[Exposure]:
    """All that counts against these people anywhere, in order of date."""
    found: list[Exposure] = []
    for some in batched(inspector_ids):
        rows = await session.scalars(
            sa.select(Exposure)
            .where(Exposure.inspector_id.in_(some), Exposure.counts)
            .order_by(Exposure.visited_on, Exposure.created_at, Exposure.id)
        )
        found += rows
    return found


async def strayed(session: AsyncSession, outlet_ids: Sequence[UUID], place: str) -> Sequence[Exposure]:
    """Counted exposures of these outlets that are not yet kept under `place`."""
    rows = await session.scalars(
        sa.select(Exposure)
        .where(Exposure.outlet_id.in_(outlet_ids), Exposure.place != place, Exposure.counts)
        .order_by(Exposure.inspector_id, Exposure.visited_on)
    )
    return rows.all()


async def find_exposure(session: AsyncSession, visit_id: UUID, inspector_id: UUID) -> Exposure | None:
    """The counting exposure of a person's part in a visit."""
    return await session.scalar(
        sa.select(Exposure).where(
            Exposure.visit_id == visit_id, Exposure.inspector_id == inspector_id, Exposure.counts
        )
    )


async def exposures_of_visit(session: AsyncSession, visit_id: UUID) -> Sequence[Exposure]:
    rows = await session.scalars(sa.select(Exposure).where(Exposure.visit_id == visit_id, Exposure.counts))
    return rows.all()


async def find_unused_waiver(
    session: AsyncSession, inspector_id: UUID, place: str, visit_on: date
) -> Waiver | None:
    used = sa.select(Exposure.id).where(Exposure.waiver_id == Waiver.id)
    return await session.scalar(
        sa.select(Waiver)
        .where(
            Waiver.inspector_id == inspector_id,
            Waiver.place == place,
            Waiver.visit_on == visit_on,
            ~used.exists(),
        )
        .order_by(Waiver.granted_at)
        .limit(1)
    )


async def bars(
    session: AsyncSession, inspector_id: UUID, outlet_ids: Sequence[UUID], on: date
) -> Sequence[CovertBar]:
    """What keeps an inspector from covert visits on that date."""
    rows = await session.scalars(
        sa.select(CovertBar)
        .where(
            CovertBar.inspector_id == inspector_id,
            CovertBar.outlet_id.in_(outlet_ids),
            CovertBar.since <= on,
            sa.or_(CovertBar.until.is_(None), CovertBar.until >= on),
        )
        .order_by(CovertBar.since)
    )
    return rows.all()


async def bars_of(session: AsyncSession, inspector_ids: Collection[UUID]) -> list[CovertBar]:
    """Every outlet that knows, or knew, one of these people."""
    found: list[CovertBar] = []
    for some in batched(inspector_ids):
        found += await session.scalars(sa.select(CovertBar).where(CovertBar.inspector_id.in_(some)))
    return found


def waivers_visible_to(actor: Actor, *, now: datetime) -> sa.Select[Waiver]:
    actor.require(*PLANNERS, Role.AUDITOR)
    desk = actor.without(Role.OUTLET_MANAGER)
    return sa.select(Waiver).where(
        Waiver.organisation_id == actor.organisation_id, outlets.in_reach_of(desk, Waiver.outlet_id, now=now)
    )


def exposures_visible_to(actor: Actor, *, now: datetime) -> sa.Select[Exposure]:
    """Planners see their region's, an inspector the own ones; nobody of the outlet's side sees any (D10.1)."""
    rows = sa.select(Exposure).where(Exposure.organisation_id == actor.organisation_id)
    if actor.has(*PLANNERS, Role.AUDITOR):
        desk = actor.without(Role.OUTLET_MANAGER)
        return rows.where(outlets.in_reach_of(desk, Exposure.outlet_id, now=now))
    actor.require(Role.INSPECTOR)
    return rows.where(Exposure.inspector_id == actor.person_id)


async def get_visited_outlet(session: AsyncSession, actor: Actor, outlet_id: UUID) -> None:
    """Raises `NotFound` unless the actor was, or will be, at this outlet: nobody else's is there for an inspector."""
    own = sa.select(Exposure.id).where(
        Exposure.organisation_id == actor.organisation_id,
        Exposure.inspector_id == actor.person_id,
        Exposure.outlet_id == outlet_id,
    )
    if await session.scalar(own.limit(1)) is None:
        raise NotFound("There is no outlet with this id among those you were at.")
