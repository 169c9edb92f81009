"""What goes over the wire about who may still come where, and how far the month's quota is met."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.kit.paging import PageRequest
from app.kit.wire import Date, Id, Out


class CoverageAsked(PageRequest):
    """For which day; its month is the quota's."""

    on: Date = Field(examples=["2026-04-01"])
    region_id: Id | None = Field(None, description="and all below; null: all outlets in the caller's reach")


class BarredOut(Out):
    """An inspector who may not come to the outlet covertly on that day."""

    inspector_id: UUID
    cause: Literal["rotation", "covert-bar", "language", "region"]
    blocking_date: date | None = Field(description="the visit that blocks, or when the bar began")
    first_allowed_on: date | None = Field(
        description="when the pair is legal again; null: never, as long as things stay as they are"
    )


class CoverageOut(Out):
    """An outlet beside all inspectors with a profile that the caller sees; who is not named may come."""

    outlet_id: UUID
    due: int = Field(description="visits the programme wants in the month (D6.1)")
    arranged: int = Field(description="proposed, reserved or accepted")
    made: int = Field(description="entered, whatever came of it")
    free: int = Field(description="inspectors who may come on that day")
    barred: list[BarredOut]
