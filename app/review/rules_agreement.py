"""Whether two people who look at the same thing see the same (D8.1). Standard library only, and exact where it can be."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

CONFIDENCE = 0.95
FURTHEST = 1.0  # two judgements of one item are at most its whole weight apart

Category = TypeVar("Category", bound=Hashable)


class Window(StrEnum):
    """The stretches of time that a drift is followed over."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Drift:
    """By how much an inspector judges milder (above zero) or harder than second markers, as a share of an item.

    `count` visits; one alone says nothing of its uncertainty: then the interval is null.
    """

    mean: float
    low: float | None
    high: float | None
    count: int


def raw_agreement(table: Mapping[tuple[Category, Category], int]) -> Fraction | None:
    """The share of pairs that are the same; null without pairs."""
    total = sum(table.values())
    same = sum(count for (one, other), count in table.items() if one == other)
    return Fraction(same, total) if total else None


def kappa(table: Mapping[tuple[Category, Category], int]) -> Fraction | None:
    """Cohen's κ (1960) of how often each pair of categories came up: agreement beyond what chance gives.

    Null without pairs, and when chance alone agrees for certain: both always said the same one thing, and nothing
    can be said about whether they look alike.
    """
    observed = raw_agreement(table)
    if observed is None:
        return None
    total = sum(table.values())
    first, second = _margins(table)
    expected = Fraction(sum(first[one] * second[one] for one in first), total * total)
    return None if expected == 1 else (observed - expected) / (1 - expected)


def weighted_kappa(table: Mapping[tuple[Fraction, Fraction], int]) -> Fraction | None:
    """κ for places on a scale, where near misses are small: weighted by the distance (Cohen 1968, linear weights).

    The categories are the places themselves. With two of them it is `kappa`; null where that is.
    """
    total = sum(table.values())
    first, second = _margins(table)
    chance = sum(first[one] * second[other] * abs(one - other) for one in first for other in second)
    if not chance:
        return None
    found = sum(count * abs(one - other) for (one, other), count in table.items())
    return 1 - Fraction(found * total) / Fraction(chance)


def drift(differences: Sequence[Fraction], *, quantile: float) -> Drift:
    """The mean of what visits differ by, each counting once, with the interval of Student's t.

    `quantile` is that of t at (1 + CONFIDENCE) / 2 with one degree of freedom less than there are visits.
    """
    count = len(differences)
    mean = sum(differences, Fraction(0)) / count
    if count == 1:
        return Drift(float(mean), None, None, 1)
    variance = sum(((one - mean) ** 2 for one in differences), Fraction(0)) / (count - 1)
    half = quantile * math.sqrt(variance / count)
    low, high = max(-FURTHEST, float(mean) - half), min(FURTHEST, float(mean) + half)
    return Drift(float(mean), low, high, count)


def begins_on(day: date, window: Window) -> date:
    """The first day of the window a day is in; weeks begin on Mondays."""
    match window:
        case Window.WEEK:
            return day - timedelta(days=day.weekday())
        case Window.MONTH:
            return day.replace(day=1)
        case Window.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def by_window(differences: Iterable[tuple[date, Fraction]], window: Window) -> dict[date, list[Fraction]]:
    """In the order of time."""
    found: dict[date, list[Fraction]] = {}
    for day, difference in sorted(differences):
        found.setdefault(begins_on(day, window), []).append(difference)
    return found


def _margins(
    table: Mapping[tuple[Category, Category], int],
) -> tuple[Counter[Category], Counter[Category]]:
    """How often each category was said by the one, and by the other."""
    first: Counter[Category] = Counter()
    second: Counter[Category] = Counter()
    for (one, other), count in table.items():
        first[one] += count
        second[other] += count
    return first, second
