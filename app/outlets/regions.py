"""Keeping the organisation's tiers and its tree of regions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.actor import Actor, Role
from app.kit.etags import require_version
from app.kit.ids import new_id
from app.kit.problems import NotFound
from app.outlets import queries_regions as queries
from app.outlets.models import Region, RegionAncestor, Tier
from app.outlets.problems import InUse, RegionCycle
from app.outlets.schemas import RegionIn, TierIn


async def put_tier(session: AsyncSession, actor: Actor, code: str, *, wanted: TierIn, now: datetime) -> Tier:
    """Add a tier, or rename or re-rank it."""
    actor.require(Role.ADMIN)
    tier = await queries.find_tier(session, actor, code)
    if tier is None:
        tier = Tier(id=new_id(), organisation_id=actor.organisation_id, code=code)
        session.add(tier)
    tier.name_zh, tier.name_en, tier.rank = wanted.name_zh, wanted.name_en, wanted.rank
    await session.flush()
    details = {"code": code, **wanted.model_dump(mode="json")}
    record(session, actor, "tier.put", subject_id=tier.id, details=details, now=now)
    return tier


async def remove_tier(session: AsyncSession, actor: Actor, code: str, *, now: datetime) -> None:
    actor.require(Role.ADMIN)
    tier = await queries.find_tier(session, actor, code)
    if tier is None:
        raise NotFound("Your organisation has no such tier.")
    if await queries.is_tier_used(session, tier):
        raise InUse("Outlets have this tier: give them another one first.")
    await session.delete(tier)
    record(session, actor, "tier.removed", subject_id=tier.id, details={"code": code}, now=now)


async def add_region(session: AsyncSession, actor: Actor, wanted: RegionIn, *, now: datetime) -> Region:
    """Raises `RegionCodeTaken`, and `NotFound` for the parent."""
    actor.require(Role.ADMIN)
    await queries.lock_tree(session, actor.organisation_id)
    region = Region(id=new_id(), organisation_id=actor.organisation_id)
    above = await _ancestors(session, actor, wanted.parent_id, now=now)
    _fill(region, wanted)
    session.add(region)
    await session.flush()
    _hang(session, [region.id], above | {region.id})
    details = wanted.model_dump(mode="json")
    record(session, actor, "region.added", subject_id=region.id, details=details, now=now)
    return region


async def edit_region(
    session: AsyncSession,
    actor: Actor,
    region_id: UUID,
    *,
    wanted: RegionIn,
    expected_version: int,
    now: datetime,
) -> Region:
    """Another parent moves the whole subtree, and with it who is responsible. Raises `RegionCycle`."""
    await queries.lock_tree(session, actor.organisation_id)
    region = await queries.get_region(session, actor, region_id, now=now)
    actor.require(Role.ADMIN)
    require_version(region, expected_version)
    if wanted.parent_id != region.parent_id:
        await _move(session, actor, region, parent_id=wanted.parent_id, now=now)
    _fill(region, wanted)
    await session.flush()
    details = wanted.model_dump(mode="json")
    record(session, actor, "region.edited", subject_id=region.id, details=details, now=now)
    return region


async def remove_region(
    session: AsyncSession, actor: Actor, region_id: UUID, *, expected_version: int, now: datetime
) -> None:
    """Raises `InUse` while a region, an outlet, a duty or a grant refers to it."""
    await queries.lock_tree(session, actor.organisation_id)
    region = await queries.get_region(session, actor, region_id, now=now)
    actor.require(Role.ADMIN)
    require_version(region, expected_version)
    if await queries.is_region_used(session, region.id):
        raise InUse("Regions, outlets, duties or grants refer to this region.")
    await session.execute(queries.forget_ancestors({region.id}))
    await session.delete(region)
    record(session, actor, "region.removed", subject_id=region.id, details={"code": region.code}, now=now)


async def _ancestors(
    session: AsyncSession, actor: Actor, parent_id: UUID | None, *, now: datetime
) -> set[UUID]:
    if parent_id is None:
        return set()
    parent = await queries.get_region(session, actor, parent_id, now=now)
    return await queries.ancestors_of(session, parent.id)


async def _move(
    session: AsyncSession, actor: Actor, region: Region, *, parent_id: UUID | None, now: datetime
) -> None:
    subtree = await queries.subtree_of(session, region.id)
    if parent_id in subtree:
        raise RegionCycle("The new parent lies below the region itself.")
    above = await _ancestors(session, actor, parent_id, now=now)
    within = await queries.pairs_within(session, subtree)
    await session.execute(queries.forget_ancestors(subtree))
    session.add_all(RegionAncestor(region_id=below, ancestor_id=upper) for below, upper in within)
    _hang(session, subtree, above)


def _hang(session: AsyncSession, regions: Iterable[UUID], above: Iterable[UUID]) -> None:
    above = list(above)
    session.add_all(
        RegionAncestor(region_id=region_id, ancestor_id=ancestor_id)
        for region_id in regions
        for ancestor_id in above
    )


def _fill(region: Region, wanted: RegionIn) -> None:
    region.parent_id = wanted.parent_id
    region.code = wanted.code
    region.name_zh = wanted.name_zh
    region.name_en = wanted.name_en
    region.central_city = wanted.central_city
    region.jurisdiction = wanted.jurisdiction
    region.time_zone = wanted.time_zone
