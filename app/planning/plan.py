"""A plan as one document: the output of `plainclothes plan solve`, the input of `plan check` and of a repair.

The plan is secret (D6.6). The JSON Schema stands in `json_schemas/plan.json`.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.planning.clocktimes import ClockTime
from app.planning.demand import Kind
from app.planning.parts import Document, Name


class Cause(StrEnum):
    """Why a visit is not served: the first sieve that nobody passes."""

    NO_LANGUAGE = "no_language"
    NO_CERTIFICATE = "no_certificate"
    OUT_OF_REACH = "out_of_reach"
    BARRED = "barred"
    ROTATION = "rotation"
    CLOSED = "closed"
    UNAVAILABLE = "unavailable"
    NO_DEVICE = "no_device"
    GAP = "gap"
    POOL_TOO_SMALL = "pool_too_small"
    CAPACITY = "capacity"
    ROUTE_TIME = "route_time"
    CREW = "crew"
    VARIATION = "variation"
    PIN = "pin"
    SEARCH = "search"
    BY_HAND = "by_hand"  # a person took it out


class Remedy(StrEnum):
    """What would serve an unserved visit, were it changed."""

    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    REACH_MINUTES = "reach_minutes"
    WAIVER = "waiver"
    OPENING = "opening"
    AVAILABILITY = "availability"
    DEVICE = "device"
    MIN_GAP_DAYS = "min_gap_days"
    MAX_DAYS = "max_days"
    MAX_VISITS_PER_DAY = "max_visits_per_day"
    DAY_MINUTES = "max_day_minutes"
    INSPECTOR = "inspector"
    RELEASE_PIN = "release_pin"
    SEARCH_LONGER = "search_longer"
    PUT_BACK = "put_back"


class Fix(Document):
    """The nearest change that would serve the visit: of which rule, for whom, when."""

    remedy: Remedy
    inspector: Name | None = None
    on: date | None = None
    value: int | None = None
    says: str


class PlannedVisit(Document):
    visit: Name
    outlet: Name
    number: int = Field(ge=1)
    kind: Kind
    purpose: Name | None = None
    inspectors: tuple[Name, ...] = Field(min_length=1, description="the lead first")
    backups: tuple[Name, ...] = ()
    on: date
    arrive: ClockTime
    leave: ClockTime
    pinned: bool = False


class Unserved(Document):
    visit: Name
    outlet: Name
    number: int = Field(ge=1)
    tier: Name
    cause: Cause
    says: str
    fix: Fix
    left: dict[str, int] = Field(description="inspectors left after each sieve, in order")


class Route(Document):
    """One inspector's day, from home to home."""

    inspector: Name
    on: date
    leaves_home: ClockTime
    returns_home: ClockTime
    travel_minutes: int = Field(ge=0)
    visits: tuple[Name, ...]


class Costs(Document):
    """The terms of the objective by name, each already times its weight, and their sum."""

    unserved: float
    travel: float
    fair_load: float
    off_peak: float
    community: float
    variation: float
    stability: float
    total: float


class Plan(Document):
    format: Literal["plainclothes/plan/1"] = "plainclothes/plan/1"
    instance: Name
    month: str
    seed: int
    iterations: int = Field(ge=0)
    visits: tuple[PlannedVisit, ...]
    unserved: tuple[Unserved, ...]
    routes: tuple[Route, ...]
    costs: Costs
