"""Control charts of single values: what is noise, and what is change. Standard library only.

Individuals and moving range; the run rules are those of Nelson (1984), of which the first, fifth and sixth, with
runs of eight for nine, are the Western Electric ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

D2 = 1.128  # expected range of two values, in standard deviations
D4 = 3.267  # upper limit of such a range, in mean ranges
FEWEST_POINTS = 6  # fewer give no limits worth the name
TRIAL_POINTS = 20  # up to here the limits themselves are uncertain


class Rule(StrEnum):
    """A pattern that noise alone hardly ever makes."""

    BEYOND_LIMITS = "beyond_limits"  # one point beyond three sigma
    NINE_ON_ONE_SIDE = "nine_on_one_side"
    SIX_IN_ONE_DIRECTION = "six_in_one_direction"
    FOURTEEN_ALTERNATING = "fourteen_alternating"
    TWO_OF_THREE_BEYOND_TWO_SIGMA = "two_of_three_beyond_two_sigma"
    FOUR_OF_FIVE_BEYOND_ONE_SIGMA = "four_of_five_beyond_one_sigma"
    FIFTEEN_WITHIN_ONE_SIGMA = "fifteen_within_one_sigma"
    EIGHT_OUTSIDE_ONE_SIGMA = "eight_outside_one_sigma"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the values lie as long as nothing changes. `mean_range` is the mean of the moving ranges."""

    centre: float
    sigma: float
    lower: float
    upper: float
    mean_range: float
    upper_range: float


@dataclass(frozen=True, slots=True)
class Signal:
    """Which rule fired, and on which points, counted from 0; the last of them completed the pattern."""

    rule: Rule
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`ranges[i]` is the step from point i to the next one. Without limits there are no signals."""

    ranges: tuple[float, ...]
    limits: Limits | None
    is_trial: bool
    signals: tuple[Signal, ...]


def chart(values: Sequence[float]) -> Chart:
    """Limits from the mean moving range, and every signal in the order of the points that completed them."""
    ranges = tuple(abs(later - earlier) for earlier, later in pairwise(values))
    if len(values) < FEWEST_POINTS:
        return Chart(ranges, None, is_trial=True, signals=())
    found = limits(values)
    scores = _in_sigmas(values, found)
    signals = [Signal(rule, points) for rule in Rule for points in _fired(rule, values, scores)]
    signals.sort(key=lambda signal: (signal.points[-1], list(Rule).index(signal.rule)))
    return Chart(ranges, found, is_trial=len(values) < TRIAL_POINTS, signals=tuple(signals))


def limits(values: Sequence[float]) -> Limits:
    """Centre ± 3 sigma, where sigma is the mean moving range / 1.128. Needs two values."""
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    centre = sum(values) / len(values)
    mean_range = sum(ranges) / len(ranges)
    sigma = mean_range / D2
    return Limits(centre, sigma, centre - 3 * sigma, centre + 3 * sigma, mean_range, D4 * mean_range)


def _in_sigmas(values: Sequence[float], found: Limits) -> list[float]:
    """Distances from the centre. Where all values are equal there is no sigma, and nothing to find."""
    return [(value - found.centre) / found.sigma if found.sigma else 0.0 for value in values]


def _fired(rule: Rule, values: Sequence[float], scores: Sequence[float]) -> list[tuple[int, ...]]:
    if not any(scores):
        return []
    pattern = _PATTERNS[rule]
    found = []
    for end in range(pattern.width, len(values) + 1):
        points = tuple(range(end - pattern.width, end))
        steps = [values[later] - values[earlier] for earlier, later in pairwise(points)]
        if pattern.matches([scores[point] for point in points], steps):
            found.append(points)
    return found


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`matches` gets so many successive values, in sigmas from the centre, and the steps between them."""

    width: int
    matches: Callable[[Sequence[float], Sequence[float]], bool]


def _one_side(seen: Sequence[float], *, beyond: float, least: int) -> bool:
    """At least so many on the side of the last one, itself among them: it completes the pattern."""
    side = 1 if seen[-1] > 0 else -1
    outside = [score * side > beyond for score in seen]
    return outside[-1] and sum(outside) >= least


_PATTERNS = {
    Rule.BEYOND_LIMITS: _Pattern(1, lambda seen, _: abs(seen[0]) > 3),
    Rule.NINE_ON_ONE_SIDE: _Pattern(9, lambda seen, _: _one_side(seen, beyond=0, least=9)),
    Rule.SIX_IN_ONE_DIRECTION: _Pattern(
        6, lambda _, steps: all(step > 0 for step in steps) or all(step < 0 for step in steps)
    ),
    Rule.FOURTEEN_ALTERNATING: _Pattern(
        14, lambda _, steps: all(one * other < 0 for one, other in pairwise(steps))
    ),
    Rule.TWO_OF_THREE_BEYOND_TWO_SIGMA: _Pattern(3, lambda seen, _: _one_side(seen, beyond=2, least=2)),
    Rule.FOUR_OF_FIVE_BEYOND_ONE_SIGMA: _Pattern(5, lambda seen, _: _one_side(seen, beyond=1, least=4)),
    Rule.FIFTEEN_WITHIN_ONE_SIGMA: _Pattern(15, lambda seen, _: all(abs(score) < 1 for score in seen)),
    Rule.EIGHT_OUTSIDE_ONE_SIGMA: _Pattern(8, lambda seen, _: all(abs(score) > 1 for score in seen)),
}
