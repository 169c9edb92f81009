"""Every SELECT over outlets, regions and duties. Public ones take the actor first.

Who sees which outlet (D10.6): admins all; supervisors and reviewers those in their regions; managers their own;
auditors what an unexpired grant names. Inspectors none: they see outlets through their own visits only (D6.6).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.identity.actor import Actor, Role
from app.kit.batches import batched, rows_by_id
from app.kit.orm import NotSoughtBy
from app.kit.paging import Key, PageRequest, Slice, paginate
from app.kit.problems import NotFound
from app.outlets.models import AuditorGrant, Outlet, OutletClosure, OutletDuty
from app.outlets.queries_duties import grants_of, names_nothing, regions_of_duty
from app.outlets.queries_regions import REGIONAL, below
from app.outlets.rules import OutletFilter


def visible_to(actor: Actor, *, now: datetime) -> sa.Select[Outlet]:
    return sa.select(Outlet).where(
        Outlet.organisation_id == actor.organisation_id, in_reach_of(actor, Outlet.id, now=now)
    )


def in_organisation_of(actor: Actor, organisation_id: InstrumentedAttribute[UUID]) -> sa.ColumnElement[bool]:
    """The condition before all others. For whoever sees a few rows of an organisation it is no way to find them."""
    if actor.has(Role.ADMIN, Role.AUDITOR, *REGIONAL):
        return organisation_id == actor.organisation_id
    return NotSoughtBy(organisation_id) == actor.organisation_id


def in_reach_of(
    actor: Actor,
    outlet_id: sa.ColumnElement[UUID] | InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None],
    *,
    now: datetime,
) -> sa.ColumnElement[bool]:
    """A condition on any column that holds an outlet's id. The caller still filters by organisation."""
    if actor.has(Role.ADMIN):
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = []
    if actor.has(*REGIONAL):
        ways.append(outlet_id.in_(_outlets_in(regions_of_duty(actor))))
    if actor.has(Role.OUTLET_MANAGER):
        ways.append(outlet_id.in_(outlets_of_manager(actor)))
    if actor.has(Role.AUDITOR):
        ways.append(outlet_id.in_(_granted_outlets(actor, now)))
    # No "false OR …" around a single way: planners do not see the index behind it.
    return sa.or_(*ways) if ways else sa.false()


def outlets_of_manager(actor: Actor) -> sa.Select[UUID]:
    """Ids of the outlets whose manager the actor is."""
    return sa.select(OutletDuty.outlet_id).where(OutletDuty.person_id == actor.person_id)


async def is_in_reach(session: AsyncSession, actor: Actor, outlet_id: UUID, *, now: datetime) -> bool:
    """Whether the outlet is in the actor's charge, in the roles the actor has here."""
    mine = visible_to(actor, now=now).where(Outlet.id == outlet_id)
    return await session.scalar(mine.with_only_columns(Outlet.id)) is not None


async def get_outlet(session: AsyncSession, actor: Actor, outlet_id: UUID, *, now: datetime) -> Outlet:
    outlet = await session.scalar(visible_to(actor, now=now).where(Outlet.id == outlet_id))
    if outlet is None:
        raise NotFound("There is no outlet with this id among those you may see.")
    return outlet


async def outlets_among(
    session: AsyncSession, actor: Actor, outlet_ids: Collection[UUID], *, now: datetime
) -> list[Outlet]:
    """Those of the outlets that the actor may see."""
    found: list[Outlet] = []
    for some in batched(outlet_ids):
        found += await session.scalars(visible_to(actor, now=now).where(Outlet.id.in_(some)))
    return found


async def outlets_by_id(session: AsyncSession, outlet_ids: Collection[UUID]) -> dict[UUID, Outlet]:
    """For those who came upon them among what they may see."""
    return await rows_by_id(session, Outlet, outlet_ids)


async def list_outlets(
    session: AsyncSession, actor: Actor, paging: PageRequest, *, wanted: OutletFilter, now: datetime
) -> Slice[Outlet]:
    """In order of their codes."""
    rows = _narrow(visible_to(actor, now=now), wanted)
    return await paginate(session, rows, paging, by=[Key(Outlet.code), Key(Outlet.id)])


async def current_outlet(session: AsyncSession, outlet_id: UUID) -> Outlet:
    """The outlet in which this one goes on, itself if it has no successor (D5.6)."""
    line = sa.select(Outlet.id, Outlet.successor_id).where(Outlet.id == outlet_id).cte("line", recursive=True)
    line = line.union(sa.select(Outlet.id, Outlet.successor_id).join(line, Outlet.id == line.c.successor_id))
    last = sa.select(line.c.id).where(line.c.successor_id.is_(None))
    return (await session.scalars(sa.select(Outlet).where(Outlet.id.in_(last)))).one()


def line_of(outlet_id: UUID) -> sa.Select[UUID]:
    """Ids of a current outlet and of all that went on in it: whose visits count at it (D5.6)."""
    line = sa.select(Outlet.id).where(Outlet.id == outlet_id).cte("line", recursive=True)
    line = line.union(sa.select(Outlet.id).join(line, Outlet.successor_id == line.c.id))
    return sa.select(line.c.id)


async def lock_outlets(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Nobody else changes these until the transaction ends (SQLite has one writer anyway)."""
    await session.execute(
        sa.select(Outlet.id).where(Outlet.id.in_(ids)).order_by(Outlet.id).with_for_update()
    )


async def find_outlet_anywhere(session: AsyncSession, outlet_id: UUID) -> Outlet | None:
    """For a create under a client-made id only: says whether the id is taken, by whomever."""
    return await session.get(Outlet, outlet_id)


async def outlets_by_code(session: AsyncSession, organisation_id: UUID) -> dict[str, Outlet]:
    rows = await session.scalars(sa.select(Outlet).where(Outlet.organisation_id == organisation_id))
    return {row.code: row for row in rows}


async def closures_of(session: AsyncSession, outlet_id: UUID) -> Sequence[OutletClosure]:
    rows = await session.scalars(
        sa.select(OutletClosure)
        .where(OutletClosure.outlet_id == outlet_id)
        .order_by(OutletClosure.starts_on, OutletClosure.ends_on)
    )
    return rows.all()


async def closures_by_outlet(
    session: AsyncSession, outlet_ids: Sequence[UUID]
) -> dict[UUID, list[OutletClosure]]:
    """In order of their days; outlets without closures are not in it."""
    found: dict[UUID, list[OutletClosure]] = {}
    for some in batched(outlet_ids):
        rows = await session.scalars(
            sa.select(OutletClosure)
            .where(OutletClosure.outlet_id.in_(some))
            .order_by(OutletClosure.outlet_id, OutletClosure.starts_on, OutletClosure.ends_on)
        )
        for row in rows:
            found.setdefault(row.outlet_id, []).append(row)
    return found


async def get_closure(session: AsyncSession, outlet: Outlet, closure_id: UUID) -> OutletClosure:
    closure = await session.scalar(
        sa.select(OutletClosure).where(OutletClosure.outlet_id == outlet.id, OutletClosure.id == closure_id)
    )
    if closure is None:
        raise NotFound("There is no closure with this id at this outlet.")
    return closure


def _narrow(rows: sa.Select[Outlet], wanted: OutletFilter) -> sa.Select[Outlet]:
    if wanted.region_id is not None:
        rows = rows.where(Outlet.region_id.in_(below(sa.select(sa.literal(wanted.region_id, sa.Uuid())))))
    if wanted.tier is not None:
        rows = rows.where(Outlet.tier == wanted.tier)
    if wanted.ownership is not None:
        rows = rows.where(Outlet.ownership == wanted.ownership)
    if wanted.active is not None:
        rows = rows.where(Outlet.active == wanted.active)
    if wanted.text is not None:
        columns = (Outlet.code, Outlet.name_zh, Outlet.name_en, Outlet.address)
        rows = rows.where(sa.or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return rows


def _outlets_in(regions: sa.Select[UUID] | sa.Select[UUID | None]) -> sa.Select[UUID]:
    return sa.select(Outlet.id).where(Outlet.region_id.in_(below(regions)))


def _granted_outlets(actor: Actor, now: datetime) -> sa.CompoundSelect[UUID]:
    grants = grants_of(actor, now)
    whole = sa.select(Outlet.id).where(
        Outlet.organisation_id == actor.organisation_id, grants.where(names_nothing()).exists()
    )
    single = grants.where(AuditorGrant.outlet_id.is_not(None)).with_only_columns(AuditorGrant.outlet_id)
    return _outlets_in(grants.with_only_columns(AuditorGrant.region_id)).union(single, whole)
