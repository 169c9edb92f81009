"""What goes over the wire about answers, and what became of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.checklists.document import Code as ItemCode
from app.checklists.document import Text
from app.kit.wire import In, Instant, Out, Prose, Whole
from app.scoring import State as AnswerState
from app.visits.answers import Answer, PhotoReference, RecordingMoment
from app.visits.schemas import Offset, ProgressOut


class AnswerIn(Answer):
    """An answer and when it was given."""

    device_at: Instant


class AnswersIn(In):
    """A batch of answers. Sent twice, or in another order, the result is the same: the latest by device time stays."""

    clock_offset_ms: Offset | None = None
    answers: Annotated[
        dict[ItemCode, AnswerIn],
        Field(
            min_length=1,
            max_length=1000,
            json_schema_extra={"additionalProperties": False},
            examples=[{"greeting": {"value": True, "device_at": "2026-03-05T10:12:00+08:00"}}],
        ),
    ]
    summary: Prose | None = None
    questions_asked: Annotated[Whole, Field(ge=0, le=1000)] | None = None


class AnswerOut(Out):
    value: bool | int | str | None
    state: AnswerState | None
    reason: str | None
    note: str | None
    evidence: list[RecordingMoment | PhotoReference]
    device_at: datetime
    received_at: datetime
    clock_offset_ms: int | None


class AnswersOut(Out):
    answers: dict[str, AnswerOut]
    superseded: list[str] = Field(description="items of this batch for which a later answer was known")
    progress: ProgressOut
    summary: str
    questions_asked: int


class AnswersRevisionOut(Out):
    id: UUID
    number: int
    made_at: datetime
    reason: str


class AnswerChangeOut(Out):
    """One item that was answered otherwise; null: not at all."""

    item: str
    text: Text
    before: AnswerOut | None
    after: AnswerOut | None


class AnswersDifferenceOut(Out):
    """What a correction changed (D8.2), in the order of the checklist."""

    number: int
    before_number: int
    made_at: datetime
    items: list[AnswerChangeOut]
