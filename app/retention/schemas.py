"""What goes over the wire about retention."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import Query
from pydantic import ConfigDict, Field, model_validator

from app.kit.paging import PageRequest
from app.kit.wire import Date, Id, In, Instant, Out, Reason
from app.retention.rules import Class, Start

MOST_LINES = 200


class HoldIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"outlet_id": "0199a1b2-0000-7000-8000-000000000001", "reason": "Labour dispute 2026-114"}
            ]
        }
    )

    id: Id | None = Field(None, description="made by the client, so that a retry places no second hold")
    visit_id: Id | None = Field(None, description="keep what belongs to this visit")
    outlet_id: Id | None = Field(None, description="keep what belongs to the visits of this outlet")
    person_id: Id | None = Field(
        None, description="keep what belongs to the visits this person was of the crew of"
    )
    reason: Reason = Field(examples=["Labour dispute 2026-114"])
    until: Instant | None = Field(None, description="null: until it is lifted")

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        named = [one for one in (self.visit_id, self.outlet_id, self.person_id) if one is not None]
        if len(named) != 1:
            raise ValueError("name one of visit_id, outlet_id and person_id")
        return self


class LiftIn(In):
    reason: Reason = Field(examples=["The dispute was settled"])


class HoldOut(Out):
    id: UUID
    visit_id: UUID | None
    outlet_id: UUID | None
    person_id: UUID | None
    reason: str
    until: datetime | None
    placed_by: UUID
    placed_at: datetime
    lifted_by: UUID | None
    lifted_at: datetime | None
    lifted_because: str | None = Field(examples=["The dispute was settled"])


class PreviewFilter(In):
    on: Date | None = Field(None, description="what will be due by then; today unless told otherwise")
    limit: int = Field(50, ge=1, le=MOST_LINES, description="how many single things are listed at the most")


class PreviewTotal(Out):
    """Of one class in one programme."""

    programme_id: UUID
    retention_class: Class
    start_event: Start
    days: int = Field(description="the programme's rule")
    things: int = Field(description="due and not decided on yet, held ones included")
    held_things: int = Field(description="kept by a legal hold")
    size_bytes: int = Field(description="of what will go")


class PreviewLine(Out):
    programme_id: UUID
    visit_id: UUID | None = Field(description="null: a bulletin")
    recording_id: UUID | None = Field(description="null, like the next two: rows of the visit itself")
    case_file_id: UUID | None
    bulletin_id: UUID | None
    retention_class: Class
    started_at: datetime
    due_at: datetime
    size_bytes: int
    held: bool


class PreviewOut(Out):
    on: date
    totals: list[PreviewTotal]
    lines: list[PreviewLine] = Field(description="those that are due longest, by class")


class TombstoneFilter(PageRequest):
    visit_id: Id | None = None
    recording_id: Id | None = None
    retention_class: Class | None = None


class DeletedFile(Out):
    kind: str = Field(examples=["outlet"])
    sha256: str
    size_bytes: int


class TombstoneOut(Out):
    """Proof that something is deleted; `GET /v1/audit` has it in the chain, with the action `retention.deleted`."""

    id: UUID
    programme_id: UUID
    visit_id: UUID | None = Field(description="null: it was a bulletin")
    recording_id: UUID | None
    case_file_id: UUID | None
    bulletin_id: UUID | None
    retention_class: Class
    start_event: Start
    days: int
    started_at: datetime
    sha256: str | None = Field(
        description="of the file, or of what a bulletin was drawn from; null where rows were deleted"
    )
    size_bytes: int
    files: list[DeletedFile]
    decided_at: datetime
    deleted_at: datetime | None = Field(description="null: decided on, and not done yet")


WantedPreview = Annotated[PreviewFilter, Query()]
WantedTombstones = Annotated[TombstoneFilter, Query()]
