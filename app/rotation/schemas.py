"""What goes over the wire about rotation."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.kit.wire import Date, Id, In, Out, Reason
from app.outlets.schemas import RowErrorOut
from app.rotation.models import ExposureKind


class EligibilityQuestion(In):
    programme_id: Id
    inspector_id: Id
    outlet_id: Id
    on: Date = Field(description="a date at the outlet (D5.3)", examples=["2026-03-01"])
    covert: bool = True


class WhyNot(Out):
    """One rule that stands in the way."""

    rule: Literal["rotation", "covert-bar", "not-an-inspector"]
    blocking_date: date | None = Field(examples=["2025-11-30"])
    last_blocked_date: date | None = Field(examples=["2026-02-28"])
    explanation: str


class EligibilityOut(Out):
    allowed: bool
    first_allowed_on: date | None = Field(
        description="null: never, as long as things stay as they are", examples=["2026-03-01"]
    )
    reasons: list[WhyNot]


class WaiverIn(In):
    programme_id: Id
    inspector_id: Id
    outlet_id: Id
    visit_on: Date
    reason: Reason


class WaiverOut(Out):
    id: UUID
    inspector_id: UUID
    outlet_id: UUID
    visit_on: date
    reason: str
    granted_by: UUID
    granted_at: datetime


class ExposureOut(Out):
    id: UUID
    inspector_id: UUID
    outlet_id: UUID
    visit_id: UUID | None
    kind: ExposureKind
    visited_on: date
    blocked_until: date
    counts: bool
    waiver_id: UUID | None
    released_because: str | None


class HistoryImportOut(Out):
    dry_run: bool
    rows: int
    created: int = Field(description="visits that count from now on")
    unchanged: int = Field(description="rows that counted before, or stand in the sheet twice")
    barred: int = Field(description="people barred from covert visits where they were overt (D5.6)")
    reservations_in_conflict: list[UUID] = Field(
        description="reserved visits that the imported past forbids: move or cancel them"
    )
    errors: list[RowErrorOut]
