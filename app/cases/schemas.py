"""What goes over the wire about appeals. Everything here is blind as a report is: nothing of the inspector (D10.1).

And nothing of the appellant reaches the inspector: who filed, in which words, with which files.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.cases.rules import CORRECTING, Category, Seat, State, StepKind, Viewpoint
from app.cases.schemas_files import FileOut
from app.checklists.document import Code as ItemCode
from app.checklists.document import Share, Text
from app.kit.paging import PageRequest
from app.kit.wire import Id, In, Out, Prose, Reason
from app.review.schemas_reports import ReportedOutlet
from app.scoring import State as AnswerState
from app.visits.answers import Answer, Value
from app.visits.rules import DayPart

ALIAS = r"^[0-9a-f]{32}$"
MOST_SEATS = 15


class AppealedItemIn(In):
    item: ItemCode = Field(examples=["no-smoking"])
    reason: Reason = Field(examples=["The smoke came from the street; nobody smoked inside."])


def _items_once(items: list[AppealedItemIn]) -> list[AppealedItemIn]:
    if len({one.item for one in items}) != len(items):
        raise ValueError("name each item once")
    return items


class AppealIn(In):
    id: Id | None = Field(None, description="made by the client, so that a retry makes no second appeal")
    items: Annotated[list[AppealedItemIn], Field(min_length=1, max_length=200), AfterValidator(_items_once)]
    statement: Prose = Field("", description="on the whole", examples=["We ask for a second look."])


class AppealFilter(PageRequest):
    """What the list is narrowed to."""

    state: State | None = None
    outlet_id: Id | None = None
    alias: Annotated[str, Field(pattern=ALIAS)] | None = Field(None, description="of the disputed report")


class SeatIn(In):
    person_id: Id
    seat: Seat = Seat.MEMBER


class AdmitIn(In):
    panel: Annotated[list[SeatIn], Field(min_length=1, max_length=MOST_SEATS)] = Field(
        description="with one chair; two people at least where a veto is disputed (D4.3)",
        examples=[[{"person_id": "0199a1b2-0000-7000-8000-000000000001", "seat": "chair"}]],
    )


class BecauseIn(In):
    reason: Reason = Field(examples=["Say which customer you mean, and when."])


class CorrectedIn(In):
    """What the answer should have been. Of value and state one."""

    value: Value | None = Field(None, examples=[True])
    state: Literal[AnswerState.NOT_APPLICABLE, AnswerState.NOT_OBSERVED] | None = None
    reason: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="why it is not applicable; required then (D3.1)"
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.value is None) == (self.state is None):
            raise ValueError("give a value, or the state in which there is none")
        return self


class VoteIn(In):
    category: Category
    reason: Reason = Field(examples=["At 1:23 the smoke comes in through the door."])
    answer: CorrectedIn | None = Field(
        None, description="upheld or partly: what the answer should have been", examples=[{"value": True}]
    )
    mark: Share | None = Field(
        None, description="instead of an answer, for texts and photos that a reviewer marks (D3.3)"
    )

    @model_validator(mode="after")
    def _corrected_when_upheld(self) -> Self:
        given = (self.answer is not None) + (self.mark is not None)
        if given != (self.category in CORRECTING):
            raise ValueError("what is upheld, wholly or partly, has an answer or a mark; nothing else has")
        return self


class Correction(In):
    """As it is kept with a vote. Two are the same if their texts are."""

    answer: Answer | None = None
    mark: Share | None = None


class StandingOut(Out):
    """What a report says of an item."""

    state: AnswerState
    value: bool | int | str | None = Field(description="an inspector's own words are left out")
    fraction: Decimal | None
    contribution: Decimal = Field(description="points of the 100 (D3.6)")
    vetoed: bool = Field(description="its veto fired")


class RulingOut(Out):
    category: Category
    reason: str
    lifts_veto: bool = Field(description="then two people said so (D4.3)")
    decided_at: datetime


class VoteOut(Out):
    person_id: UUID
    category: Category
    reason: str
    answer: Answer | None
    mark: Decimal | None
    lifts_veto: bool
    voted_at: datetime


class AppealedItemOut(Out):
    item: str
    text: Text
    reason: str | None = Field(description="null for inspectors")
    vetoed: bool = Field(description="its veto fired in the disputed report")
    before: StandingOut
    after: StandingOut | None = Field(description="null until the appeal is decided")
    ruling: RulingOut | None = Field(description="outlet and inspector read it when the appeal is decided")
    needs_further_member: bool = Field(
        description="all have decided and do not agree, or one alone would lift a veto"
    )
    votes: list[VoteOut] = Field(
        description="for the desk, and for members of the panel who have decided on the item themselves"
    )


class PanelMemberOut(Out):
    person_id: UUID
    name: str
    seat: Seat
    appointed_at: datetime
    released_at: datetime | None
    released_because: str | None


class MinuteOut(Out):
    """Disclosed by the panel, because the appeal needed it (D10.1)."""

    entered_at: str = Field(description="at the outlet", examples=["2026-03-02 17:04"])
    reason: str
    disclosed_at: datetime


class AppealOut(Out):
    """An appeal in one line."""

    id: UUID
    alias: str
    outlet: ReportedOutlet
    visited_on: date
    day_part: DayPart
    state: State
    viewpoint: Viewpoint = Field(description="as whom you see it: it decides how much there is")
    items: list[str] = Field(examples=[["no-smoking"]])
    filed_at: datetime
    decision_due_at: datetime
    overdue: bool
    settled_at: datetime | None
    total_before: Decimal | None = Field(examples=["66.666666666666"])
    total_after: Decimal | None = Field(examples=["76.666666666666"])


class AppealDetail(AppealOut):
    """With what was said and what came of it."""

    statement: str | None = Field(description="null for inspectors")
    appellant_id: UUID | None = Field(description="for the desk")
    visit_id: UUID | None = Field(description="for the desk")
    disputed: list[AppealedItemOut]
    settled_because: str | None = Field(description="why it was returned; null for inspectors")
    refile_until: datetime | None = Field(
        description="returned: until then it may be filed anew, put right, though the window be closed"
    )
    revision: int | None = Field(description="of the report, made by the decision")
    seats: int
    panel: list[PanelMemberOut] = Field(description="for the desk and the panel itself")
    attachments: list[FileOut] = Field(description="none for inspectors")
    minute: MinuteOut | None


class AppealStepOut(Out):
    kind: StepKind
    item: str | None
    note: str
    actor_id: UUID | None = Field(description="for the desk; null for what the service did by itself")
    at: datetime
