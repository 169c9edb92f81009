"""Comparison on matched items only: both sides re-normalised over the items applicable on both (D9.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.scoring import Mode


@dataclass(frozen=True, slots=True)
class Side:
    """One side's mean share earned, by item, in points of 100. Only items that applied there at least once."""

    items: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Part:
    """An indicator with its weight in the total, and the weight of each of its items inside it.

    In a pool of points only the items' weights count.
    """

    code: str
    weight: float
    items: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MatchedPart:
    """Both sides of one indicator. `items` are those that stand on both."""

    code: str
    items: tuple[str, ...]
    ours: float
    theirs: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Totals are null when nothing matches. Indicators without a matched item are left out."""

    ours: float | None
    theirs: float | None
    parts: tuple[MatchedPart, ...]


def compare(ours: Side, theirs: Side, parts: Sequence[Part], *, mode: Mode) -> Comparison:
    """The same weights on both sides, over the same items: a difference is one of service, not of questions."""
    matched = []
    weights = []
    for part in parts:
        shared = {
            code: weight
            for code, weight in part.items.items()
            if weight > 0 and code in ours.items and code in theirs.items
        }
        if not shared:
            continue
        mean, other = _mean(ours.items, shared), _mean(theirs.items, shared)
        matched.append(MatchedPart(part.code, tuple(shared), mean, other))
        weights.append(part.weight if mode is Mode.WEIGHTS_FIXED else sum(shared.values()))
    return Comparison(
        _total([part.ours for part in matched], weights),
        _total([part.theirs for part in matched], weights),
        tuple(matched),
    )


def _mean(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return sum(values[code] * weight for code, weight in weights.items()) / sum(weights.values())


def _total(values: Sequence[float], weights: Sequence[float]) -> float | None:
    whole = sum(weights)
    if not whole:
        return None
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / whole
