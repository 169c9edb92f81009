"""Exact numbers (D3.5) and the scales of answers (D3.3)."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scoring.decimals import exact, kept, shown
from app.scoring.scales import banded, deductions, rating, yes_no

MINUTES = ((Fraction(5), Fraction(1)), (Fraction(10), Fraction(3, 5)))


class TestShowing:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("66.665", "66.67"),
            ("66.664999999", "66.66"),
            ("0.005", "0.01"),
            ("100", "100.00"),
            ("-0.125", "-0.12"),
        ],
    )
    def test_rounds_half_up(self, value: str, expected: str) -> None:
        assert shown(exact(value)) == expected

    @given(st.fractions(0, 100))
    def test_gives_the_same_from_the_kept_and_from_the_exact_value(self, value: Fraction) -> None:
        """A stored score, rounded by anybody, must read like the one we showed."""
        stored = Decimal(kept(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

        assert str(stored) == shown(value)

    @given(st.fractions(0, 100))
    def test_keeps_at_least_six_places(self, value: Fraction) -> None:
        assert abs(Fraction(kept(value)) - value) < Fraction(1, 10**12)


class TestExactNumbers:
    @pytest.mark.parametrize(
        ("written", "value"),
        [("0.1", Fraction(1, 10)), (3, Fraction(3)), (Decimal("1.10"), Fraction(11, 10))],
    )
    def test_are_what_was_written(self, written: str | int | Decimal, value: Fraction) -> None:
        assert exact(written) == value

    @pytest.mark.parametrize(
        "value",
        [
            0.1,
            True,
            None,
            "nan",
            "ten",
            "1e999999999",
            "1/3",
            " 1",
            "9" * 41,
            Decimal("NaN"),
            Decimal("Infinity"),
        ],
    )
    def test_are_never_floats_or_words(self, value: object) -> None:
        with pytest.raises(ValueError, match="not an exact number"):
            exact(value)  # type: ignore[arg-type]


class TestScales:
    """D3.3."""

    def test_yes_no_earns_by_the_expected_answer(self) -> None:
        assert yes_no(True, expected=True) == yes_no(False, expected=False) == 1
        assert yes_no(False, expected=True) == yes_no(True, expected=False) == 0

    @pytest.mark.parametrize(
        ("points", "fraction"), [(1, "0"), (2, "0.25"), (3, "0.5"), (4, "0.75"), (5, "1")]
    )
    def test_a_rating_is_linear_between_its_ends(self, points: int, fraction: str) -> None:
        assert rating(points, lowest=1, highest=5) == Fraction(fraction)

    def test_a_rating_outside_its_scale_is_refused(self) -> None:
        with pytest.raises(ValueError, match="not on the scale"):
            rating(6, lowest=1, highest=5)

    @pytest.mark.parametrize(
        ("minutes", "fraction"), [("0", "1"), ("5", "1"), ("5.01", "0.6"), ("10", "0.6"), ("10.5", "0")]
    )
    def test_bands_include_their_upper_end(self, minutes: str, fraction: str) -> None:
        assert banded(Fraction(minutes), bands=MINUTES, beyond=Fraction(0)) == Fraction(fraction)

    @pytest.mark.parametrize(("count", "fraction"), [(0, "1"), (1, "0.6"), (2, "0.2"), (3, "0"), (40, "0")])
    def test_deductions_stop_at_zero(self, count: int, fraction: str) -> None:
        assert deductions(count, each=Fraction("0.4")) == Fraction(fraction)

    def test_a_negative_count_is_refused(self) -> None:
        with pytest.raises(ValueError, match="from zero"):
            deductions(-1, each=Fraction(1))
