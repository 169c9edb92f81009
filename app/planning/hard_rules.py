"""The names of the hard rules, and what a broken one looks like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Fact = str | int


class Rule(StrEnum):
    """One per hard rule of D5 and D6, plus the honesty of the document itself."""

    UNKNOWN = "unknown"
    ACCOUNTING = "accounting"
    MONTH = "month"
    CREW = "crew"
    OPENING = "opening"
    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    DEVICE = "device"
    REACH = "reach"
    BARRED = "barred"
    UNAVAILABLE = "unavailable"
    ROTATION = "rotation"
    GAP = "gap"
    VARIATION = "variation"
    VISITS_PER_DAY = "visits_per_day"
    TRAVEL = "travel"
    SHIFT = "shift"
    DAY_LENGTH = "day_length"
    WORK_DAYS = "work_days"
    BACKUP = "backup"
    PIN = "pin"
    ROUTES = "routes"


class Why(StrEnum):
    """What exactly breaks a rule: a sentence of its own, with its facts by name."""

    UNKNOWN = "unknown"
    ACCOUNTING = "accounting"
    MONTH = "month"
    CREW_SIZE = "crew_size"  # inspectors, crew
    CREW_TWICE = "crew_twice"
    CLOSED = "closed"
    HOURS = "hours"  # arrive, leave, opens, closes
    STAY = "stay"
    LANGUAGE = "language"  # languages
    CERTIFICATE = "certificate"  # certificates
    DEVICE = "device"  # kind, held, needed
    REACH = "reach"  # minutes, most
    REGION = "region"
    NOT_THERE = "not_there"
    KNOWN_THERE = "known_there"  # since, where it was an overt visit
    UNAVAILABLE = "unavailable"
    ROTATION = "rotation"  # blocking, until, first_allowed
    ROTATION_OF_BRAND = "rotation_of_brand"  # the same, and outlet
    GAP = "gap"  # other, days
    VARIATION = "variation"  # times
    VISITS_PER_DAY = "visits_per_day"  # visits, most
    TRAVEL = "travel"  # leaves, minutes, due
    SHIFT = "shift"  # early, late (minutes), starts, ends
    NO_HOUR = "no_hour"  # others, starts, ends
    DAY_LENGTH = "day_length"  # minutes, most
    WORK_DAYS = "work_days"  # days, most
    BACKUP = "backup"
    PINNED = "pinned"
    CONFIRMED = "confirmed"
    ROUTES = "routes"


@dataclass(frozen=True, slots=True)
class Violation:
    """`says` is the English of `why` with its `facts`: dates are ISO 8601, times `HH:MM`, outlets their ids."""

    rule: Rule
    visit: str
    inspector: str = ""
    on: date | None = None
    says: str = ""
    why: Why | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict, compare=False)

    @property
    def reason(self) -> Why:
        """Many rules can be broken in one way only, which is called as they are."""
        return self.why or Why(self.rule)

    def __str__(self) -> str:
        words = (self.rule, self.visit, self.inspector, str(self.on or ""), self.says)
        return " ".join(word for word in words if word)
