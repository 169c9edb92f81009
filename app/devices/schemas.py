"""What goes over the wire about recording devices."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.devices.rules import Kind, State
from app.kit.wire import Code, Id, In, Instant, Out, Whole

# sixty years: a recorder whose battery was out begins at 1970
Offset = Annotated[Whole, Field(ge=-2 * 10**12, le=2 * 10**12)]


class DeviceFields(In):
    code: Code = Field(examples=["recorder-7"], description="as on its label")
    kind: Kind
    region_id: Id | None = Field(None, description="its supervisors manage the device; null: all do")


class NewDeviceIn(DeviceFields):
    id: Id | None = Field(None, description="made by the client, so that a retry makes no second device")


class DeviceIn(DeviceFields):
    state: State


class DeviceOut(Out):
    id: UUID
    code: str = Field(examples=["recorder-7"])
    kind: Kind
    state: State
    region_id: UUID | None
    holder_id: UUID | None = Field(description="who has it; null: it is in the store")
    version: int
    created_at: datetime


class HandOverIn(In):
    giver_id: Id | None = Field(description="who holds it, as you know it; null: it is in the store")
    receiver_id: Id | None = Field(description="who gets it; null: back to the store")
    at: Instant | None = Field(None, description="when it changed hands; left out: now")


class CustodyOut(Out):
    id: UUID
    holder_id: UUID
    held_from: datetime
    held_until: datetime | None = Field(description="not included; null: until now")
    begun_by: UUID
    ended_by: UUID | None


class MeasurementIn(In):
    offset_ms: Offset = Field(description="true time minus the device's clock", examples=[-41000])
    measured_at: Instant | None = Field(None, description="true time; left out: now")


class MeasurementOut(Out):
    id: UUID
    offset_ms: int
    measured_at: datetime
    measured_by: UUID
