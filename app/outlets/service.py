"""Keeping the register of outlets: entering, editing, closing for some days, handing over to a successor."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.actor import Actor, Role
from app.kit.etags import require_version
from app.kit.ids import new_id
from app.kit.problems import AlreadyExists, PreconditionRequired, Stale
from app.outlets import queries, queries_regions
from app.outlets.models import Outlet, OutletClosure
from app.outlets.problems import SuccessionBroken, TooManyClosures, UnknownTier
from app.outlets.schemas import (
    MOST_CLOSURES,
    ClosureIn,
    OpeningHours,
    OutletFields,
    OutletIn,
    PositionIn,
    SuccessorIn,
)

KEEPERS = (Role.ADMIN, Role.SUPERVISOR)


async def enter_or_edit(
    session: AsyncSession,
    actor: Actor,
    outlet_id: UUID,
    *,
    wanted: OutletIn,
    expected_version: int | None,
    now: datetime,
) -> tuple[Outlet, bool]:
    """The outlet, and whether it is new. Sent again unchanged it does nothing, so a phone may retry (D11).

    Raises `PreconditionRequired` for an edit without version, `Stale`, `OutletCodeTaken`, `UnknownTier`.
    """
    actor.require(*KEEPERS)
    wanted = await _settled(session, actor, wanted, now=now)
    taken = await queries.find_outlet_anywhere(session, outlet_id)
    if taken is None:
        return await _enter(session, actor, outlet_id, wanted=wanted, version=expected_version, now=now), True
    if taken.organisation_id != actor.organisation_id:
        raise AlreadyExists("This id is taken: make a new one.")
    outlet = await queries.get_outlet(session, actor, outlet_id, now=now)
    if fields_of(outlet) == wanted and expected_version in {None, outlet.version}:
        return outlet, False
    if expected_version is None:
        raise PreconditionRequired("The outlet exists: send If-Match with the ETag of the version you edit.")
    require_version(outlet, expected_version)
    if outlet.successor_id is not None and wanted.active:
        raise SuccessionBroken("It has a successor: take that away before it becomes active again.")
    before = fields_of(outlet)
    fill(outlet, wanted, region_id=wanted.region_id)
    await session.flush()
    details = {"before": before.model_dump(mode="json"), "after": wanted.model_dump(mode="json")}
    record(session, actor, "outlet.edited", subject_id=outlet.id, details=details, now=now)
    return outlet, False


def fields_of(outlet: Outlet) -> OutletIn:
    """The row as it would be sent to get it."""
    position, hours = outlet.position, outlet.opening_hours
    return OutletIn(
        code=outlet.code,
        name_zh=outlet.name_zh,
        name_en=outlet.name_en,
        ownership=outlet.ownership,
        brand=outlet.brand,
        tier=outlet.tier,
        stage=outlet.stage,
        load_band=outlet.load_band,
        region_id=outlet.region_id,
        address=outlet.address,
        position=position
        and PositionIn(latitude=position.latitude, longitude=position.longitude, datum=position.datum),
        time_zone=outlet.time_zone,
        opening_hours=hours and OpeningHours.model_validate(hours),
        traffic_per_day=outlet.traffic_per_day,
        high_traffic=outlet.high_traffic,
        required_languages=list(outlet.required_languages),
        community=outlet.community,
        active=outlet.active,
    )


def fill(outlet: Outlet, fields: OutletFields, *, region_id: UUID) -> None:
    """Write `fields` into the row. `fields.time_zone` must be settled."""
    assert fields.time_zone is not None
    outlet.code = fields.code
    outlet.name_zh = fields.name_zh
    outlet.name_en = fields.name_en
    outlet.ownership = fields.ownership
    outlet.brand = fields.brand
    outlet.tier = fields.tier
    outlet.stage = fields.stage
    outlet.load_band = fields.load_band
    outlet.region_id = region_id
    outlet.address = fields.address
    outlet.latitude = fields.position.latitude if fields.position else None
    outlet.longitude = fields.position.longitude if fields.position else None
    outlet.datum = fields.position.datum if fields.position else None
    outlet.time_zone = fields.time_zone
    outlet.opening_hours = fields.opening_hours.model_dump(mode="json") if fields.opening_hours else None
    outlet.traffic_per_day = fields.traffic_per_day
    outlet.high_traffic = fields.high_traffic
    outlet.required_languages = list(fields.required_languages)
    outlet.community = fields.community
    outlet.active = fields.active


async def succeed(
    session: AsyncSession,
    actor: Actor,
    outlet_id: UUID,
    *,
    wanted: SuccessorIn,
    expected_version: int,
    now: datetime,
) -> Outlet:
    """The outlet goes on as another one, which inherits its history (D5.6), and becomes inactive.

    The successor has none itself at that moment, so successions never run in a circle.
    """
    await queries.lock_outlets(session, [outlet_id, wanted.successor_id])
    outlet = await _open(session, actor, outlet_id, expected_version=expected_version, now=now)
    successor = await queries.get_outlet(session, actor, wanted.successor_id, now=now)
    if outlet.successor_id is not None or successor.successor_id is not None:
        raise SuccessionBroken("One of the two has a successor already.")
    if successor.id == outlet.id or not successor.active:
        raise SuccessionBroken("The successor must be another outlet, and active.")
    outlet.successor_id, outlet.succession, outlet.active = successor.id, wanted.succession, False
    await session.flush()
    details = wanted.model_dump(mode="json")
    record(session, actor, "outlet.succeeded", subject_id=outlet.id, details=details, now=now)
    return outlet


async def undo_succession(
    session: AsyncSession, actor: Actor, outlet_id: UUID, *, expected_version: int, now: datetime
) -> Outlet:
    """Take the successor away again; the outlet stays inactive until it is edited."""
    outlet = await _open(session, actor, outlet_id, expected_version=expected_version, now=now)
    details = {"successor_id": str(outlet.successor_id)}
    outlet.successor_id, outlet.succession = None, None
    await session.flush()
    record(session, actor, "outlet.succession_undone", subject_id=outlet.id, details=details, now=now)
    return outlet


async def close(
    session: AsyncSession, actor: Actor, outlet_id: UUID, *, wanted: ClosureIn, now: datetime
) -> OutletClosure:
    """Raises `TooManyClosures`, `ClosureExists`."""
    outlet = await queries.get_outlet(session, actor, outlet_id, now=now)
    actor.require(*KEEPERS)
    if len(await queries.closures_of(session, outlet.id)) >= MOST_CLOSURES:
        raise TooManyClosures(f"An outlet keeps at most {MOST_CLOSURES} closures.")
    closure = OutletClosure(
        id=new_id(),
        organisation_id=outlet.organisation_id,
        outlet_id=outlet.id,
        starts_on=wanted.starts_on,
        ends_on=wanted.ends_on,
        reason=wanted.reason,
    )
    session.add(closure)
    await session.flush()
    details = wanted.model_dump(mode="json")
    record(session, actor, "outlet.closed", subject_id=outlet.id, details=details, now=now)
    return closure


async def reopen(
    session: AsyncSession, actor: Actor, outlet_id: UUID, *, closure_id: UUID, now: datetime
) -> None:
    """Remove a closure."""
    outlet = await queries.get_outlet(session, actor, outlet_id, now=now)
    actor.require(*KEEPERS)
    closure = await queries.get_closure(session, outlet, closure_id)
    await session.delete(closure)
    details = {"starts_on": closure.starts_on.isoformat(), "ends_on": closure.ends_on.isoformat()}
    record(session, actor, "outlet.reopened", subject_id=outlet.id, details=details, now=now)


async def _open(
    session: AsyncSession, actor: Actor, outlet_id: UUID, *, expected_version: int, now: datetime
) -> Outlet:
    outlet = await queries.get_outlet(session, actor, outlet_id, now=now)
    actor.require(*KEEPERS)
    require_version(outlet, expected_version)
    return outlet


async def _settled(session: AsyncSession, actor: Actor, wanted: OutletIn, *, now: datetime) -> OutletIn:
    """`wanted` with its time zone filled in, once region and tier are known to be the organisation's."""
    region = await queries_regions.get_region(session, actor, wanted.region_id, now=now)
    if await queries_regions.find_tier(session, actor, wanted.tier) is None:
        raise UnknownTier(f"{wanted.tier!r} is not one of your tiers: add it first.")
    return wanted.model_copy(update={"time_zone": wanted.time_zone or region.time_zone})


async def _enter(
    session: AsyncSession,
    actor: Actor,
    outlet_id: UUID,
    *,
    wanted: OutletIn,
    version: int | None,
    now: datetime,
) -> Outlet:
    if version is not None:
        raise Stale("There is no such outlet to edit; leave If-Match out to enter it.")
    outlet = Outlet(id=outlet_id, organisation_id=actor.organisation_id, created_at=now)
    fill(outlet, wanted, region_id=wanted.region_id)
    session.add(outlet)
    await session.flush()
    details = wanted.model_dump(mode="json")
    record(session, actor, "outlet.entered", subject_id=outlet.id, details=details, now=now)
    return outlet
