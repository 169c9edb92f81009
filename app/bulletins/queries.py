"""Every SELECT over bulletins. Public ones take the actor first.

Who sees what lies in one sees it: an outlet's those in whose charge the outlet is; a region's those of the desk in whose
charge the region is with everything below; the network's those in whose charge every region is. Inspectors see none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.bulletins.models import Bulletin, BulletinFile
from app.bulletins.rules import Cadence, Scope
from app.bulletins.schemas import BulletinFilter
from app.cases.models_actions import Action
from app.identity.actor import Actor
from app.identity.models import Organisation
from app.insight.models import VisitScore
from app.insight.queries import DESK, READERS, Asked, Group, at_desk, regions_of, told
from app.kit.problems import NotFound
from app.outlets import queries as outlets
from app.outlets import queries_regions as regions
from app.outlets.models import Outlet, OutletDuty, Region, RegionAncestor
from app.programmes.models import Programme
from app.programmes.rules import Ownership
from app.visits.rules import Kind


@dataclass(frozen=True, slots=True)
class Series:
    """Of what there may be several editions: the network's, unless it names a region or an outlet."""

    programme: Programme
    kind: Kind
    cadence: Cadence
    first_on: date
    last_on: date
    region_id: UUID | None = None
    outlet_id: UUID | None = None

    @property
    def scope(self) -> Scope:
        if self.region_id is not None:
            return Scope.REGION
        return Scope.NETWORK if self.outlet_id is None else Scope.OUTLET

    @property
    def subject_id(self) -> UUID:
        return self.region_id or self.outlet_id or self.programme.organisation_id


def visible_to(actor: Actor, *, now: datetime) -> sa.Select[Bulletin]:
    rows = sa.select(Bulletin).where(Bulletin.organisation_id == actor.organisation_id)
    if not actor.has(*READERS):
        return rows.where(sa.false())
    ways = [sa.and_(Bulletin.scope == Scope.OUTLET, outlets.in_reach_of(actor, Bulletin.outlet_id, now=now))]
    if actor.has(*DESK):
        mine = regions.visible_regions(at_desk(actor), now=now).with_only_columns(Region.id)
        ways.append(Bulletin.region_id.in_(mine))
        ways.append(sa.and_(Bulletin.scope == Scope.NETWORK, ~_regions_beyond(actor, now).exists()))
    return rows.where(sa.or_(*ways))


async def sees_all_regions(session: AsyncSession, actor: Actor, *, now: datetime) -> bool:
    """Whether the network's figures are for the actor."""
    return not await session.scalar(sa.select(_regions_beyond(actor, now).exists()))


async def get_bulletin(session: AsyncSession, actor: Actor, bulletin_id: UUID, *, now: datetime) -> Bulletin:
    row = await session.scalar(visible_to(actor, now=now).where(Bulletin.id == bulletin_id))
    if row is None:
        raise NotFound("There is no bulletin with this id among those you may see.")
    return row


def narrowed(rows: sa.Select[Bulletin], wanted: BulletinFilter) -> sa.Select[Bulletin]:
    """Fewer of `rows`; what is null does not narrow."""
    for name in ("programme_id", "kind", "cadence", "scope", "region_id", "outlet_id"):
        value = getattr(wanted, name)
        if value is not None:
            rows = rows.where(getattr(Bulletin, name) == value)
    return rows


async def files_of(session: AsyncSession, bulletin_ids: Collection[UUID]) -> dict[UUID, list[BulletinFile]]:
    """In the order of languages and formats."""
    rows = await session.scalars(
        sa.select(BulletinFile)
        .where(BulletinFile.bulletin_id.in_(bulletin_ids))
        .order_by(BulletinFile.bulletin_id, BulletinFile.language, BulletinFile.format)
    )
    found: dict[UUID, list[BulletinFile]] = {}
    for row in rows:
        found.setdefault(row.bulletin_id, []).append(row)
    return found


async def followed(session: AsyncSession, bulletins: Sequence[Bulletin]) -> dict[UUID, int]:
    """The numbers of the editions that some follow, by their ids."""
    ids = {row.follows_id for row in bulletins if row.follows_id is not None}
    rows = await session.execute(sa.select(Bulletin.id, Bulletin.edition).where(Bulletin.id.in_(ids)))
    return {row.id: row.edition for row in rows}


async def subjects_of(session: AsyncSession, bulletins: Sequence[Bulletin]) -> dict[UUID, Region | Outlet]:
    """For those who may see the bulletins; the network's have none."""
    region_ids = {row.region_id for row in bulletins if row.region_id is not None}
    outlet_ids = {row.outlet_id for row in bulletins if row.outlet_id is not None}
    found = {row.id: row for row in await regions_of(session, region_ids)}
    return {**found, **await outlets.outlets_by_id(session, outlet_ids)}


async def find_anywhere(session: AsyncSession, bulletin_id: UUID) -> Bulletin | None:
    """For a request under a client-made id only."""
    return await session.get(Bulletin, bulletin_id)


# What making and scheduling ask; nobody's leave is needed.


async def get_for_work(session: AsyncSession, bulletin_id: UUID, *, lock: bool = False) -> Bulletin:
    rows = sa.select(Bulletin).where(Bulletin.id == bulletin_id)
    return (await session.scalars(rows.with_for_update() if lock else rows)).one()


async def kept_among(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Those of the keys whose edition is ready or in the making."""
    kept = sa.select(Bulletin.key).where(
        Bulletin.key.in_(keys), Bulletin.failed_at.is_(None), Bulletin.deleted_at.is_(None)
    )
    return set(await session.scalars(kept))


async def editions(session: AsyncSession, series: Series) -> Sequence[Bulletin]:
    """All that were asked for of the same, the last first."""
    rows = await session.scalars(
        sa.select(Bulletin)
        .where(
            Bulletin.programme_id == series.programme.id,
            Bulletin.kind == series.kind,
            Bulletin.cadence == series.cadence,
            Bulletin.subject_id == series.subject_id,
            Bulletin.first_on == series.first_on,
        )
        .order_by(Bulletin.edition.desc())
    )
    return rows.all()


async def regions_visited(session: AsyncSession, asked: Asked) -> Sequence[UUID]:
    """Regions that have published visits of the network below them."""
    rows = await session.scalars(
        sa.select(RegionAncestor.ancestor_id)
        .distinct()
        .join(Outlet, Outlet.region_id == RegionAncestor.region_id)
        .join(VisitScore, VisitScore.outlet_id == Outlet.id)
        .where(told(asked), Outlet.ownership != Ownership.COMPETITOR)
        .order_by(RegionAncestor.ancestor_id)
    )
    return rows.all()


async def organisation_of(session: AsyncSession, bulletin: Bulletin) -> Organisation:
    return await session.get_one(Organisation, bulletin.organisation_id)


async def programme_of(session: AsyncSession, bulletin: Bulletin) -> Programme:
    return await session.get_one(Programme, bulletin.programme_id)


def managed_together(outlet_id: UUID) -> sa.Select[UUID]:
    """Outlets whose managers manage this one too: to them those are no strangers."""
    managers = sa.select(OutletDuty.person_id).where(OutletDuty.outlet_id == outlet_id)
    return sa.select(OutletDuty.outlet_id).where(OutletDuty.person_id.in_(managers))


def actions_open(group: Group, *, at: datetime) -> sa.Select[Action]:
    """Those of the outlets that were open at an instant."""
    return sa.select(Action).where(
        Action.outlet_id.in_(group.outlet_ids()),
        Action.opened_at <= at,
        sa.or_(Action.closed_at.is_(None), Action.closed_at > at),
    )


async def count_of(session: AsyncSession, rows: sa.Select[Action]) -> int:
    return await session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0


async def first_due(session: AsyncSession, rows: sa.Select[Action], *, limit: int) -> Sequence[Action]:
    return (await session.scalars(rows.order_by(Action.due_at, Action.id).limit(limit))).all()


def _regions_beyond(actor: Actor, now: datetime) -> sa.Select[UUID]:
    """Regions of the organisation that the actor does not see at the desk."""
    mine = regions.visible_regions(at_desk(actor), now=now).with_only_columns(Region.id)
    return sa.select(Region.id).where(Region.organisation_id == actor.organisation_id, Region.id.not_in(mine))
