"""The one place that asks for the time."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 (this is the clock)


def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar date at `instant` in `time_zone` (D5.3)."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
