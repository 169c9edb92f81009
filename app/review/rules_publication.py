"""When reports go out by themselves (D8.3). Standard library only."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_slot(after: datetime, *, weekdays: Collection[int], hour: int, time_zone: str) -> datetime:
    """The first moment from `after` on at which a batch goes out: `hour` of one of `weekdays` (Monday is 0) there.

    An hour that the clocks leave out or show twice counts as they first read it (PEP 495).
    """
    zone = ZoneInfo(time_zone)
    today = after.astimezone(zone).date()
    slots = (
        datetime.combine(day, time(hour), tzinfo=zone)
        for day in (today + timedelta(days=number) for number in range(8))
        if day.weekday() in weekdays
    )
    return next(slot for slot in slots if slot >= after).astimezone(after.tzinfo)


def goes_out(slots: Sequence[datetime], *, minimum: int, longest_hold: timedelta, now: datetime) -> bool:
    """Whether what waits for its batch goes out now: enough of it, or one for too long already."""
    return len(slots) >= minimum or any(now - slot >= longest_hold for slot in slots)
