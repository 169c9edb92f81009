"""HTTP for recording devices, their custody and their clocks."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.devices import queries, service
from app.devices.models import ClockMeasurement, Custody, RecordingDevice
from app.devices.problems import CannotHold, CustodyRefused, DeviceCodeTaken, DeviceHeld
from app.devices.schemas import (
    CustodyOut,
    DeviceIn,
    DeviceOut,
    HandOverIn,
    MeasurementIn,
    MeasurementOut,
    NewDeviceIn,
)
from app.identity.dependencies import ONCE, Caller
from app.kit.etags import IfMatch, show_version
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router

router = feature_router("recording devices", prefix="/devices")


@router.get("")
async def list_recording_devices(session: Reading, caller: Caller, paging: Paging) -> Page[DeviceOut]:
    """Those of the caller's regions and those the caller holds."""
    found = await paginate(session, queries.visible_to(caller), paging, by=[Key(RecordingDevice.code)])
    return found.page(await _shown(session, found.rows))


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, AlreadyExists, DeviceCodeTaken),
)
async def register_recording_device(
    body: NewDeviceIn, session: Session, caller: Caller, now: Now, response: Response
) -> DeviceOut:
    """A device the organisation owns. Only lawful kinds have a name (D7.5)."""
    device = await service.register(session, caller, body, now=now)
    show_version(response, device)
    return (await _shown(session, [device]))[0]


@router.get("/{recording_device_id}", responses=documented(NotFound))
async def show_recording_device(
    recording_device_id: UUID, session: Reading, caller: Caller, response: Response
) -> DeviceOut:
    device = await queries.get_device(session, caller, recording_device_id)
    show_version(response, device)
    return (await _shown(session, [device]))[0]


@router.put(
    "/{recording_device_id}",
    responses=documented(NotFound, Forbidden, DeviceCodeTaken, DeviceHeld, Stale, PreconditionRequired),
)
async def edit_recording_device(
    recording_device_id: UUID,
    body: DeviceIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> DeviceOut:
    """Also says that it is lost, retired, or back in service."""
    device = await service.edit(
        session, caller, recording_device_id, wanted=body, expected_version=expected, now=now
    )
    show_version(response, device)
    return (await _shown(session, [device]))[0]


@router.get("/{recording_device_id}/custody", responses=documented(NotFound))
async def list_custody(
    recording_device_id: UUID, session: Reading, caller: Caller, paging: Paging
) -> Page[CustodyOut]:
    """Who held it from when to when, newest first. Inspectors see their own times with it."""
    device = await queries.get_device(session, caller, recording_device_id)
    by = [Key(Custody.held_from, descending=True), Key(Custody.id)]
    found = await paginate(session, queries.custody_of(caller, device), paging, by=by)
    return found.page([CustodyOut.model_validate(row) for row in found.rows])


@router.post(
    "/{recording_device_id}/hand-overs",
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, CustodyRefused, CannotHold),
)
async def hand_over_recording_device(
    recording_device_id: UUID, body: HandOverIn, session: Session, caller: Caller, now: Now
) -> DeviceOut:
    """The device changes hands: one person holds it at a time (D6.7)."""
    device = await service.hand_over(session, caller, recording_device_id, wanted=body, now=now)
    return (await _shown(session, [device]))[0]


@router.get("/{recording_device_id}/clock-measurements", responses=documented(NotFound))
async def list_clock_measurements(
    recording_device_id: UUID, session: Reading, caller: Caller, paging: Paging
) -> Page[MeasurementOut]:
    """Newest first."""
    device = await queries.get_device(session, caller, recording_device_id)
    by = [Key(ClockMeasurement.measured_at, descending=True), Key(ClockMeasurement.id)]
    found = await paginate(session, queries.measurements_of(device), paging, by=by)
    return found.page([MeasurementOut.model_validate(row) for row in found.rows])


@router.post(
    "/{recording_device_id}/clock-measurements",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden),
)
async def measure_clock(
    recording_device_id: UUID, body: MeasurementIn, session: Session, caller: Caller, now: Now
) -> MeasurementOut:
    """How far the device's clock is off, told by who keeps or holds it."""
    measured = await service.measure_clock(session, caller, recording_device_id, wanted=body, now=now)
    return MeasurementOut.model_validate(measured)


async def _shown(session: AsyncSession, devices: Sequence[RecordingDevice]) -> list[DeviceOut]:
    holders = await queries.holders_of(session, devices)
    plain = DeviceOut.model_fields.keys() - {"holder_id"}
    return [
        DeviceOut(holder_id=holders.get(one.id), **{name: getattr(one, name) for name in plain})
        for one in devices
    ]
