"""Patterns are found, chance is called chance (D6.3)."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from app.planning.parts import WORKING_WEEK, OpenHours, Outlet, Row, Rules
from app.planning.predictability import Sighting, VisitHistory, known_hours, predictability

FIRST = date(2025, 1, 6)  # a Monday


def history(visits: list[tuple[str, date, int]]) -> VisitHistory:
    return VisitHistory(visits=tuple(Sighting(outlet=outlet, on=on, at=at) for outlet, on, at in visits))


def random_days(outlets: int, months: int, seed: int) -> list[tuple[str, date, int]]:
    rng = np.random.default_rng(seed)
    made = []
    for outlet in range(outlets):
        for month in range(months):
            on = FIRST + timedelta(days=28 * month + 7 * int(rng.integers(0, 4)) + int(rng.integers(0, 5)))
            made.append((f"O{outlet}", on, [600, 780, 960][rng.integers(0, 3)]))
    return made


class TestPatterns:
    def test_the_same_weekday_and_hour_always_is_fully_guessed(self) -> None:
        visits = [("A", FIRST + timedelta(days=28 * n), 600) for n in range(13)]
        found = predictability(history(visits))
        assert found.predictors["same_as_last"].cell == 1
        assert found.best == 1
        assert found.outlets[0].alarm

    def test_never_repeating_is_guessed_by_what_was_least_used(self) -> None:
        """The highest entropy is not the least predictable."""
        cells = [(weekday, at) for at in (600, 780, 960) for weekday in range(5)]
        visits = [
            ("A", FIRST + timedelta(days=28 * n + cells[-1 - n % 15][0]), cells[-1 - n % 15][1])
            for n in range(30)
        ]
        found = predictability(history(visits))
        assert found.best > 3 * found.chance.cell

    def test_an_alternation_is_found_by_what_follows_what(self) -> None:
        visits = [
            (outlet, FIRST + timedelta(days=28 * n + (n % 2)), 600 if n % 2 else 960)
            for outlet in ("A", "B", "C")
            for n in range(14)
        ]
        found = predictability(history(visits))
        assert found.predictors["markov_order_2"].cell > 0.9
        assert found.predictors["same_as_last"].cell == 0

    def test_a_fixed_hour_shows_in_the_day_part_alone(self) -> None:
        visits = [(outlet, on, 600) for outlet, on, _ in random_days(60, 13, 1)]
        found = predictability(history(visits))
        assert found.predictors["majority"].part == 1
        assert found.times_chance > 2


class TestChance:
    def test_random_visits_are_guessed_no_better_than_by_luck(self) -> None:
        found = predictability(history(random_days(300, 13, 2)))
        assert found.chance.cell == pytest.approx(1 / 15)
        assert found.times_chance < 1.2
        alarms = sum(one.alarm for one in found.outlets)
        assert alarms < len(found.outlets) / 5

    def test_with_too_short_a_history_nothing_is_claimed(self) -> None:
        with pytest.raises(ValueError, match="nothing can be guessed"):
            predictability(history([("A", FIRST, 600)]))


class TestSince:
    def test_earlier_visits_are_known_but_not_guessed(self) -> None:
        """A plan is judged by its own visits, by somebody who knows what came before."""
        visits = [("A", FIRST + timedelta(days=28 * n), 600) for n in range(13)]
        last = visits[-1][1]

        found = predictability(history(visits).model_copy(update={"since": last}))

        assert (found.guesses, found.best) == (1, 1)

    def test_nothing_left_to_guess_is_said(self) -> None:
        visits = [("A", FIRST + timedelta(days=28 * n), 600) for n in range(13)]
        later = visits[-1][1] + timedelta(days=1)

        with pytest.raises(ValueError, match="nothing can be guessed"):
            predictability(history(visits).model_copy(update={"since": later}))


class TestKnownHours:
    PARTS = Rules().day_parts

    def outlet(self, **changes: Any) -> Outlet:
        hours = (OpenHours(weekdays=(1, 2, 6), opens=9 * 60, closes=13 * 60),)
        return Outlet(id="A", at=Row(row=0), tier="flagship", hours=hours).model_copy(update=changes)

    def test_leave_out_days_nobody_works_and_parts_with_no_time_to_begin_in(self) -> None:
        """Open until 13:00 and 40 minutes long: after noon there are 20 minutes to begin in."""
        (known,) = known_hours([self.outlet()], self.PARTS, WORKING_WEEK)

        assert (known.weekdays, known.parts) == ((1, 2), ("morning",))

    def test_an_outlet_that_cannot_be_visited_is_not_among_them(self) -> None:
        assert list(known_hours([self.outlet(hours=())], self.PARTS, WORKING_WEEK)) == []
        assert list(known_hours([self.outlet()], self.PARTS, [7])) == []
