"""Means and their uncertainty, against scipy and the printed tables (D3.7)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from app.insight.estimates import Estimate, Sums, change, estimate
from app.kit.student import quantile

POINTS = st.floats(0, 100, allow_nan=False)


def of(*values: float) -> Estimate:
    found = estimate(Sums.of([(value, 1.0) for value in values]))
    assert found is not None
    return found


class TestStudent:
    def test_has_the_values_of_the_printed_tables(self) -> None:
        table = {1: 12.706, 2: 4.303, 4: 2.776, 9: 2.262, 30: 2.042, 120: 1.980}
        assert {degrees: round(quantile(0.975, degrees), 3) for degrees in table} == table

    @pytest.mark.parametrize("degrees", [0.7, 1, 2, 3.5, 11, 59, 1999, 3e5, 1e8])
    @pytest.mark.parametrize("share", [0.5, 0.6, 0.95, 0.975, 0.9995])
    def test_agrees_with_scipy(self, share: float, degrees: float) -> None:
        assert quantile(share, degrees) == pytest.approx(stats.t.ppf(share, degrees), rel=1e-8, abs=2e-7)

    @pytest.mark.parametrize(("share", "degrees"), [(0.3, 5), (1.0, 5), (0.9, 0)])
    def test_refuses_what_it_does_not_cover(self, share: float, degrees: float) -> None:
        with pytest.raises(ValueError, match="share"):
            quantile(share, degrees)


class TestEstimate:
    @given(st.lists(POINTS, min_size=2, max_size=40))
    def test_gives_the_t_interval_of_the_mean(self, values: list[float]) -> None:
        found = of(*values)
        error = float(np.std(values, ddof=1)) / math.sqrt(len(values))

        assert found.mean == pytest.approx(np.mean(values), abs=1e-9)
        assert found.error == pytest.approx(error, abs=1e-5)
        if error > 1e-3:
            low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), error)
            assert found.low == pytest.approx(max(0, low), abs=1e-4)
            assert found.high == pytest.approx(min(100, high), abs=1e-4)

    def test_of_one_value_has_no_interval(self) -> None:
        found = of(80)
        assert (found.mean, found.error, found.low, found.high) == (80, None, None, None)

    def test_of_nothing_is_nothing(self) -> None:
        assert estimate(Sums.of([])) is None
        assert estimate(Sums.of([(80.0, 0.0)])) is None

    def test_weighs_as_told(self) -> None:
        """The linearised error of a weighted mean, computed by its definition."""
        values, weights = [60.0, 70.0, 90.0], [1.0, 2.0, 5.0]
        found = estimate(Sums.of(list(zip(values, weights, strict=True))))

        mean = (60 + 140 + 450) / 8
        residuals = sum((w * (x - mean)) ** 2 for x, w in zip(values, weights, strict=True))
        assert found is not None
        assert found.mean == pytest.approx(mean)
        assert found.error == pytest.approx(math.sqrt(3 / 2 * residuals) / 8)

    @given(st.lists(POINTS, min_size=2, max_size=20), st.floats(0.1, 50))
    def test_does_not_care_for_the_unit_of_weights(self, values: list[float], unit: float) -> None:
        plain, scaled = of(*values), estimate(Sums.of([(value, unit) for value in values]))
        assert scaled is not None
        assert scaled.mean == pytest.approx(plain.mean, abs=1e-9)
        assert scaled.error == pytest.approx(plain.error, abs=1e-5)

    @given(st.permutations([61.5, 70.25, 88.0, 93.125]))
    def test_does_not_care_for_the_order(self, values: list[float]) -> None:
        assert of(*values).mean == pytest.approx(of(61.5, 70.25, 88.0, 93.125).mean, abs=1e-12)

    @given(st.lists(POINTS, min_size=2, max_size=30))
    def test_stays_within_the_scale(self, values: list[float]) -> None:
        found = of(*values)
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= found.mean + 1e-9
        assert found.mean - 1e-9 <= found.high <= 100


class TestChange:
    @given(st.lists(POINTS, min_size=2, max_size=12), st.lists(POINTS, min_size=2, max_size=12))
    def test_is_welchs_interval(self, later: list[float], earlier: list[float]) -> None:
        if np.std(later) < 1e-3 or np.std(earlier) < 1e-3:
            return
        found = change(of(*later), of(*earlier))
        theirs = stats.ttest_ind(later, earlier, equal_var=False).confidence_interval(0.95)

        assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), rel=1e-4, abs=1e-4)
        assert found.significant == (not theirs.low <= 0 <= theirs.high)

    def test_of_single_values_has_no_interval(self) -> None:
        found = change(of(80), of(70, 71))
        assert (found.difference, found.low, found.significant) == (9.5, None, None)

    def test_without_any_spread_is_certain(self) -> None:
        assert change(of(80, 80), of(70, 70)).significant is True
        assert change(of(80, 80), of(80, 80)).significant is False
