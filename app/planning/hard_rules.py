"""The names of the hard rules, and what a broken one looks like."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Violation:
    rule: Rule
    visit: str
    inspector: str = ""
    on: date | None = None
    says: str = ""

    def __str__(self) -> str:
        words = (self.rule, self.visit, self.inspector, str(self.on or ""), self.says)
        return " ".join(word for word in words if word)
