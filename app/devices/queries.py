"""Every SELECT over recording devices. Supervisors see their regions', inspectors what they hold (D10.6)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.devices.models import ClockMeasurement, Custody, RecordingDevice
from app.devices.rules import Measured, Spell, State, as_code
from app.identity.actor import Actor, Role
from app.kit.problems import NotFound
from app.outlets.queries_duties import regions_of_duty
from app.outlets.queries_regions import below

KEEPERS = (Role.ADMIN, Role.SUPERVISOR)


def visible_to(actor: Actor) -> sa.Select[RecordingDevice]:
    """Nobody of the outlet's side sees any (D10.1). Those of no region are every supervisor's."""
    rows = sa.select(RecordingDevice).where(RecordingDevice.organisation_id == actor.organisation_id)
    if actor.has(Role.ADMIN):
        return rows
    ways: list[sa.ColumnElement[bool]] = []
    if actor.has(Role.SUPERVISOR):
        ways.append(RecordingDevice.region_id.is_(None))
        ways.append(RecordingDevice.region_id.in_(below(regions_of_duty(actor))))
    if actor.has(Role.INSPECTOR):
        held = sa.select(Custody.device_id).where(
            Custody.holder_id == actor.person_id, Custody.held_until.is_(None)
        )
        ways.append(RecordingDevice.id.in_(held))
    return rows.where(sa.or_(sa.false(), *ways))


async def get_device(
    session: AsyncSession, actor: Actor, device_id: UUID, *, lock: bool = False
) -> RecordingDevice:
    """`lock` makes hand-overs of one device wait for each other."""
    rows = visible_to(actor).where(RecordingDevice.id == device_id)
    device = await session.scalar(rows.with_for_update() if lock else rows)
    if device is None:
        raise NotFound("There is no recording device with this id among those you may see.")
    return device


async def find_device_anywhere(session: AsyncSession, device_id: UUID) -> RecordingDevice | None:
    """For making one only: says whether it is there, whoever may see it."""
    return await session.get(RecordingDevice, device_id)


def custody_of(actor: Actor, device: RecordingDevice) -> sa.Select[Custody]:
    """For those who were allowed to see the device. Inspectors do not learn who else holds or held it."""
    rows = sa.select(Custody).where(Custody.device_id == device.id)
    return rows if actor.has(*KEEPERS) else rows.where(Custody.holder_id == actor.person_id)


async def last_custody(session: AsyncSession, device: RecordingDevice) -> Custody | None:
    """The latest, over or not."""
    return await session.scalar(
        sa.select(Custody)
        .where(Custody.device_id == device.id)
        .order_by(Custody.held_from.desc(), Custody.id.desc())
        .limit(1)
    )


async def holders_of(session: AsyncSession, devices: Sequence[RecordingDevice]) -> dict[UUID, UUID]:
    """Who holds which now, by device; those in the store are not in it."""
    rows = await session.execute(
        sa.select(Custody.device_id, Custody.holder_id).where(
            Custody.device_id.in_([device.id for device in devices]), Custody.held_until.is_(None)
        )
    )
    return {row.device_id: row.holder_id for row in rows}


async def held_by(session: AsyncSession, organisation_id: UUID) -> dict[UUID, dict[str, int]]:
    """Who holds how many of each kind now, of those in service. For planning; it asks nobody's leave."""
    rows = await session.execute(
        sa.select(Custody.holder_id, RecordingDevice.kind, sa.func.count().label("number"))
        .join(RecordingDevice, RecordingDevice.id == Custody.device_id)
        .where(
            Custody.organisation_id == organisation_id,
            Custody.held_until.is_(None),
            RecordingDevice.state == State.IN_SERVICE,
        )
        .group_by(Custody.holder_id, RecordingDevice.kind)
    )
    found: dict[UUID, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.holder_id, {})[str(row.kind)] = row.number
    return found


async def labelled(
    session: AsyncSession, organisation_id: UUID, labels: Iterable[str]
) -> dict[str, RecordingDevice]:
    """By label as people write it ("Recorder 7"): the device whose code it is. For what judges evidence; asks nobody's leave."""
    codes = {label: as_code(label) for label in labels}
    rows = await session.scalars(
        sa.select(RecordingDevice).where(
            RecordingDevice.organisation_id == organisation_id,
            sa.func.lower(RecordingDevice.code).in_(set(codes.values())),
        )
    )
    by_code = {row.code.lower(): row for row in rows}
    return {label: by_code[code] for label, code in codes.items() if code in by_code}


async def spells_of(session: AsyncSession, device_ids: Collection[UUID]) -> dict[UUID, list[Spell]]:
    """Who ever held each of them. Likewise."""
    rows = await session.scalars(
        sa.select(Custody).where(Custody.device_id.in_(device_ids)).order_by(Custody.held_from, Custody.id)
    )
    found: dict[UUID, list[Spell]] = {one: [] for one in device_ids}
    for row in rows:
        found[row.device_id].append(Spell(row.holder_id, row.held_from, row.held_until))
    return found


async def clocks_of(session: AsyncSession, device_ids: Collection[UUID]) -> dict[UUID, list[Measured]]:
    """How far the clock of each was ever off. Likewise."""
    rows = await session.scalars(
        sa.select(ClockMeasurement).where(ClockMeasurement.device_id.in_(device_ids))
    )
    found: dict[UUID, list[Measured]] = {one: [] for one in device_ids}
    for row in rows:
        found[row.device_id].append(Measured(row.measured_at, timedelta(milliseconds=row.offset_ms)))
    return found


def measurements_of(device: RecordingDevice) -> sa.Select[ClockMeasurement]:
    """For those who were allowed to see the device."""
    return sa.select(ClockMeasurement).where(ClockMeasurement.device_id == device.id)
