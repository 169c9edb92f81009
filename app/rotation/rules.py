"""The rotation rule on dates alone (D5.1, D5.2, D5.4) and what counts as exposure (D5.6). Standard library only."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import assert_never

DEFAULT_MONTHS = 3
ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, clamped to that month's end (D5.1).

    Raises `ValueError` beyond the calendar (year 9999).
    """
    if months < 0:
        raise ValueError("months are added forward from the earlier date (D5.1)")
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        raise ValueError("the date lies beyond the calendar")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_blocked_day(visited_on: date, months: int = DEFAULT_MONTHS) -> date:
    """The last day on which the inspector may not come back."""
    return add_months(visited_on, months)


def first_allowed_day(visited_on: date, months: int = DEFAULT_MONTHS) -> date:
    """The first day on which the inspector may come back."""
    return last_blocked_day(visited_on, months) + ONE_DAY


def may_both_be(one: date, other: date, months: int = DEFAULT_MONTHS) -> bool:
    """Whether one inspector may be at one outlet on both dates, in whatever order they are given (D5.1, D5.2)."""
    earlier, later = sorted((one, other))
    return later > last_blocked_day(earlier, months)


@dataclass(frozen=True, slots=True)
class Block:
    """A counted date with the last day it blocks."""

    visited_on: date
    blocked_until: date

    def forbids(self, on: date, on_blocks_until: date) -> bool:
        """Whether the closed ranges overlap, which is exactly when the pair is forbidden (D5.5)."""
        return self.visited_on <= on_blocks_until and on <= self.blocked_until


def first_free_day(on: date, blocks: Iterable[Block], months: int = DEFAULT_MONTHS) -> date:
    """The first day not before `on` that neither history nor a later reservation forbids (D5.4, D5.8)."""
    candidate = on
    for block in sorted(blocks, key=lambda block: block.visited_on):
        if block.forbids(candidate, last_blocked_day(candidate, months)):
            candidate = max(candidate, block.blocked_until + ONE_DAY)
    return candidate


@dataclass(frozen=True, slots=True)
class Guard:
    """The dates a row keeps for itself in the database; ranges of one pair never overlap (D5.5)."""

    begins: date
    ends: date


def guards(blocks: Iterable[Block]) -> list[Guard | None]:
    """One guard per block in order of date: up to the day before the next counted date, at the latest.

    Without a waiver the next date lies beyond `blocked_until` and nothing is cut off. With one, the earlier row
    hands the rest of its range to the later row, so that together they still block exactly what they should.
    `None` for a second row on the same day, whose range the other one holds.
    """
    ordered = sorted(blocks, key=lambda block: block.visited_on)
    found: list[Guard | None] = []
    for block, following in zip_longest(ordered, ordered[1:]):
        ends = (
            block.blocked_until
            if following is None
            else min(block.blocked_until, following.visited_on - ONE_DAY)
        )
        found.append(Guard(block.visited_on, ends) if ends >= block.visited_on else None)
    return found


class Event(StrEnum):
    """What can happen to one person's part in a visit."""

    RESERVED = "reserved"
    ACCEPTED = "accepted"
    ENTERED = "entered"
    RECOGNISED = "recognised"
    ENTERED_OVERTLY = "entered_overtly"
    REPORT_WORTHLESS = "report_worthless"  # rejected, void, lost upload, aborted after the entry
    FOUND_SHUT = "found_shut"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    NO_SHOW = "no_show"
    STAYED_OUTSIDE = "stayed_outside"
    BACKUP_ACTIVATED = "backup_activated"
    IMPORTED = "imported"


class Effect(StrEnum):
    COUNTS_AS_PLANNED = "counts_as_planned"
    COUNTS_AS_ENTERED = "counts_as_entered"
    COUNTS_AND_BARS = "counts_and_bars"  # also barred from covert visits there
    RELEASED = "released"
    UNCHANGED = "unchanged"


def effect(event: Event) -> Effect:
    """What an event does to the exposure (the table of D5.6)."""
    match event:
        case Event.RESERVED | Event.ACCEPTED | Event.BACKUP_ACTIVATED:
            return Effect.COUNTS_AS_PLANNED
        case Event.ENTERED | Event.IMPORTED:
            return Effect.COUNTS_AS_ENTERED
        case Event.ENTERED_OVERTLY | Event.RECOGNISED:
            return Effect.COUNTS_AND_BARS
        case Event.REPORT_WORTHLESS:
            return Effect.UNCHANGED
        case (
            Event.FOUND_SHUT
            | Event.CANCELLED
            | Event.DECLINED
            | Event.EXPIRED
            | Event.NO_SHOW
            | Event.STAYED_OUTSIDE
        ):
            return Effect.RELEASED
        case _:
            assert_never(event)
