"""Opening hours and closures, in the outlet's local time, and their one-line text for sheets.

    mon-fri 09:00-12:00,13:30-18:00; sat 10:00-16:00

An interval belongs to one weekday and ends at 24:00 at the latest: what goes on past midnight is written as two.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise

from app.kit.clock import WEEK, Weekday
from app.kit.sentences import Wrong
from app.outlets.sentences import Says

MINUTES_PER_DAY = 1440
MOST_PER_DAY = 6  # intervals; more is a mistake in a sheet
_TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
_SPAN = re.compile(r"\s*([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\S.*?)\s*")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Minutes after local midnight, the end not included. Raises `ValueError` unless it ends after it begins."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MINUTES_PER_DAY:
            raise Wrong(Says.INTERVAL_BACKWARDS.of(value=str(self)))

    def __str__(self) -> str:
        return f"{clock_text(self.opens)}-{clock_text(self.closes)}"


Hours = Mapping[Weekday, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """From the first to the last day, both included."""

    first: date
    last: date
    reason: str


def clock_text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def clock_minutes(text: str) -> int:
    """`09:30` → 570; `24:00` is the end of the day. Raises `ValueError`."""
    found = _TIME.fullmatch(text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else MINUTES_PER_DAY + 1
    if minutes > MINUTES_PER_DAY:
        raise Wrong(Says.NO_TIME.of(value=text))
    return minutes


def tidy(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """In order. Raises `ValueError` when two overlap or there are too many."""
    ordered = tuple(sorted(intervals))
    if len(ordered) > MOST_PER_DAY:
        raise Wrong(Says.TOO_MANY_INTERVALS.of(most=MOST_PER_DAY))
    for before, after in pairwise(ordered):
        if after.opens < before.closes:
            raise Wrong(Says.INTERVALS_OVERLAP.of(before=str(before), after=str(after)))
    return ordered


def is_open(hours: Hours, closures: Iterable[ClosedDays], local: datetime) -> bool:
    """Whether the outlet is open at that local time (of its own zone, D5.3)."""
    if any(closed.first <= local.date() <= closed.last for closed in closures):
        return False
    minute = local.hour * 60 + local.minute
    return any(interval.opens <= minute < interval.closes for interval in hours[WEEK[local.weekday()]])


def parse_hours(text: str) -> Hours:
    """Read the one-line text. Days that are not named are closed. Raises `ValueError` that says what is wrong."""
    found: dict[Weekday, list[Interval]] = {day: [] for day in WEEK}
    for part in filter(str.strip, text.lower().replace("\n", ";").split(";")):
        span = _SPAN.fullmatch(part)
        if span is None:
            raise Wrong(Says.NO_HOURS.of(value=part.strip()))
        intervals = [_parse_interval(one) for one in span[3].split(",")]
        for day in _days(span[1], span[2] or span[1]):
            found[day] += intervals
    return {day: tidy(intervals) for day, intervals in found.items()}


def format_hours(hours: Hours) -> str:
    """The one-line text: neighbouring days with the same hours are put together."""
    runs = groupby(WEEK, key=lambda day: hours[day])
    return "; ".join(_format_run(tuple(days), intervals) for intervals, days in runs if intervals)


def _format_run(days: tuple[Weekday, ...], intervals: tuple[Interval, ...]) -> str:
    name = days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"
    return f"{name} {','.join(map(str, intervals))}"


def _parse_interval(text: str) -> Interval:
    opens, dash, closes = text.strip().partition("-")
    if not dash:
        raise Wrong(Says.NO_INTERVAL.of(value=text.strip()))
    return Interval(clock_minutes(opens.strip()), clock_minutes(closes.strip()))


def _days(first: str, last: str) -> tuple[Weekday, ...]:
    names = [day.value for day in WEEK]
    if first not in names or last not in names or names.index(last) < names.index(first):
        raise Wrong(Says.NO_DAYS.of(first=first, last=last))
    return WEEK[names.index(first) : names.index(last) + 1]
