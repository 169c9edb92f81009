"""What a figure speaks of and who gets it. Standard library only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

DAY_S = 86_400
SHARDS = 16  # a shard of a large network's month has some hundred outlets: quick to make again, few to fetch
SPANS = (12, 3)  # months that are kept added up
MINIMUM_PEERS = 5  # a median of fewer points at single outlets (D10.1)


class Level(StrEnum):
    """Which part of a checklist a figure is of."""

    INDICATOR = "indicator"
    ITEM = "item"


class Ranked(StrEnum):
    """What is put into an order."""

    OUTLETS = "outlets"
    REGIONS = "regions"
    TIERS = "tiers"


class WorstBy(StrEnum):
    """Points of the 100 that an item costs, or the share of it that is earned."""

    LOST_POINTS = "lost_points"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Period:
    """Days at the outlets, both ends included (D5.3)."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends before it begins")

    @classmethod
    def of_month(cls, day: date) -> "Period":
        """The calendar month in which the day lies."""
        first = day.replace(day=1)
        return cls(first, add_months(first, 1) - timedelta(days=1))

    @property
    def is_whole_months(self) -> bool:
        return self.first.day == 1 and (self.last + timedelta(days=1)).day == 1

    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def months(self) -> list[date]:
        """The first day of every month that the period touches."""
        begins = self.first.replace(day=1)
        return [add_months(begins, number) for number in range(months_between(begins, self.last) + 1)]

    def spans(self) -> list["Period"]:
        """The calendar years, quarters and months that whole months make up, as few as can be, in order."""
        found: list[Period] = []
        first = self.first
        while first <= self.last:
            found.append(next(one for one in _spans_from(first) if one.last <= self.last))
            first = found[-1].last + timedelta(days=1)
        return found

    def before(self) -> "Period":
        """As many months, or days, that end the day before."""
        ends = self.first - timedelta(days=1)
        if self.is_whole_months:
            return Period(add_months(self.first, -len(self.months())), ends)
        return Period(self.first - (self.last - self.first) - timedelta(days=1), ends)

    def leading_up(self, months: int) -> "Period":
        """So many months that end with the one of the last day: over which a trend is drawn."""
        last = Period.of_month(self.last)
        return Period(add_months(last.first, 1 - months), last.last)


def spans_around(month: date) -> list[Period]:
    """The year and the quarter in which a month lies."""
    return [_span(month.replace(month=(month.month - 1) // length * length + 1), length) for length in SPANS]


def _spans_from(first: date) -> list[Period]:
    """Those that begin with a month, the longest first; the month itself is the last."""
    return [_span(first, length) for length in (*SPANS, 1) if (first.month - 1) % length == 0]


def _span(first: date, months: int) -> Period:
    return Period(first, add_months(first, months) - timedelta(days=1))


def shard_of(outlet_id: UUID) -> int:
    """Which outlets are kept together: by the last bits of their ids, which are random."""
    return outlet_id.int % SHARDS


def add_months(first: date, months: int) -> date:
    """From one first day of a month to another."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def ranks(values: Sequence[float | None]) -> list[int | None]:
    """The highest is first, equal values share a rank, what has no value has none."""
    ordered = sorted((value for value in values if value is not None), reverse=True)
    first: dict[float, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
    return [None if value is None else first[value] for value in values]


def may_rank(visits: int, *, minimum: int) -> bool:
    """D3.7: no ranking below a minimum n."""
    return visits >= minimum


def may_show_median(peers: int, *, minimum: int = MINIMUM_PEERS) -> bool:
    """Whether so many outlets hide each other."""
    return peers >= minimum
