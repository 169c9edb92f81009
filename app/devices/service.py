"""Keeping recording devices: what there is, who has it, and how far its clock is off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.devices import queries
from app.devices.models import ClockMeasurement, Custody, RecordingDevice
from app.devices.problems import CannotHold, CustodyRefused, DeviceHeld
from app.devices.queries import KEEPERS
from app.devices.rules import HandOver, Refusal, Spell, State, may_change_hands
from app.devices.schemas import DeviceIn, HandOverIn, MeasurementIn, NewDeviceIn
from app.identity import queries as identity_queries
from app.identity.actor import Actor, Role
from app.kit.etags import require_version
from app.kit.ids import new_id
from app.kit.problems import AlreadyExists, Invalid
from app.outlets import queries_regions

WAYS_OUT = {
    Refusal.MOVED: "It is not with the one you name: look who holds it, and hand it over from them.",
    Refusal.SAME: "It is there already.",
    Refusal.OUT_OF_SERVICE: "It is lost or retired: put it back in service first.",
    Refusal.BEFORE_THE_LAST: "It changed hands after that: name a later moment.",
    Refusal.IN_THE_FUTURE: "A hand-over is told when it has happened: name a moment that is past.",
}


async def register(
    session: AsyncSession, actor: Actor, wanted: NewDeviceIn, *, now: datetime
) -> RecordingDevice:
    """A device that is in the store. Raises `AlreadyExists`; a code that is taken is the database's to refuse."""
    actor.require(*KEEPERS)
    await _require_region(session, actor, wanted.region_id, now)
    if wanted.id is not None and await queries.find_device_anywhere(session, wanted.id) is not None:
        raise AlreadyExists("There is a recording device with this id already.")
    device = RecordingDevice(
        id=wanted.id or new_id(),
        organisation_id=actor.organisation_id,
        code=wanted.code,
        kind=wanted.kind,
        state=State.IN_SERVICE,
        region_id=wanted.region_id,
        created_at=now,
    )
    session.add(device)
    await session.flush()
    details = wanted.model_dump(mode="json", exclude={"id"})
    record(session, actor, "recording_device.registered", subject_id=device.id, details=details, now=now)
    return device


async def edit(
    session: AsyncSession,
    actor: Actor,
    device_id: UUID,
    *,
    wanted: DeviceIn,
    expected_version: int,
    now: datetime,
) -> RecordingDevice:
    """Raises `Stale`, and `DeviceHeld` for retiring one that somebody has; a lost one stays with who lost it."""
    actor.require(*KEEPERS)
    device = await queries.get_device(session, actor, device_id, lock=True)
    require_version(device, expected_version)
    await _require_region(session, actor, wanted.region_id, now)
    last = await queries.last_custody(session, device)
    if wanted.state is State.RETIRED and last is not None and last.held_until is None:
        raise DeviceHeld(holder_id=str(last.holder_id))
    device.code, device.kind = wanted.code, wanted.kind
    device.state, device.region_id = wanted.state, wanted.region_id
    await session.flush()
    details = wanted.model_dump(mode="json")
    record(session, actor, "recording_device.edited", subject_id=device.id, details=details, now=now)
    return device


async def hand_over(
    session: AsyncSession, actor: Actor, device_id: UUID, *, wanted: HandOverIn, now: datetime
) -> RecordingDevice:
    """Ends one person's custody and begins another's. Raises `CustodyRefused` naming the rule, `CannotHold`."""
    actor.require(*KEEPERS)
    device = await queries.get_device(session, actor, device_id, lock=True)
    await _require_holder(session, actor, wanted.receiver_id)
    told = HandOver(wanted.giver_id, wanted.receiver_id, wanted.at or now)
    last = await queries.last_custody(session, device)
    spell = None if last is None else Spell(last.holder_id, last.held_from, last.held_until)
    refusal = may_change_hands(told, state=device.state, last=spell, now=now)
    if refusal is not None:
        raise _refused(refusal, spell)
    await _change_hands(session, actor, device, told, last)
    details = {
        "from": str(told.giver_id) if told.giver_id else None,
        "to": str(told.receiver_id) if told.receiver_id else None,
        "at": told.at.isoformat(),
    }
    record(session, actor, "recording_device.handed_over", subject_id=device.id, details=details, now=now)
    return device


async def measure_clock(
    session: AsyncSession, actor: Actor, device_id: UUID, *, wanted: MeasurementIn, now: datetime
) -> ClockMeasurement:
    """By those who keep the device and by who holds it."""
    actor.require(*KEEPERS, Role.INSPECTOR)
    device = await queries.get_device(session, actor, device_id)
    measured_at = wanted.measured_at or now
    if measured_at > now:
        raise Invalid("measured_at must not lie in the future.")
    measured = ClockMeasurement(
        id=new_id(),
        organisation_id=device.organisation_id,
        device_id=device.id,
        offset_ms=wanted.offset_ms,
        measured_at=measured_at,
        measured_by=actor.person_id,
    )
    session.add(measured)
    await session.flush()
    return measured


async def _change_hands(
    session: AsyncSession, actor: Actor, device: RecordingDevice, told: HandOver, last: Custody | None
) -> None:
    if last is not None and last.held_until is None:
        last.held_until, last.ended_by = told.at, actor.person_id
        await session.flush()  # before the next begins: two at once is what the database refuses
    if told.receiver_id is not None:
        session.add(
            Custody(
                id=new_id(),
                organisation_id=device.organisation_id,
                device_id=device.id,
                holder_id=told.receiver_id,
                held_from=told.at,
                begun_by=actor.person_id,
            )
        )
        await session.flush()


def _refused(refusal: Refusal, last: Spell | None) -> CustodyRefused:
    held = last is not None and last.held_until is None
    return CustodyRefused(
        WAYS_OUT[refusal],
        rule=str(refusal),
        holder_id=str(last.holder_id) if last is not None and held else None,
        since=None if last is None else (last.held_until or last.held_from).isoformat(),
    )


async def _require_region(session: AsyncSession, actor: Actor, region_id: UUID | None, now: datetime) -> None:
    if region_id is not None:
        await queries_regions.get_region(session, actor, region_id, now=now)


async def _require_holder(session: AsyncSession, actor: Actor, person_id: UUID | None) -> None:
    if person_id is None:
        return
    person = await identity_queries.get_person(session, actor, person_id)
    held = (await identity_queries.roles_of(session, [person.id]))[person.id]
    if not person.active or Role.INSPECTOR not in held:
        raise CannotHold
