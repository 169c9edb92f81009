"""The sums of every item, indicator and dimension, with or without the vetoes (D3.1, D3.2, D3.4, D4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.scoring.scheme import (
    Answer,
    Dimension,
    Indicator,
    Item,
    Mode,
    NotApplicable,
    Scheme,
    State,
    VetoScope,
)

ZERO = Fraction(0)
UNANSWERED = Answer(State.UNANSWERED)

# Which items breached a norm that takes this part with it: (scope, code of the part) → codes of items.
Breaches = Mapping[tuple[VetoScope, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ItemTally:
    """One item. `fraction` is None when the item does not count."""

    item: Item
    state: State
    fraction: Fraction | None
    vetoed_by: tuple[str, ...]

    @property
    def earned(self) -> Fraction:
        """Points, bonus points among them."""
        return ZERO if self.fraction is None else self.item.weight * self.fraction

    @property
    def possible(self) -> Fraction:
        """Points that stand in the denominator: never those of a bonus item (D3.3)."""
        return ZERO if self.fraction is None or self.item.bonus else self.item.weight

    @property
    def applicable(self) -> Fraction:
        """Weight that completeness is measured against: all but "not applicable, excluded" (D3.4)."""
        excluded = self.state is State.NOT_APPLICABLE and self.fraction is None
        return ZERO if excluded or self.item.bonus else self.item.weight


@dataclass(frozen=True, slots=True)
class IndicatorTally:
    """One indicator after its own veto."""

    indicator: Indicator
    items: tuple[ItemTally, ...]
    earned: Fraction
    possible: Fraction
    score: Fraction | None
    completeness: Fraction | None
    vetoed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DimensionTally:
    """One dimension after its own veto."""

    dimension: Dimension
    indicators: tuple[IndicatorTally, ...]
    earned: Fraction
    possible: Fraction
    score: Fraction | None
    completeness: Fraction | None
    vetoed_by: tuple[str, ...]


def tally(scheme: Scheme, answers: Mapping[str, Answer], *, breaches: Breaches) -> tuple[DimensionTally, ...]:
    """Bottom-up: items, then indicators, then dimensions, each with the vetoes of its own scope."""
    return tuple(
        _dimension(dimension, answers, mode=scheme.mode, breaches=breaches) for dimension in scheme.dimensions
    )


def subtotal(tallies: Iterable[DimensionTally], *, mode: Mode) -> Fraction | None:
    """The total out of 100 before cap, visit-wide veto and limits (D3.2); None when nothing was scored."""
    parts = list(tallies)
    match mode:
        case Mode.WEIGHTS_FIXED:
            mean = weighted_mean((part.dimension.weight, part.score) for part in parts)
        case Mode.POINTS_POOL:
            mean = _ratio(_sum(part.earned for part in parts), _sum(part.possible for part in parts))
    return None if mean is None else 100 * mean


def completeness(tallies: Iterable[DimensionTally], *, mode: Mode) -> Fraction | None:
    """The share of the applicable weight that was scored, weighed as the total is; None when none applies."""
    parts = list(tallies)
    match mode:
        case Mode.WEIGHTS_FIXED:
            return weighted_mean((part.dimension.weight, part.completeness) for part in parts)
        case Mode.POINTS_POOL:
            return _seen(item for part in parts for tally in part.indicators for item in tally.items)


def weighted_mean(parts: Iterable[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    """Σ weight·value / Σ weight over the parts that have a value; None when those weigh nothing."""
    valued = [(weight, value) for weight, value in parts if value is not None]
    return _ratio(_sum(weight * value for weight, value in valued), _sum(weight for weight, _ in valued))


def _item(item: Item, answer: Answer, *, breaches: Breaches) -> ItemTally:
    vetoed_by = breaches.get((VetoScope.ITEM, item.code), ())
    fraction = ZERO if vetoed_by else _fraction(item, answer)
    return ItemTally(item, answer.state, fraction, vetoed_by)


def _fraction(item: Item, answer: Answer) -> Fraction | None:
    if answer.state is not State.NOT_APPLICABLE:
        return answer.fraction
    match item.not_applicable:
        case NotApplicable.EXCLUDE:
            return None
        case NotApplicable.COUNT_AS_ZERO:
            return ZERO
        case NotApplicable.COUNT_AS_FULL:
            return Fraction(1)
        case NotApplicable.NOT_ALLOWED:
            raise ValueError(f"{item.code}: this item cannot be 'not applicable'")


def _indicator(indicator: Indicator, answers: Mapping[str, Answer], *, breaches: Breaches) -> IndicatorTally:
    items = tuple(
        _item(item, answers.get(item.code, UNANSWERED), breaches=breaches) for item in indicator.items
    )
    vetoed_by = breaches.get((VetoScope.INDICATOR, indicator.code), ())
    earned = ZERO if vetoed_by else _sum(item.earned for item in items)
    possible = _possible(_sum(item.possible for item in items), items, vetoed=bool(vetoed_by))
    score = ZERO if vetoed_by else _ratio(earned, possible)
    return IndicatorTally(indicator, items, earned, possible, score, _seen(items), vetoed_by)


def _dimension(
    dimension: Dimension, answers: Mapping[str, Answer], *, mode: Mode, breaches: Breaches
) -> DimensionTally:
    indicators = tuple(_indicator(part, answers, breaches=breaches) for part in dimension.indicators)
    items = tuple(item for part in indicators for item in part.items)
    vetoed_by = breaches.get((VetoScope.DIMENSION, dimension.code), ())
    earned = ZERO if vetoed_by else _sum(part.earned for part in indicators)
    possible = _possible(_sum(part.possible for part in indicators), items, vetoed=bool(vetoed_by))
    match mode:
        case Mode.WEIGHTS_FIXED:
            score = weighted_mean((part.indicator.weight, part.score) for part in indicators)
            seen = weighted_mean((part.indicator.weight, part.completeness) for part in indicators)
        case Mode.POINTS_POOL:
            score, seen = _ratio(earned, possible), _seen(items)
    return DimensionTally(
        dimension, indicators, earned, possible, ZERO if vetoed_by else score, seen, vetoed_by
    )


def _possible(points: Fraction, items: Iterable[ItemTally], *, vetoed: bool) -> Fraction:
    """A vetoed part whose only scored item is a gate of weight 0 stands in the pool with all its items (D4.2)."""
    if points == 0 and vetoed:
        return _sum(item.item.weight for item in items if not item.item.bonus)
    return points


def _seen(items: Iterable[ItemTally]) -> Fraction | None:
    regular = list(items)
    return _ratio(_sum(item.possible for item in regular), _sum(item.applicable for item in regular))


def _ratio(part: Fraction, whole: Fraction) -> Fraction | None:
    return part / whole if whole else None


def _sum(values: Iterable[Fraction]) -> Fraction:
    return sum(values, ZERO)
