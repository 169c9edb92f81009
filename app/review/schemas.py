"""What goes over the wire about reviews."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.checklists.document import Code as ItemCode
from app.checklists.document import Share, Text
from app.kit.paging import PageRequest
from app.kit.wire import Id, In, Out, Prose, Reason
from app.recordings.schemas import RecordingOut
from app.review.rules import Verdict
from app.review.rules_marking import MarkingStatus
from app.review.schemas_marking import SecondMarkingOut
from app.visits.answers import PhotoReference, RecordingMoment
from app.visits.rules import State
from app.visits.schemas import CheckInOut, ScoreOut, VisitOut
from app.visits.schemas_answers import AnswerChangeOut, AnswerOut
from app.visits.schemas_leaving import ManifestFileOut
from app.visits.schemas_timeline import VisitFindingOut


class VerdictIn(In):
    verdict: Verdict
    reason: Reason = Field(examples=["At 1:23 a colleague smokes at the counter."])


class MarksIn(In):
    """All marks at once; one that is left out is taken away."""

    marks: Annotated[dict[ItemCode, Share], Field(max_length=1000, examples=[{"window-display": "0.5"}])]


class SendBackItemIn(In):
    item: ItemCode
    reason: Reason = Field(examples=["The recording shows that the machine was on."])


def _each_once(items: list[SendBackItemIn]) -> list[SendBackItemIn]:
    if len({one.item for one in items}) != len(items):
        raise ValueError("name each item once")
    return items


class SendBackIn(In):
    reason: Reason = Field(examples=["Two answers do not fit the recording."])
    items: Annotated[list[SendBackItemIn], Field(min_length=1, max_length=1000), AfterValidator(_each_once)]


class ApproveIn(In):
    summary_for_outlet: Prose = Field(
        "",
        description="in your words: the inspector's summary and notes never reach the outlet (D10.1)",
        examples=["Friendly and quick; smoking at the counter has to stop."],
    )
    without_files_because: Reason | None = Field(
        None,
        description="take the visit although declared files never arrived or cannot be used",
        examples=["The recorder was lost on the way home; the photos show enough."],
    )


class ReviewFilter(PageRequest):
    """What the queue is narrowed to."""

    overdue: bool | None = None
    has_veto: bool | None = Field(None, description="whether a breached basic norm stands in the answers")
    awaits_second_marking: bool | None = Field(
        None, description="to be marked a second time, and not handed in yet (D8.1)"
    )
    programme_id: Id | None = None


class QueuedOut(Out):
    """A visit that waits for its reviewer."""

    visit: VisitOut
    due_at: datetime
    overdue: bool
    escalated_at: datetime | None = Field(description="when the supervisors were told that it is late")
    vetoes: list[str] = Field(description="breached basic norms", examples=[["no-smoking"]])
    second_marking: MarkingStatus


class FindingOut(Out):
    rule: str = Field(examples=["veto-unconfirmed"])
    message: str
    where: list[str] = Field(description="items or files", examples=[["no-smoking"]])


class ReviewedAnswerOut(Out):
    item: str
    text: Text
    answer: AnswerOut | None


class FiredVetoOut(Out):
    item: str
    text: Text
    scope: str
    target: str | None = Field(description="the indicator or dimension it takes to zero; null: the visit")
    evidence: list[RecordingMoment | PhotoReference]
    needs_confirmation: bool
    verdict: Verdict | None
    reason: str | None
    decided_by: UUID | None
    decided_at: datetime | None


class ReviewedFileOut(Out):
    """A declared file, and what has become of it; `recording` is null while nothing has arrived."""

    declared: ManifestFileOut
    recording: RecordingOut | None


class SendBackItemOut(Out):
    item: str
    reason: str


class SendBackOut(Out):
    id: UUID
    reason: str
    items: list[SendBackItemOut]
    answers_revision: int
    sent_at: datetime


class ApprovalOut(Out):
    state: State
    approved_by: UUID
    approved_at: datetime
    publish_after: datetime
    summary_for_outlet: str
    without_files_because: str | None
    remarks: list[FindingOut] = Field(description="what did not stand in the way, and yet should be known")


class WaitingOut(Out):
    """An approved visit that is not published yet, and what it waits for besides its moment."""

    visit: VisitOut
    approved_by: UUID
    approved_at: datetime
    publish_after: datetime
    due: bool = Field(description="its delay is over (D8.3)")
    summary_for_outlet: str
    faces_to_confirm: list[UUID] = Field(
        description="recordings whose hidden faces nobody has looked through"
    )
    being_rendered: list[UUID] = Field(description="recordings that are rendered anew after muting (D10.2)")


class ReviewOut(Out):
    """The review sheet: everything a decision rests on."""

    visit: VisitOut
    due_at: datetime
    overdue: bool
    answers_revision: int
    answers: list[ReviewedAnswerOut]
    check_ins: list[CheckInOut]
    score: ScoreOut
    vetoes: list[FiredVetoOut]
    to_mark: list[str] = Field(description="items that wait for your mark or have one (D3.3)")
    files: list[ReviewedFileOut]
    findings: list[VisitFindingOut] = Field(
        description="what the recordings give away across files: gaps, clocks, custody, re-used files"
    )
    send_backs: list[SendBackOut]
    changes: list[AnswerChangeOut] = Field(
        description="what the last correction changed (D8.2); empty before there was one"
    )
    second_marking: SecondMarkingOut
    blocks: list[FindingOut] = Field(description="what stands between the visit and its approval")
    remarks: list[FindingOut]
