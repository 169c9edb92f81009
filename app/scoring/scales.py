"""From what was answered to the fraction of an item's weight that is earned (D3.3)."""

from collections.abc import Sequence
from fractions import Fraction

NOTHING = Fraction(0)
EVERYTHING = Fraction(1)


def yes_no(answer: bool, *, expected: bool) -> Fraction:
    """All or nothing: the expected answer earns the item."""
    return EVERYTHING if answer is expected else NOTHING


def rating(points: int, *, lowest: int, highest: int) -> Fraction:
    """Linear between the two ends: on a scale of 1 to 5 a 4 earns three quarters."""
    if not lowest <= points <= highest:
        raise ValueError(f"{points} is not on the scale from {lowest} to {highest}")
    return Fraction(points - lowest, highest - lowest)


def banded(measured: Fraction, *, bands: Sequence[tuple[Fraction, Fraction]], beyond: Fraction) -> Fraction:
    """The fraction of the first band `(up to, fraction)` that reaches the measured number, else `beyond`.

    Bands are in ascending order and include their upper end: waiting minutes ≤ 5 → 1, ≤ 10 → 0.6, else 0.
    """
    return next((fraction for up_to, fraction in bands if measured <= up_to), beyond)


def deductions(count: int, *, each: Fraction) -> Fraction:
    """Each fault found takes the same fraction; the item never goes below zero."""
    if count < 0:
        raise ValueError("faults are counted from zero")
    return max(NOTHING, EVERYTHING - count * each)
