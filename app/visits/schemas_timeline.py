"""What goes over the wire about the timeline of a visit's evidence. Milliseconds count from the entry; the desk's alone."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from app.kit.wire import Out
from app.recordings.rules import State
from app.visits.declared import Basis, Medium, Quality
from app.visits.finding import Kind, Severity
from app.visits.schemas_recorder import RecorderGapOut
from app.visits.timeline import Role


class VisitStretchOut(Out):
    start_ms: int = Field(description="from the entry; below zero: before it")
    end_ms: int


class VisitFindingOut(Out):
    """What the server found that no single file tells: on the visit's timeline, with a sentence for people."""

    kind: Kind
    severity: Severity
    recording_id: UUID | None = Field(description="null: it concerns the visit")
    intervals: list[VisitStretchOut]
    earlier_on: date | None = Field(description="of a duplicate: the day of the visit the file was used at")
    zh: str
    en: str


class DeviceOnTimelineOut(Out):
    """A device as the manifest names it, and what the organisation's books say of it."""

    label: str = Field(examples=["Recorder 7"])
    kind: str = Field(examples=["recorder"])
    role: Role | None = Field(description="null: nothing usable came from it")
    declared_by: UUID
    device_id: UUID | None = Field(description="in the organisation's books; null: it is in none")
    with_declarer: bool | None = Field(description="by the books, when it began; null: not in the books")
    clock_offset_ms: int = Field(description="true time minus the device's, as used here")
    clock_is_measured: bool = Field(description="by the organisation; false: as the phone told it")


class SegmentOut(Out):
    recording_id: UUID
    medium: Medium
    device: str = Field(description="its label", examples=["Recorder 7"])
    role: Role | None
    start_ms: int | None = Field(description="null: nobody knows when it began")
    end_ms: int | None
    quality: Quality
    basis: Basis
    state: State | None = Field(description="of its upload; null when none was begun")
    gaps: list[RecorderGapOut] = Field(description="its recorder's own, from the beginning of the file")
    markers_ms: list[int] = Field(description="moments the inspector tapped, from the beginning of the file")


class GapOut(VisitStretchOut):
    is_backed: bool = Field(description="a second device ran all the while")


class TimelineOut(Out):
    """Shares are of the time between entry and exit."""

    entered_at: datetime | None
    stays: list[VisitStretchOut]
    devices: list[DeviceOnTimelineOut]
    segments: list[SegmentOut]
    gaps: list[GapOut]
    coverage: float = Field(description="by all devices, as declared or better known")
    coverage_of_main: float = Field(description="by the main device alone")
    coverage_verified: float = Field(description="by what arrived and was looked into")
    coverage_asked: float
    findings: list[VisitFindingOut]
