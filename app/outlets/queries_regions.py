"""Every SELECT over tiers and the tree of regions. Public ones take the actor first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.identity.models import Organisation
from app.kit.paging import Key, PageRequest, Slice, paginate
from app.kit.problems import NotFound
from app.outlets.models import AuditorGrant, Outlet, Region, RegionAncestor, RegionDuty, Tier
from app.outlets.queries_duties import grants_of, names_nothing, regions_of_duty

REGIONAL = (Role.SUPERVISOR, Role.REVIEWER)


def below(regions: sa.Select[UUID] | sa.Select[UUID | None]) -> sa.Select[UUID]:
    return sa.select(RegionAncestor.region_id).where(RegionAncestor.ancestor_id.in_(regions))


def visible_regions(actor: Actor, *, now: datetime) -> sa.Select[Region]:
    """Admins all, regional staff and auditors their subtrees; the outlet's side and inspectors need none."""
    rows = sa.select(Region).where(Region.organisation_id == actor.organisation_id)
    if actor.has(Role.ADMIN):
        return rows
    ways: list[sa.ColumnElement[bool]] = []
    if actor.has(*REGIONAL):
        ways.append(Region.id.in_(below(regions_of_duty(actor))))
    if actor.has(Role.AUDITOR):
        ways.append(Region.id.in_(below(grants_of(actor, now).with_only_columns(AuditorGrant.region_id))))
        ways.append(grants_of(actor, now).where(names_nothing()).exists())
    return rows.where(sa.or_(sa.false(), *ways))


async def tiers_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Tier]:
    rows = await session.scalars(
        sa.select(Tier).where(Tier.organisation_id == organisation_id).order_by(Tier.rank, Tier.code)
    )
    return rows.all()


async def find_tier(session: AsyncSession, actor: Actor, code: str) -> Tier | None:
    return await session.scalar(
        sa.select(Tier).where(Tier.organisation_id == actor.organisation_id, Tier.code == code)
    )


async def is_tier_used(session: AsyncSession, tier: Tier) -> bool:
    used = sa.exists().where(Outlet.organisation_id == tier.organisation_id, Outlet.tier == tier.code)
    return bool(await session.scalar(sa.select(used)))


async def list_regions(
    session: AsyncSession, actor: Actor, paging: PageRequest, *, now: datetime
) -> Slice[Region]:
    rows = visible_regions(actor, now=now)
    return await paginate(session, rows, paging, by=[Key(Region.code), Key(Region.id)])


async def get_region(session: AsyncSession, actor: Actor, region_id: UUID, *, now: datetime) -> Region:
    region = await session.scalar(visible_regions(actor, now=now).where(Region.id == region_id))
    if region is None:
        raise NotFound("There is no region with this id among those you may see.")
    return region


async def regions_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Region]:
    rows = await session.scalars(sa.select(Region).where(Region.organisation_id == organisation_id))
    return rows.all()


async def lock_tree(session: AsyncSession, organisation_id: UUID) -> None:
    """One change of an organisation's region tree at a time: two moves together could make a circle."""
    await session.execute(
        sa.select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    )


async def ancestors_of(session: AsyncSession, region_id: UUID) -> set[UUID]:
    """The region itself and all above it."""
    rows = await session.scalars(
        sa.select(RegionAncestor.ancestor_id).where(RegionAncestor.region_id == region_id)
    )
    return set(rows)


async def subtree_of(session: AsyncSession, region_id: UUID) -> set[UUID]:
    """The region itself and all below it."""
    rows = await session.scalars(
        sa.select(RegionAncestor.region_id).where(RegionAncestor.ancestor_id == region_id)
    )
    return set(rows)


async def pairs_within(session: AsyncSession, regions: set[UUID]) -> set[tuple[UUID, UUID]]:
    """(region, ancestor) of which both are in `regions`."""
    rows = await session.execute(
        sa.select(RegionAncestor.region_id, RegionAncestor.ancestor_id).where(
            RegionAncestor.region_id.in_(regions), RegionAncestor.ancestor_id.in_(regions)
        )
    )
    return {(region_id, ancestor_id) for region_id, ancestor_id in rows}


def forget_ancestors(regions: set[UUID]) -> sa.Delete:
    return sa.delete(RegionAncestor).where(RegionAncestor.region_id.in_(regions))


async def is_region_used(session: AsyncSession, region_id: UUID) -> bool:
    uses = (
        sa.exists().where(Region.parent_id == region_id),
        sa.exists().where(Outlet.region_id == region_id),
        sa.exists().where(RegionDuty.region_id == region_id),
        sa.exists().where(AuditorGrant.region_id == region_id),
    )
    return bool(await session.scalar(sa.select(sa.or_(*uses))))
