"""What goes over the wire about actions. Nothing in here tells of a visit that is not published (D6.6)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.cases.rules_actions import Origin, State, StepKind
from app.cases.schemas_files import FileOut
from app.checklists.document import Code as ItemCode
from app.checklists.document import Share, Text
from app.kit.paging import PageRequest
from app.kit.wire import Date, Id, In, Out, Prose, Reason, Whole
from app.recordings.schemas import Milliseconds
from app.review.schemas_reports import ReportedOutlet

Days = Annotated[Whole, Field(ge=1, le=365)]


class ActionIn(In):
    id: Id | None = Field(None, description="made by the client, so that a retry makes no second action")
    item: ItemCode = Field(examples=["no-smoking"])
    reason: Reason = Field(examples=["Put a sign at the entrance, and talk to the colleague."])
    owner_id: Id | None = Field(
        None, description="in charge of the outlet; left out: whoever has been for longest"
    )
    days: Days | None = Field(None, description="to put it right; left out: as the programme says")
    recording: Annotated[Whole, Field(ge=1, le=10_000)] | None = Field(
        None, description="of the report, by its number"
    )
    at_ms: Milliseconds | None = Field(None, description="a moment of that recording")

    @model_validator(mode="after")
    def _moment_of_a_recording(self) -> Self:
        if self.at_ms is not None and self.recording is None:
            raise ValueError("at_ms is a moment of a recording: name it")
        return self


class BoardFilter(In):
    """What the board is narrowed to."""

    state: Annotated[list[State], Field(max_length=len(State))] = Field(
        default_factory=list, description="any of these; none: all"
    )
    outlet_id: Id | None = None
    region_id: Id | None = Field(None, description="and everything below it")
    owner_id: Id | None = None
    item: ItemCode | None = None
    overdue: bool | None = None


class BoardPage(PageRequest, BoardFilter):
    """A page of the board."""


class NoteIn(In):
    note: Prose = Field("", examples=["The sign hangs since this morning."])


class CommentIn(In):
    note: Reason = Field(examples=["The printer comes on Thursday."])


class AssignIn(In):
    owner_id: Id


class ReplanIn(In):
    due_on: Date = Field(description="the last day, at the outlet")
    target: Share = Field(description="what a re-check has to reach", examples=["0.8"])
    reason: Reason


class OwnerOut(Out):
    id: UUID
    name: str


class LinkedReportOut(Out):
    """A published report, by its alias."""

    alias: str
    visited_on: date


class ActionOut(Out):
    id: UUID
    outlet: ReportedOutlet
    checklist: str = Field(examples=["telecom-hall"])
    item: str
    text: Text
    state: State
    origin: Origin
    reason: str
    target: Decimal = Field(examples=["0.6"])
    owner: OwnerOut | None
    report: LinkedReportOut = Field(description="from which it was opened")
    recording: int | None
    at_ms: int | None
    opened_at: datetime
    due_on: date
    overdue: bool
    times_failed: int = Field(description="published visits at which it was wrong")
    verified_by: LinkedReportOut | None = Field(description="of the later visit that found it in order")
    closed_at: datetime | None
    closed_because: str | None
    version: int


class ActionDetail(ActionOut):
    proofs: list[FileOut]


class ActionStepOut(Out):
    kind: StepKind
    state: State
    note: str
    actor_id: UUID | None = Field(description="null for what the service did by itself")
    report: LinkedReportOut | None = Field(description="the report that caused it")
    at: datetime


class StateCount(Out):
    state: State
    count: int


class BoardCountsOut(Out):
    states: list[StateCount] = Field(description="all of them, in the order of an action's life")
    overdue: int
