"""The one place that asks for the time, and the names of days."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


class Weekday(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEK = tuple(Weekday)


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 (this is the clock)


def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar date at `instant` in `time_zone` (D5.3)."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
