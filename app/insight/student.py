"""Quantiles of Student's t distribution. Standard library only."""

import math
from functools import lru_cache
from statistics import NormalDist

LARGE = 10_000_000  # degrees of freedom from which on the normal distribution is the same to six places
TINY = 1e-300
STEPS = 500


@lru_cache(maxsize=4096)
def quantile(share: float, degrees: float) -> float:
    """Below which value the given share of the distribution lies, for `share` of a half or more."""
    if not 0.5 <= share < 1 or degrees <= 0:
        raise ValueError("a share from 0.5 to below 1, and more than 0 degrees of freedom")
    if degrees >= LARGE:
        return NormalDist().inv_cdf(share)
    low, high = 0.0, 1.0
    while _below(high, degrees) < share:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if _below(middle, degrees) < share else (low, middle)
    return (low + high) / 2


def _below(value: float, degrees: float) -> float:
    """The distribution function at a value that is not negative."""
    return 1 - 0.5 * _incomplete_beta(degrees / (degrees + value * value), degrees / 2, 0.5)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised one (Abramowitz and Stegun 26.5.8), by the side of its continued fraction that converges."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """By the method of Lentz."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, STEPS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _not_zero(1 + step * d)
            c = _not_zero(1 + step / c)
            value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
