"""What the leave gate answers: the files that were declared, and what is missing."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.kit.wire import Out
from app.visits.declared import Basis, Medium, Quality
from app.visits.schemas import FindingOut
from app.visits.schemas_recorder import RecorderGapOut


class ManifestFileOut(Out):
    recording_id: UUID
    medium: Medium
    device_kind: str
    device_label: str
    started_at: datetime | None
    clock_offset_ms: int
    duration_ms: int
    size_bytes: int
    sha256: str
    quality: Quality
    gaps: list[RecorderGapOut]
    markers_ms: list[int]


class UnmetOut(Out):
    rule: str
    message: str
    where: list[str]


class GateRecordingOut(Out):
    """A declared recording, what is known of it, and who says so."""

    recording_id: UUID
    quality: Quality
    basis: Basis = Field(
        description="`device`: nobody has checked it but the device; `samples`: provisional if good"
    )
    findings: list[FindingOut]


class GateOut(Out):
    may_leave: bool
    unmet: list[UnmetOut]
    coverage: float
    recorded_minutes: float
    recordings: list[GateRecordingOut]
