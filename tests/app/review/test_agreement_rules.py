"""Agreement and drift against published tables, and against scipy and numpy on drawn ones (D8.1)."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from app.kit.student import quantile
from app.review.rules_agreement import (
    Window,
    begins_on,
    by_window,
    drift,
    kappa,
    raw_agreement,
    weighted_kappa,
)

COUNTS = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3)
SHARES = st.lists(st.fractions(-1, 1, max_denominator=60), min_size=2, max_size=30)


def table(rows: list[list[int]]) -> dict[tuple[int, int], int]:
    return {(i, j): count for i, row in enumerate(rows) for j, count in enumerate(row) if count}


def scale(rows: list[list[int]]) -> dict[tuple[Fraction, Fraction], int]:
    """The same with the places 0, 1/2 and 1."""
    return {(Fraction(i, 2), Fraction(j, 2)): count for (i, j), count in table(rows).items()}


def by_matrices(rows: list[list[int]], weights: np.ndarray) -> float | None:
    """κ as one minus the disagreement found over the one expected (Cohen 1968), with matrices of floats."""
    found = np.array(rows, dtype=float)
    if not found.sum():
        return None
    expected = np.outer(found.sum(axis=1), found.sum(axis=0)) / found.sum()
    chance = (weights * expected).sum()
    return None if np.isclose(chance, 0) else float(1 - (weights * found).sum() / chance)


class TestKappa:
    @pytest.mark.parametrize(
        ("rows", "raw", "expected"),
        [
            # Fleiss, Statistical Methods for Rates and Proportions (1981), p. 213: diagnoses of 100 patients
            ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], "0.89", "0.6765"),
            # 50 grant proposals read by two people, the textbook example
            ([[20, 5], [10, 15]], "0.70", "0.4000"),
            # Feinstein and Cicchetti (1990): the same raw agreement, another κ
            ([[45, 15], [25, 15]], "0.60", "0.1304"),
            ([[25, 35], [5, 35]], "0.60", "0.2593"),
            ([[10, 0], [0, 10]], "1", "1.0000"),
            ([[0, 10], [10, 0]], "0", "-1.0000"),
        ],
    )
    def test_is_what_the_books_say(self, rows: list[list[int]], raw: str, expected: str) -> None:
        found = kappa(table(rows))
        assert raw_agreement(table(rows)) == Fraction(raw)
        assert found is not None
        assert f"{float(found):.4f}" == expected

    @pytest.mark.parametrize("rows", [{}, {("yes", "yes"): 40}])
    def test_is_undefined_without_pairs_and_when_both_always_said_the_same_one_thing(
        self, rows: Mapping[tuple[str, str], int]
    ) -> None:
        assert kappa(rows) is None
        assert raw_agreement(rows) == (1 if rows else None)

    def test_is_zero_when_only_one_of_them_always_said_the_same_thing(self) -> None:
        assert kappa({("yes", "yes"): 30, ("no", "yes"): 10}) == 0

    @given(COUNTS)
    def test_is_what_matrices_of_floats_give(self, rows: list[list[int]]) -> None:
        found, other = kappa(table(rows)), by_matrices(rows, 1 - np.eye(3))
        assert (found is None) == (other is None)
        assert found is None or other is None or float(found) == pytest.approx(other, abs=1e-9)


class TestWeightedKappa:
    def test_is_what_the_textbook_says(self) -> None:
        """Linear weights over a scale of three: counted by hand."""
        rows = [[11, 3, 1], [1, 9, 0], [0, 1, 10]]
        # disagreement found: (3+1+0+1)/2 + (1+0)·1 = 3.5; by chance: Σ rᵢcⱼdᵢⱼ/36 with r = 15, 10, 11 and c = 12, 13, 11
        chance = Fraction(15 * 13 + 10 * 12 + 10 * 11 + 11 * 13, 2 * 36) + Fraction(15 * 11 + 11 * 12, 36)
        assert weighted_kappa(scale(rows)) == 1 - Fraction(7, 2) / chance

    @given(COUNTS)
    def test_is_what_matrices_of_floats_give(self, rows: list[list[int]]) -> None:
        places = np.array([0, 0.5, 1])
        found = weighted_kappa(scale(rows))
        other = by_matrices(rows, np.abs(places[:, None] - places[None, :]))
        assert (found is None) == (other is None)
        assert found is None or other is None or float(found) == pytest.approx(other, abs=1e-9)

    @given(st.lists(st.lists(st.integers(0, 30), min_size=2, max_size=2), min_size=2, max_size=2))
    def test_of_two_places_is_the_plain_one(self, rows: list[list[int]]) -> None:
        assert weighted_kappa(scale(rows)) == kappa(table(rows))


class TestDrift:
    @given(SHARES)
    def test_has_the_interval_of_students_t(self, values: list[Fraction]) -> None:
        found = drift(values, quantile=quantile(0.975, len(values) - 1))

        sample = np.array([float(one) for one in values])
        assert found.mean == pytest.approx(sample.mean(), abs=1e-12)
        assert found.count == len(values)
        half = stats.t.ppf(0.975, len(values) - 1) * sample.std(ddof=1) / np.sqrt(len(values))
        assert found.low == pytest.approx(max(-1, sample.mean() - half), abs=1e-9)
        assert found.high == pytest.approx(min(1, sample.mean() + half), abs=1e-9)

    def test_of_one_visit_is_not_known_any_closer(self) -> None:
        found = drift([Fraction(1, 4)], quantile=0)
        assert (found.mean, found.low, found.high, found.count) == (0.25, None, None, 1)

    @pytest.mark.parametrize("degrees", [1, 2, 5, 29, 400])
    def test_quantiles_are_scipys(self, degrees: int) -> None:
        assert quantile(0.975, degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=1e-9)


class TestWindows:
    @pytest.mark.parametrize(
        ("window", "expected"),
        [(Window.WEEK, (2026, 5, 11)), (Window.MONTH, (2026, 5, 1)), (Window.QUARTER, (2026, 4, 1))],
    )
    def test_begin_where_the_calendar_says(self, window: Window, expected: tuple[int, int, int]) -> None:
        assert begins_on(date(2026, 5, 17), window) == date(*expected)

    def test_come_in_the_order_of_time(self) -> None:
        days = [
            (date(2026, 5, 1), Fraction(1)),
            (date(2026, 4, 30), Fraction(0)),
            (date(2026, 5, 31), Fraction(1, 2)),
        ]
        assert by_window(days, Window.MONTH) == {
            date(2026, 4, 1): [Fraction(0)],
            date(2026, 5, 1): [Fraction(1), Fraction(1, 2)],
        }
