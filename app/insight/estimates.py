"""Means with their uncertainty (D3.7). Standard library only."""

import math
from dataclasses import dataclass

from app.kit.student import quantile

CONFIDENCE = 0.95
LOWEST, HIGHEST = 0.0, 100.0  # every value here is in points of 100


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over values x with weights w: all that a weighted mean and its uncertainty depend on.

    The names say what is added up: `wwx` is Σ w²·x.
    """

    count: int
    w: float
    wx: float
    ww: float
    wwx: float
    wwxx: float

    @classmethod
    def of(cls, values: list[tuple[float, float]]) -> "Sums":
        """Of (value, weight)."""
        return cls(
            count=len(values),
            w=math.fsum(w for _, w in values),
            wx=math.fsum(w * x for x, w in values),
            ww=math.fsum(w * w for _, w in values),
            wwx=math.fsum(w * w * x for x, w in values),
            wwxx=math.fsum(w * w * x * x for x, w in values),
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of `count` values, with the interval that covers the true mean 95 times of 100.

    One value alone says nothing of its uncertainty: then the standard error and the interval are null.
    """

    mean: float
    count: int
    error: float | None

    @property
    def low(self) -> float | None:
        return None if self.half_width is None else max(LOWEST, self.mean - self.half_width)

    @property
    def high(self) -> float | None:
        return None if self.half_width is None else min(HIGHEST, self.mean + self.half_width)

    @property
    def half_width(self) -> float | None:
        return None if self.error is None else half_width(self.error, self.count - 1)


@dataclass(frozen=True, slots=True)
class Change:
    """The later mean less the earlier one. Significant: the interval leaves out zero."""

    difference: float
    low: float | None
    high: float | None

    @property
    def significant(self) -> bool | None:
        return None if self.low is None or self.high is None else not self.low <= 0 <= self.high


def estimate(sums: Sums) -> Estimate | None:
    """The weighted mean, None where nothing has weight.

    The error is the linearised one of a weighted mean whose weights are known (Cochran 1977, 6.4): with equal
    weights it is s/√n.
    """
    if sums.count == 0 or sums.w <= 0:
        return None
    mean = sums.wx / sums.w
    if sums.count == 1:
        return Estimate(mean, 1, None)
    squares = max(0.0, sums.wwxx - 2 * mean * sums.wwx + mean * mean * sums.ww)
    error = math.sqrt(sums.count / (sums.count - 1) * squares) / sums.w
    return Estimate(mean, sums.count, error)


def half_width(error: float, degrees: float, *, confidence: float = CONFIDENCE) -> float:
    """Half of the confidence interval of a mean."""
    return quantile((1 + confidence) / 2, degrees) * error


def change(later: Estimate, earlier: Estimate) -> Change:
    """Welch's interval for the difference of two means.

    It takes the two as independent: for the same outlets in two periods it is on the safe side.
    """
    difference = later.mean - earlier.mean
    if later.error is None or earlier.error is None:
        return Change(difference, None, None)
    first, second = later.error**2, earlier.error**2
    if first + second == 0:
        return Change(difference, difference, difference)
    degrees = (first + second) ** 2 / (first**2 / (later.count - 1) + second**2 / (earlier.count - 1))
    half = half_width(math.sqrt(first + second), degrees)
    return Change(difference, difference - half, difference + half)
