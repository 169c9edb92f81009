"""The rotation rule on dates alone."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rotation.rules import (
    Block,
    Effect,
    Event,
    add_months,
    effect,
    first_allowed_day,
    first_free_day,
    guards,
    last_blocked_day,
    may_both_be,
)

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
MONTHS = st.integers(1, 24)

# The table of D5: visit, last blocked day, first allowed day.
VECTORS = [
    ("2025-11-30", "2026-02-28", "2026-03-01"),
    ("2025-11-28", "2026-02-28", "2026-03-01"),
    ("2023-11-30", "2024-02-29", "2024-03-01"),
    ("2026-01-31", "2026-04-30", "2026-05-01"),
    ("2026-02-28", "2026-05-28", "2026-05-29"),
    ("2024-02-29", "2024-05-29", "2024-05-30"),
    ("2026-05-31", "2026-08-31", "2026-09-01"),
]


@pytest.mark.parametrize(("visit", "blocked", "allowed"), VECTORS)
class TestVectors:
    def test_last_blocked_and_first_allowed_day(self, visit: str, blocked: str, allowed: str) -> None:
        """D5.1."""
        day = date.fromisoformat(visit)

        assert last_blocked_day(day) == date.fromisoformat(blocked)
        assert first_allowed_day(day) == date.fromisoformat(allowed)

    def test_the_pair_is_judged_the_same_from_both_sides(
        self, visit: str, blocked: str, allowed: str
    ) -> None:
        """D5.4."""
        day = date.fromisoformat(visit)

        assert not may_both_be(day, date.fromisoformat(blocked))
        assert not may_both_be(date.fromisoformat(blocked), day)
        assert may_both_be(day, date.fromisoformat(allowed))
        assert may_both_be(date.fromisoformat(allowed), day)


class TestMonths:
    def test_are_added_forward_from_the_earlier_date(self) -> None:
        """D5.1: three months back from 2024-05-30 is 2024-02-29 too, and yet the pair is allowed."""
        assert may_both_be(date(2024, 2, 29), date(2024, 5, 30))

    def test_are_not_ninety_days(self) -> None:
        """D5.1: wrong in both directions."""
        early, late = date(2026, 7, 1), date(2026, 2, 1)

        assert not may_both_be(early, early + timedelta(days=91))
        assert may_both_be(late, late + timedelta(days=90))

    def test_backwards_are_refused(self) -> None:
        with pytest.raises(ValueError, match="forward"):
            add_months(date(2026, 5, 31), -3)

    def test_beyond_the_calendar_are_refused(self) -> None:
        with pytest.raises(ValueError, match="calendar"):
            add_months(date(9999, 11, 1), 3)

    @given(DAYS, MONTHS)
    def test_land_in_the_right_month(self, day: date, months: int) -> None:
        landed = add_months(day, months)

        assert (landed.year * 12 + landed.month) - (day.year * 12 + day.month) == months
        assert landed.day <= day.day
        assert landed.day == day.day or (landed + timedelta(days=1)).day == 1


class TestPairs:
    @given(DAYS)
    def test_the_same_day_twice_is_forbidden(self, day: date) -> None:
        """D5.2."""
        assert not may_both_be(day, day)

    @given(DAYS, DAYS, MONTHS)
    def test_are_forbidden_exactly_when_the_closed_ranges_overlap(
        self, a: date, b: date, months: int
    ) -> None:
        """D5.5: what the database states."""
        one, other = (Block(day, last_blocked_day(day, months)) for day in (a, b))

        assert one.forbids(other.visited_on, other.blocked_until) == (not may_both_be(a, b, months))


class TestFirstFreeDay:
    @given(DAYS, st.lists(DAYS, max_size=6), MONTHS)
    def test_is_the_first_that_nothing_forbids(self, on: date, visits: list[date], months: int) -> None:
        """D5.8, against a search day by day."""
        blocks = [Block(day, last_blocked_day(day, months)) for day in visits]

        found = first_free_day(on, blocks, months)

        assert all(may_both_be(found, day, months) for day in visits)
        step = on
        while step < found:
            assert not all(may_both_be(step, day, months) for day in visits)
            step += timedelta(days=1)

    def test_steps_over_a_later_reservation(self) -> None:
        """D5.4."""
        reserved = date(2026, 6, 1)
        blocks = [Block(reserved, last_blocked_day(reserved))]

        assert first_free_day(date(2026, 4, 1), blocks) == date(2026, 9, 2)


class TestGuards:
    @given(st.lists(DAYS, max_size=8), MONTHS)
    def test_never_overlap_and_block_exactly_what_the_visits_block(
        self, visits: list[date], months: int
    ) -> None:
        """D5.5, D5.7: whatever a waiver or a merger brought together."""
        blocks = [Block(day, last_blocked_day(day, months)) for day in visits]

        kept = [guard for guard in guards(blocks) if guard is not None]

        assert all(before.ends < after.begins for before, after in pairwise(kept))
        for day in [day + timedelta(days=shift) for day in visits for shift in (-1, 0, 1, 40, 95)]:
            blocked = any(block.visited_on <= day <= block.blocked_until for block in blocks)
            assert blocked == any(guard.begins <= day <= guard.ends for guard in kept)


class TestExposure:
    """The table of D5.6."""

    @pytest.mark.parametrize(
        ("event", "expected"),
        [
            (Event.ENTERED, Effect.COUNTS_AS_ENTERED),
            (Event.REPORT_WORTHLESS, Effect.UNCHANGED),
            (Event.RESERVED, Effect.COUNTS_AS_PLANNED),
            (Event.ACCEPTED, Effect.COUNTS_AS_PLANNED),
            (Event.FOUND_SHUT, Effect.RELEASED),
            (Event.CANCELLED, Effect.RELEASED),
            (Event.DECLINED, Effect.RELEASED),
            (Event.EXPIRED, Effect.RELEASED),
            (Event.NO_SHOW, Effect.RELEASED),
            (Event.STAYED_OUTSIDE, Effect.RELEASED),
            (Event.BACKUP_ACTIVATED, Effect.COUNTS_AS_PLANNED),
            (Event.ENTERED_OVERTLY, Effect.COUNTS_AND_BARS),
            (Event.RECOGNISED, Effect.COUNTS_AND_BARS),
            (Event.IMPORTED, Effect.COUNTS_AS_ENTERED),
        ],
    )
    def test_follows_the_table(self, event: Event, expected: Effect) -> None:
        assert effect(event) is expected

    def test_every_event_has_an_effect(self) -> None:
        assert {effect(event) for event in Event} == set(Effect)
