"""Months, shifts, mixes and priorities on plain values."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.planning.rules import WorkingHours, days_of, deal, priorities, widest_shift

NINE_TO_SIX, MORNING = (540, 1080), (540, 720)


class TestDays:
    def test_are_all_of_the_month_and_no_other(self) -> None:
        assert (days_of("2024-02")[0], days_of("2024-02")[-1]) == (date(2024, 2, 1), date(2024, 2, 29))
        assert len(days_of("2026-12")) == 31


class TestShift:
    def test_is_the_one_that_makes_most_of_the_week(self) -> None:
        week = [NINE_TO_SIX, NINE_TO_SIX, NINE_TO_SIX, NINE_TO_SIX, NINE_TO_SIX, MORNING, None]

        assert widest_shift(week) == WorkingHours(540, 1080, (1, 2, 3, 4, 5))

    def test_takes_what_all_days_share_when_that_is_more(self) -> None:
        assert widest_shift([(540, 1080), (600, 1140), None, None, None, None, None]) == WorkingHours(
            600, 1080, (1, 2)
        )

    def test_is_refused_for_a_week_without_work(self) -> None:
        with pytest.raises(ValueError, match="no day"):
            widest_shift([None] * 7)


class TestDeal:
    @given(
        st.dictionaries(st.sampled_from("abcd"), st.integers(1, 20), min_size=1),
        st.integers(0, 200),
        st.integers(0, 2**31),
    )
    def test_keeps_the_shares_to_less_than_one(self, shares: dict[str, int], count: int, seed: int) -> None:
        """D2.5."""
        dealt = deal(shares, count, seed=seed)

        assert len(dealt) == count
        assert dealt == deal(shares, count, seed=seed)
        for name, share in shares.items():
            assert abs(dealt.count(name) - share * count / sum(shares.values())) < 1


class TestPriorities:
    @given(st.integers(1, 12))
    def test_are_lexicographic(self, count: int) -> None:
        """D6.2: the first tier before a central city before any other tier, each beyond waiting and draw."""
        tiers = [f"tier-{number}" for number in range(count)]

        weights, central = priorities(tiers)

        ordered = [weights[tier] for tier in tiers]
        assert all(upper - lower > 400 for upper, lower in pairwise(ordered))
        assert ordered[0] > central + max(ordered[1:], default=0) + 400
        assert central > max(ordered[1:], default=0) + 400
