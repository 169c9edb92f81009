"""Control charts of individuals, against the published example and constants."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from app.insight.control import D2, D4, Chart, Rule, chart, limits

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates of ten batches.
FLOW_RATES = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def series(*sigmas: float, quiet: int = 60) -> list[float]:
    """Points at so many sigmas from a centre of 50 with sigma 1, after an even stretch that fixes both.

    The stretch alternates by ±0.564 around the centre, whose mean range is 1.128: then sigma is 1.
    """
    calm = [50 + (0.564 if number % 2 else -0.564) for number in range(quiet)]
    return calm + [50 + one for one in sigmas]


def fired(found: Chart, rule: Rule) -> list[int]:
    """Where it fired, by the last point of each pattern."""
    return [signal.points[-1] for signal in found.signals if signal.rule is rule]


class TestLimits:
    def test_are_those_of_the_published_example(self) -> None:
        found = limits(FLOW_RATES)

        assert found.centre == pytest.approx(50.81)
        assert found.mean_range == pytest.approx(1.8778, abs=5e-5)
        assert (found.lower, found.upper) == pytest.approx((45.8159, 55.8041), abs=5e-4)

    def test_have_the_constants_of_two_values(self) -> None:
        """d2 is the expected range of two normal values, D4 three of its deviations above its mean."""
        expected, _ = integrate.quad(lambda x: 2 * x * stats.norm.pdf(x / math.sqrt(2)) / math.sqrt(2), 0, 40)
        squares = 2.0  # of the difference of two independent values
        deviation = math.sqrt(squares - expected**2)

        assert expected == pytest.approx(D2, abs=5e-4)
        assert 1 + 3 * deviation / expected == pytest.approx(D4, abs=1e-3)

    def test_are_not_drawn_from_five_points(self) -> None:
        found = chart([60, 70, 80, 70, 60])
        assert (found.limits, found.signals) == (None, ())
        assert found.ranges == (10, 10, 10, 10)

    def test_are_on_trial_below_twenty_points(self) -> None:
        assert chart(FLOW_RATES).is_trial
        assert not chart(FLOW_RATES * 2).is_trial

    @given(st.floats(0, 100), st.integers(6, 40))
    def test_of_a_constant_give_no_signal(self, value: float, count: int) -> None:
        assert chart([value] * count).signals == ()


class TestRules:
    def test_one_point_beyond_three_sigma(self) -> None:
        found = chart(series(0, 6.0))
        assert fired(found, Rule.BEYOND_LIMITS) == [61]

    def test_nine_on_one_side(self) -> None:
        steady = [0.4, 0.5, 0.4, 0.5, 0.4, 0.5, 0.4, 0.5, 0.4]
        assert fired(chart(series(-0.5, *steady)), Rule.NINE_ON_ONE_SIDE) == [69]
        assert fired(chart(series(-0.5, *steady[:8])), Rule.NINE_ON_ONE_SIDE) == []

    def test_six_in_one_direction(self) -> None:
        rising = [-0.9, -0.6, -0.3, 0.0, 0.3, 0.6]
        assert fired(chart(series(*rising)), Rule.SIX_IN_ONE_DIRECTION)[:1] == [65]
        assert fired(chart(series(-0.5, -0.6, -0.3, 0.0, 0.3)), Rule.SIX_IN_ONE_DIRECTION) == []

    def test_fourteen_alternating(self) -> None:
        assert fired(chart(series(quiet=14)), Rule.FOURTEEN_ALTERNATING) == [13]
        assert fired(chart(series(quiet=13)), Rule.FOURTEEN_ALTERNATING) == []

    def test_two_of_three_beyond_two_sigma_on_the_same_side(self) -> None:
        rule = Rule.TWO_OF_THREE_BEYOND_TWO_SIGMA
        assert fired(chart(series(2.6, 0.5, 2.6)), rule) == [62]
        assert fired(chart(series(2.6, 0.5, -2.6)), rule) == []

    def test_four_of_five_beyond_one_sigma_on_the_same_side(self) -> None:
        rule = Rule.FOUR_OF_FIVE_BEYOND_ONE_SIGMA
        assert fired(chart(series(1.5, 1.5, 0.2, 1.5, 1.5)), rule) == [64]
        assert fired(chart(series(1.5, 1.5, 0.2, -1.5, 1.5)), rule) == []

    def test_fifteen_within_one_sigma(self) -> None:
        assert fired(chart(series(quiet=60)), Rule.FIFTEEN_WITHIN_ONE_SIGMA)[0] == 14

    def test_eight_outside_one_sigma_on_either_side(self) -> None:
        swinging = [1.6, -1.6] * 4
        assert fired(chart(series(*swinging, quiet=400)), Rule.EIGHT_OUTSIDE_ONE_SIGMA) == [407]
        assert fired(chart(series(*swinging[:7], quiet=400)), Rule.EIGHT_OUTSIDE_ONE_SIGMA) == []

    def test_noise_seldom_fires_and_a_shift_always_does(self) -> None:
        """The run length of the first rule is about 370 for normal noise."""
        chance = random.Random(7)  # noqa: S311 (nothing here is secret)
        noise = [chance.gauss(75, 5) for _ in range(4000)]
        shifted = noise[:40] + [value + 15 for value in noise[40:60]]

        alarms = fired(chart(noise), Rule.BEYOND_LIMITS)

        assert 2 <= len(alarms) <= 25
        assert fired(chart(shifted), Rule.NINE_ON_ONE_SIDE)

    @given(st.lists(st.floats(0, 100), min_size=6, max_size=30), st.floats(-50, 50))
    def test_do_not_depend_on_where_the_zero_is(self, values: list[float], shift: float) -> None:
        whole = [float(round(value)) for value in values]
        here = chart(whole)
        there = chart([value + round(shift) for value in whole])
        assert here.limits is not None
        assert there.limits is not None
        assert there.limits.sigma == pytest.approx(here.limits.sigma)
        assert there.ranges == here.ranges
