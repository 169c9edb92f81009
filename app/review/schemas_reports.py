"""What an outlet gets to see. Every field here is meant for people who must not find out who came (D10.1).

Not in here, and not to be added: anything of the crew, their words (notes, summary, texts, reasons), ids that a
phone made, positions, and times finer than the part of a day.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.checklists.document import Text
from app.kit.paging import PageRequest
from app.kit.wire import Date, Id, Out
from app.review.rules import PublishedMedium
from app.scoring import Mode, State, Status, VetoScope
from app.visits.rules import DayPart, Kind
from app.visits.schemas_recordings import StretchOut

Alias = Annotated[
    str,
    Path(
        pattern=r"^[0-9a-f]{32}$",
        description="of one published visit, drawn at random",
        examples=["9f86d081884c7d659a2feaa0c55ad015"],
    ),
]
FileNumber = Annotated[int, Path(ge=1, le=10_000, description="as in the report", examples=[1])]


class ReportFilter(PageRequest):
    """What the list is narrowed to."""

    outlet_id: Id | None = None
    visited_from: Date | None = None
    visited_until: Date | None = Field(None, description="the last day, included")


class ReportedOutlet(Out):
    id: UUID
    code: str
    name_zh: str | None
    name_en: str | None


class ReportOut(Out):
    """A published visit in one line."""

    alias: str
    outlet: ReportedOutlet
    visited_on: date = Field(description="at the outlet (D5.3)")
    day_part: DayPart
    kind: Kind
    status: Status
    total: Decimal | None = Field(
        description="of 100; null: too little was seen", examples=["66.666666666666"]
    )
    total_without_vetoes: Decimal | None
    completeness: Decimal | None
    vetoes: int
    provisional: bool = Field(description="an appeal is open (D8.4)")
    published_at: datetime
    revision: int


class ReportedEvidence(Out):
    """Where it can be seen or heard: a second of a recording, or a photo."""

    recording: int | None
    at_ms: int | None
    photo: int | None


class ReportedVeto(Out):
    """A breached basic norm, what it took, and what shows it (D4)."""

    item: str
    text: Text
    scope: VetoScope
    target: str | None = Field(description="the part that scores zero; null: the visit")
    cap: Decimal | None
    evidence: list[ReportedEvidence]


class ReportedItemScore(Out):
    """`available` and `contribution` are points of the 100 (D3.6)."""

    weight: Decimal
    bonus: bool
    counted: bool
    fraction: Decimal | None
    points: Decimal
    available: Decimal
    contribution: Decimal
    vetoed_by: list[str]


class ReportedItem(Out):
    code: str
    text: Text
    type: str
    state: State
    value: bool | int | str | None = Field(description="as answered; an inspector's own words are left out")
    value_text: Text | None = Field(description="of the chosen option")
    score: ReportedItemScore | None = Field(description="null: not scored")
    evidence: list[ReportedEvidence]


class ReportedPart(Out):
    code: str
    title: Text
    weight: Decimal
    score: Decimal | None
    completeness: Decimal | None
    available: Decimal
    contribution: Decimal
    vetoed_by: list[str]


class ReportedIndicator(ReportedPart):
    items: list[ReportedItem]


class ReportedDimension(ReportedPart):
    indicators: list[ReportedIndicator]


class ReportedFile(Out):
    medium: PublishedMedium
    number: int
    duration_ms: int | None
    gaps: list[StretchOut] = Field(
        description="where nothing may have been recorded; what cut in would tell the device, and is left out"
    )


class ReportRevision(Out):
    """What the report said once (D8.6)."""

    number: int
    total: Decimal | None
    reason: str
    made_at: datetime


class ReportDetail(ReportOut):
    """The whole report: a score that explains itself (D3.6)."""

    checklist: Text
    mode: Mode
    completeness_threshold: Decimal
    summary: str
    veto_list: list[ReportedVeto]
    dimensions: list[ReportedDimension]
    files: list[ReportedFile]
    revisions: list[ReportRevision]


class PublishedOut(Out):
    """For the desk: which visit got which alias."""

    visit_id: UUID
    alias: str
    published_at: datetime


class BatchOut(Out):
    published: list[PublishedOut]
