"""Small scoring trees, written the way the rules write them: `item("a", 10)`, answered `at("0.5")`."""

from decimal import Decimal
from fractions import Fraction

from app.scoring import (
    Answer,
    Dimension,
    Indicator,
    Item,
    Mode,
    NotApplicable,
    Scheme,
    State,
    Veto,
    VetoScope,
)

NOT_APPLICABLE = Answer(State.NOT_APPLICABLE)
NOT_OBSERVED = Answer(State.NOT_OBSERVED)
FULL = Answer.scored(Fraction(1))
NONE = Answer.scored(Fraction(0))


def at(fraction: str) -> Answer:
    return Answer.scored(Fraction(Decimal(fraction)))


def item(
    code: str,
    weight: int | str = 10,
    *,
    veto: VetoScope | Veto | None = None,
    bonus: bool = False,
    not_applicable: NotApplicable = NotApplicable.EXCLUDE,
) -> Item:
    norm = Veto(veto) if isinstance(veto, VetoScope) else veto
    return Item(code, Fraction(weight), bonus=bonus, not_applicable=not_applicable, veto=norm)


def indicator(code: str, weight: int, *items: Item) -> Indicator:
    return Indicator(code, Fraction(weight), items)


def dimension(code: str, weight: int, *indicators: Indicator) -> Dimension:
    return Dimension(code, Fraction(weight), indicators)


def scheme(*dimensions: Dimension, mode: Mode = Mode.WEIGHTS_FIXED, threshold: str = "0") -> Scheme:
    return Scheme(mode, Fraction(Decimal(threshold)), dimensions)


def flat(*indicators: Indicator, mode: Mode = Mode.WEIGHTS_FIXED, threshold: str = "0") -> Scheme:
    """All indicators in one dimension: their weights alone decide."""
    return scheme(dimension("only", 100, *indicators), mode=mode, threshold=threshold)
