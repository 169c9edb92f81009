"""What goes over the wire about inspectors' time: profiles, shifts and leave."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.kit.wire import Code, Date, Id, In, OneLine, Out, Reason, Whole
from app.outlets.hours import clock_minutes
from app.outlets.schemas import Languages, PositionIn, PositionOut, TimeOfDay

LONGEST_LEAVE_DAYS = 730  # two years: beyond it somebody has left


def _in_order_once(values: list[str]) -> list[str]:
    return sorted(set(values))


Communities = Annotated[list[OneLine], Field(max_length=20), AfterValidator(_in_order_once)]
Certificates = Annotated[list[Code], Field(max_length=50), AfterValidator(_in_order_once)]


class Shift(In):
    starts: TimeOfDay = Field(examples=["09:00"])
    ends: TimeOfDay = Field(examples=["18:00"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if clock_minutes(self.ends) <= clock_minutes(self.starts):
            raise ValueError("a shift ends after it starts, on the same day")
        return self


class Shifts(In):
    """The week in the inspector's local time; null: no work on that day."""

    mon: Shift | None = None
    tue: Shift | None = None
    wed: Shift | None = None
    thu: Shift | None = None
    fri: Shift | None = None
    sat: Shift | None = None
    sun: Shift | None = None

    @model_validator(mode="after")
    def _some_day(self) -> Self:
        if not any(self.by_day()):
            raise ValueError("somebody who never works is inactive: set active_until")
        return self

    def by_day(self) -> list[Shift | None]:
        """Monday first."""
        return [self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun]


class ProfileIn(In):
    home: PositionIn = Field(description="where the day begins and ends")
    region_id: Id | None = Field(None, description="serves it and all below; null: everywhere")
    reach_minutes: Annotated[Whole, Field(ge=0, le=1440)] | None = Field(
        None, description="longest way from home, one way; null: no limit"
    )
    shifts: Shifts = Field(examples=[{"mon": {"starts": "09:00", "ends": "18:00"}}])
    days_per_week: Whole = Field(5, ge=1, le=7)
    visits_per_day: Whole = Field(5, ge=1, le=12)
    max_day_minutes: Whole = Field(480, ge=30, le=1440, description="from home to home")
    languages: Languages = Field(default_factory=list, examples=[["zh", "ug"]])
    communities: Communities = Field(default_factory=list, description="see D2.9: a preference, never a bar")
    certificates: Certificates = Field(default_factory=list, examples=[["may-sign-contracts"]])
    active_from: Date
    active_until: Date | None = Field(None, description="the last day; null: until further notice")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.active_until is not None and self.active_until < self.active_from:
            raise ValueError("active_until must not be before active_from")
        return self


class ProfileOut(Out):
    person_id: UUID
    home: PositionOut
    region_id: UUID | None
    reach_minutes: int | None
    shifts: Shifts
    days_per_week: int
    visits_per_day: int
    max_day_minutes: int
    languages: list[str]
    communities: list[str]
    certificates: list[str]
    active_from: date
    active_until: date | None
    version: int
    changed_at: datetime


class LeaveIn(In):
    id: Id | None = Field(None, description="made by the client, so that a retry makes no second one")
    starts_on: Date
    ends_on: Date = Field(description="the last day, included")
    reason: Reason = Field(examples=["Annual leave"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 <= (self.ends_on - self.starts_on).days <= LONGEST_LEAVE_DAYS:
            raise ValueError(
                f"ends_on must not be before starts_on, nor more than {LONGEST_LEAVE_DAYS} days after"
            )
        return self


class LeaveOut(Out):
    id: UUID
    person_id: UUID
    starts_on: date
    ends_on: date
    reason: str
    created_at: datetime
