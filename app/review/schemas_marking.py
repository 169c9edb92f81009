"""What goes over the wire about second markings (D8.1)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.checklists.document import Code as ItemCode
from app.checklists.document import Document, Text
from app.kit.paging import PageRequest
from app.kit.wire import Id, In, Out
from app.recordings.rules import Kind as FileKind
from app.review.rules_marking import MarkingStatus
from app.review.schemas_reports import ReportedOutlet
from app.scoring import State
from app.visits.answers import Answer, PhotoReference, RecordingMoment
from app.visits.rules import Kind


class MarkingFilter(PageRequest):
    """What the list is narrowed to."""

    submitted: bool | None = None


class AssignIn(In):
    marker_id: Id


class SecondAnswersIn(In):
    """A batch of answers, each in the place of the one before it."""

    answers: Annotated[
        dict[ItemCode, Answer],
        Field(
            min_length=1,
            max_length=1000,
            json_schema_extra={"additionalProperties": False},
            examples=[{"greeting": {"value": True}, "patience": {"state": "not_observed"}}],
        ),
    ]


class CandidateOut(Out):
    id: UUID
    name: str


class SaidOut(Out):
    """An answer without its times."""

    value: bool | int | str | None
    state: State | None
    reason: str | None
    note: str | None
    evidence: list[RecordingMoment | PhotoReference]


class MarkingTaskOut(Out):
    """A visit to be marked from its recordings. Nothing in it comes from who was there."""

    id: UUID
    visit_id: UUID = Field(description="hidden from you until you have handed in")
    outlet: ReportedOutlet
    visited_on: date = Field(description="at the outlet (D5.3)")
    kind: Kind
    assigned_at: datetime
    submitted_at: datetime | None


class MarkedFileOut(Out):
    recording_id: UUID
    medium: FileKind
    duration_ms: int | None


class MarkingSheetOut(MarkingTaskOut):
    checklist: Document
    items: list[str] = Field(description="what you are asked, in order", examples=[["greeting", "patience"]])
    files: list[MarkedFileOut]
    answers: dict[str, SaidOut]
    open_items: list[str] = Field(description="still without an answer", examples=[["patience"]])


class PairOut(Out):
    """One item as the answers have it now, and as the second marker saw it; null: no answer."""

    item: str
    text: Text
    first: SaidOut | None
    second: SaidOut
    differs: bool = Field(description="both saw it, and saw it otherwise")


class SecondMarkingOut(Out):
    """Where the second marking stands; `pairs` is empty before it is handed in."""

    status: MarkingStatus
    is_drawn: bool
    marker_id: UUID | None
    assigned_at: datetime | None
    submitted_at: datetime | None
    excused_by: UUID | None
    excused_because: str | None = Field(examples=["The recording is damaged."])
    pairs: list[PairOut]
