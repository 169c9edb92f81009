"""What the engine is given: the weighted tree of one visit and its answers.

Codes of items are unique in the whole tree, codes of indicators and dimensions among their kind.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

HUNDRED = Fraction(100)


class Mode(StrEnum):
    """How items roll up to a total (D3.2). The two give different totals."""

    WEIGHTS_FIXED = "weights_fixed"
    POINTS_POOL = "points_pool"


class State(StrEnum):
    """What became of an item on this visit (D3)."""

    SCORED = "scored"
    NOT_APPLICABLE = "not_applicable"
    NOT_OBSERVED = "not_observed"
    UNANSWERED = "unanswered"


class NotApplicable(StrEnum):
    """What the checklist makes of "not applicable" (D3.1)."""

    EXCLUDE = "exclude"
    COUNT_AS_ZERO = "count_as_zero"
    COUNT_AS_FULL = "count_as_full"
    NOT_ALLOWED = "not_allowed"


class VetoScope(StrEnum):
    """What a breached basic norm takes with it (D4.1)."""

    ITEM = "item"
    INDICATOR = "indicator"
    DIMENSION = "dimension"
    VISIT = "visit"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Veto:
    """A basic norm. It is breached by a scored item that earns at most `breached_at` of its weight."""

    scope: VetoScope = VetoScope.INDICATOR
    cap: Fraction | None = None
    breached_at: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if (self.cap is not None) != (self.scope is VetoScope.CAP):
            raise ValueError("a cap belongs to the scope 'cap' and to no other")
        if self.cap is not None and not 0 <= self.cap <= HUNDRED:
            raise ValueError("a cap lies between 0 and 100")
        if not 0 <= self.breached_at < 1:
            raise ValueError("a veto is breached at a fraction from 0 to below 1")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was looked at. Weight 0 makes a pure gate: a veto that earns nothing when kept."""

    code: str
    weight: Fraction
    bonus: bool = False
    not_applicable: NotApplicable = NotApplicable.EXCLUDE
    veto: Veto | None = None

    def __post_init__(self) -> None:
        _not_negative(self.weight, self.code)
        if self.bonus and self.veto is not None:
            raise ValueError(f"{self.code}: a bonus item cannot be a veto")


@dataclass(frozen=True, slots=True)
class Indicator:
    """Items that are judged together."""

    code: str
    weight: Fraction
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        _not_negative(self.weight, self.code)


@dataclass(frozen=True, slots=True)
class Dimension:
    """Indicators that share one weight: what is not applicable inside stays inside (D3.2)."""

    code: str
    weight: Fraction
    indicators: tuple[Indicator, ...]

    def __post_init__(self) -> None:
        _not_negative(self.weight, self.code)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A checklist with one weight profile applied, holding only the items this visit asks for."""

    mode: Mode
    completeness_threshold: Fraction
    dimensions: tuple[Dimension, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.completeness_threshold <= 1:
            raise ValueError("the completeness threshold lies between 0 and 1")
        indicators = [indicator for dimension in self.dimensions for indicator in dimension.indicators]
        _unique("dimension", (dimension.code for dimension in self.dimensions))
        _unique("indicator", (indicator.code for indicator in indicators))
        _unique("item", (item.code for item in self.items()))

    def items(self) -> Iterator[Item]:
        """Every item, in the order of the checklist."""
        for dimension in self.dimensions:
            for indicator in dimension.indicators:
                yield from indicator.items


@dataclass(frozen=True, slots=True)
class Answer:
    """The state of one item and, when it was scored, the fraction of its weight that was earned."""

    state: State
    fraction: Fraction | None = None

    def __post_init__(self) -> None:
        if (self.fraction is not None) != (self.state is State.SCORED):
            raise ValueError("a scored answer carries a fraction, and no other does")
        if self.fraction is not None and not 0 <= self.fraction <= 1:
            raise ValueError("a fraction lies between 0 and 1")

    @classmethod
    def scored(cls, fraction: Fraction) -> "Answer":
        """The item was seen and earned this fraction."""
        return cls(State.SCORED, fraction)


def _not_negative(weight: Fraction, code: str) -> None:
    if not isinstance(weight, Fraction):
        raise TypeError(f"{code}: weights are exact fractions, not {type(weight).__name__}")
    if weight < 0:
        raise ValueError(f"{code}: a weight is never negative")


def _unique(kind: str, codes: Iterable[str]) -> None:
    twice = sorted(code for code, count in Counter(codes).items() if count > 1)
    if twice:
        raise ValueError(f"{kind} codes given twice: {', '.join(twice)}")
