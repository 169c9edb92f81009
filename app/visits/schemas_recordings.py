"""What goes over the wire about a visit's evidence."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from app.kit.wire import Out
from app.recordings.rules import Kind, Lack, RenditionKind, State
from app.recordings.schemas import RecordingOut, RejectionOut
from app.visits.declared import Medium
from app.visits.schemas import OutletBrief
from app.visits.schemas_timeline import VisitFindingOut


class StretchOut(Out):
    start_ms: int
    end_ms: int


class CheckOut(Out):
    """Something the server found in a recording, where on its timeline, and a sentence for people."""

    kind: str = Field(examples=["covered"])
    severity: str = Field(examples=["failed"])
    share: float = Field(description="of the recording, between 0 and 1")
    intervals: list[StretchOut]
    zh: str
    en: str


class ReportOut(Out):
    """What the server found. It counts more than what the phone said (D7.3)."""

    duration_ms: int
    black: bool
    silent: bool
    unusable: bool
    checks: list[CheckOut]
    performed: list[str] = Field(description="everything that was looked for")


class EvidenceFileOut(RecordingOut):
    medium: Kind
    device_kind: str
    uploader_id: UUID
    report: ReportOut | None
    renditions: list[RenditionKind]


class MissingOut(Out):
    """A declared file that has not arrived as declared."""

    recording_id: UUID
    medium: Medium
    device_kind: str
    size_bytes: int
    sha256: str
    declared_by: UUID
    declared_at: datetime
    due_at: datetime
    state: State | None = Field(description="of its upload; null when none was begun")
    rejected: RejectionOut | None


class MissingFileOut(MissingOut):
    """As it stands on the list over all visits."""

    visit_id: UUID
    outlet: OutletBrief
    planned_on: date
    owner_id: UUID = Field(description="who declared it, and has to bring it")
    lack: Lack | None = Field(description="whose turn it is; null: another file arrived under this id")
    overdue: bool
    escalated_at: datetime | None


class RejectedFileOut(Out):
    """A file that arrived and cannot be used, with the reason. Its bytes are kept: auditors play the original."""

    recording_id: UUID
    visit_id: UUID
    medium: Kind
    size_bytes: int
    sha256: str
    uploader_id: UUID
    stored_at: datetime | None
    rejected: RejectionOut


class FailedFileOut(Out):
    """A file of a visit that is not published yet, in which the server found what makes it poor evidence."""

    recording_id: UUID
    visit_id: UUID
    outlet: OutletBrief
    planned_on: date
    medium: Kind
    uploader_id: UUID
    arrived_at: datetime | None
    rejected: RejectionOut | None = Field(description="null: it can be played")
    report: ReportOut | None


class ExcuseOut(Out):
    recording_id: UUID
    decided_by: UUID
    decided_at: datetime
    reason: str = Field(examples=["The recorder was stolen on the way home."])


class EvidenceOut(Out):
    recordings: list[EvidenceFileOut]
    missing: list[MissingOut]
    findings: list[VisitFindingOut] = Field(
        description="across files and against the visit; the desk is told more than the crew"
    )
