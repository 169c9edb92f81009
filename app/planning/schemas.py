"""What goes over the wire about plans. Times of day are the outlet's, written HH:MM."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints, model_validator

from app.kit.wire import Date, Id, In, Out, Whole
from app.outlets.schemas import TimeOfDay
from app.planning.compare import Change
from app.planning.hard_rules import Why
from app.planning.models import PlanState
from app.planning.options import SoftConflict, Verdict
from app.planning.plan import Costs, Fix
from app.planning.schemas_demand import Month
from app.planning.tasks import Measured
from app.visits.rules import Kind

VisitName = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f-]{36}#[0-9]{1,2}$"),
    Field(description="outlet and number", examples=["0197b0f6-5f6e-7d3a-9d5e-1f1f1f1f1f1f#1"]),
]
MostOutlets = Annotated[
    int, Query(ge=0, le=1000, description="so many outlets are named, those guessed best first")
]
DEFAULT_SECONDS = 60


class Budget(In):
    """How long to search. By iterations the same plan comes out for the same seed; by seconds not quite."""

    seconds: Annotated[Whole, Field(ge=1, le=7200)] | None = None
    iterations: Annotated[Whole, Field(ge=1, le=2**31 - 1)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.seconds is not None and self.iterations is not None:
            raise ValueError("give either seconds or iterations")
        return self


class PlanIn(Budget):
    id: Id | None = Field(None, description="made by the client, so that a retry makes no second plan")
    programme_id: Id
    month: Month
    region_id: Id | None = Field(None, description="and all below; null: the whole programme, for admins")
    seed: Annotated[Whole, Field(ge=0, lt=2**31)] | None = Field(
        None, description="null: drawn; whoever knows it can work out the plan (D6.3)"
    )


class RepairIn(Budget):
    id: Id | None = Field(None, description="made by the client")
    frozen_until: Date | None = Field(None, description="nothing up to this day changes; never before today")


class PinIn(In):
    visit: VisitName
    pinned: Annotated[bool, Field(strict=True)]


class MoveIn(In):
    """Who goes when. What is left out stays, or for an unserved visit must be given."""

    visit: VisitName
    inspectors: Annotated[list[Id], Field(min_length=1, max_length=4)] | None = Field(
        None, description="the whole crew, the lead first"
    )
    backups: Annotated[list[Id], Field(max_length=2)] | None = Field(
        None, description="named stand-ins (D6.7); null: nobody"
    )
    on: Date | None = None
    arrive: TimeOfDay | None = Field(None, description="null: the first hour of the day that breaks no rule")


class TakeOutIn(In):
    visit: VisitName


class SwapIn(In):
    """Two visits exchange their crews and keep their hours."""

    first: VisitName
    second: VisitName


class OptionsAsked(In):
    """Which visit, and who else of a crew would enter with each of the inspectors."""

    visit: VisitName
    beside: Annotated[list[Id], Field(max_length=3)] = Field(
        default_factory=list, description="the rest of the crew; the present lead stays the lead"
    )
    lead: Id | None = Field(None, description="who of them leads, where it is not the present lead")


class WhyNotIn(In):
    visit: VisitName
    inspector_id: Id
    on: Date


class ProgressOut(Out):
    seconds: float
    iterations: int
    cost: float | None
    unserved: int | None
    told_at: datetime


class PlanProgressOut(ProgressOut):
    """An event of the stream: how far, and in which state."""

    state: PlanState
    failure: str | None


class PlanOut(Out):
    id: UUID
    programme_id: UUID
    region_id: UUID | None
    month: str
    repairs_id: UUID | None
    seed: int
    seconds: int | None
    iterations: int | None
    state: PlanState
    stop_requested: bool
    failure: str | None
    progress: ProgressOut
    costs: Costs | None = Field(description="null after a change by hand: only the search weighs")
    measures: Measured | None
    created_by: UUID
    created_at: datetime
    finished_at: datetime | None
    published_at: datetime | None
    version: int


class PlannedVisitOut(Out):
    visit: str
    outlet_id: UUID
    kind: Kind
    purpose: str | None
    inspectors: list[UUID]
    backups: list[UUID]
    on: date
    arrive: str = Field(examples=["09:30"])
    leave: str
    pinned: bool
    visit_id: UUID | None = Field(description="what it became at publication")


class UnservedOut(Out):
    visit: str
    outlet_id: UUID
    tier: str
    cause: str = Field(examples=["rotation"])
    says: str
    fix: Fix | None = Field(description="the nearest change that would serve it")
    sieve: dict[str, int] = Field(description="inspectors left after each rule")


class RouteOut(Out):
    inspector_id: UUID
    on: date
    leaves_home: str
    returns_home: str
    travel_minutes: int
    visits: list[str] = Field(description="in the order of the day")


class BrokenOut(Out):
    rule: str
    visit: str
    inspector: str
    on: date | None
    says: str
    why: Why = Field(description="the sentence that `says` is the English of")
    facts: dict[str, str | int] = Field(
        description="what stands in the sentence: dates are ISO 8601, times `HH:MM`",
        examples=[{"blocking": "2026-02-17", "until": "2026-05-17", "first_allowed": "2026-05-18"}],
    )


class WhyNotOut(Out):
    allowed: bool
    broken: list[BrokenOut]


class OptionOut(Out):
    """A day on which somebody could, or could not, make a visit."""

    on: date
    verdict: Verdict
    arrive: str | None = Field(description="the first hour that breaks no rule", examples=["09:30"])
    broken: list[BrokenOut] = Field(description="hard rules that forbid it (D6.4)")
    soft: list[SoftConflict] = Field(description="what speaks against it and does not forbid it (D6.4)")
    travel_minutes: int | None = Field(description="more or less travel for all; null where it is blocked")
    visits_that_day: int = Field(description="of this inspector, this visit included")


class OptionRowOut(Out):
    """One inspector's month for one visit."""

    inspector_id: UUID
    crew: list[UUID] = Field(description="who would enter, the lead first")
    visits_in_month: int = Field(description="of this inspector, this visit included")
    never: list[BrokenOut] = Field(description="what forbids it on every day; then there are no `days`")
    days: list[OptionOut]


class OptionsOut(Out):
    """Where a visit could go: every inspector of the month and every day."""

    visit: str
    outlet_id: UUID
    version: int = Field(description="of the plan that was looked at")
    crew_size: int = Field(description="inspectors who enter together; a row may name fewer, a move may not")
    rows: list[OptionRowOut]


class ChangedOut(Out):
    visit: str
    changes: list[Change]
    before: PlannedVisitOut | None
    after: PlannedVisitOut | None


class RatesOut(Out):
    """Shares of guesses that were right, or would be by chance."""

    cell: float = Field(description="weekday and day part")
    weekday: float
    part: float


class GuessOut(Out):
    """How often somebody who knows all earlier visits guesses the next one, against chance (D6.3)."""

    guesses: int
    chance: RatesOut
    predictors: dict[str, RatesOut]
    best_predictor: str = Field(examples=["majority"])
    best: float
    times_chance: float


class GuessableOut(Out):
    """`alarm`: guessed more often than luck explains (two standard deviations)."""

    outlet_id: UUID
    guesses: int
    best_predictor: str = Field(examples=["majority"])
    hits: int
    alarm: bool


class PredictabilityOut(GuessOut):
    alarms: int = Field(description="outlets with an alarm")
    outlets: list[GuessableOut] = Field(description="alarms first, then by the share of hits")


class DifferenceOut(Out):
    """Pairs tell of this plan, then of the other."""

    changed: list[ChangedOut]
    measures: tuple[Measured, Measured]
    costs: tuple[Costs | None, Costs | None] = Field(description="null after a change by hand")
    predictability: tuple[GuessOut | None, GuessOut | None] = Field(
        description="null while no outlet has visits enough to guess from"
    )


class OwnStopOut(Out):
    """A stop of the inspector's own day."""

    visit_id: UUID
    outlet_id: UUID
    on: date
    arrive: str
    leave: str
