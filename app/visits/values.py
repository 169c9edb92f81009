"""Whether an answer fits its item, and what fraction its value earns (D3.1, D3.3)."""

from dataclasses import dataclass
from fractions import Fraction

from app.checklists.document import Choice, Deductions, FreeText, Item, Number, Photo, Rating, YesNo
from app.checklists.document import NotApplicable as Policy
from app.scoring import State, exact, scales
from app.visits.answers import Answer, Value

MOST_FAULTS = 10_000  # nobody counts further; keeps absurd numbers out of the arithmetic


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """One answer that cannot be kept, and why."""

    item: str
    message: str

    def __str__(self) -> str:
        return f"{self.item}: {self.message}"


def what_is_wrong(item: Item, answer: Answer) -> str | None:
    """The reason why this answer cannot be kept, even as a draft; None when it can."""
    if answer.state in {State.NOT_APPLICABLE, State.NOT_OBSERVED, State.UNANSWERED}:
        if answer.value is not None:
            return f"an answer that is {answer.state} carries no value"
        return _not_applicable(item, answer) if answer.state is State.NOT_APPLICABLE else None
    if answer.value is not None:
        return _wrong_value(item, answer.value)
    if answer.state is State.SCORED and not isinstance(item, Photo):
        return "an answer that is scored needs a value"
    return None


def earned(item: Item, value: Value | None) -> Fraction:
    """The fraction a value earns. Raises ValueError for a value that does not fit the item."""
    match item, value:
        case YesNo(), bool():
            return scales.yes_no(value, expected=item.expected)
        case Choice(), str():
            fractions = {option.code: option.fraction for option in item.options}
            if value not in fractions:
                raise ValueError(_expected(item))
            return Fraction(fractions[value])
        case Rating(), int() if not isinstance(value, bool):
            return _rated(item, value)
        case Number(), (int() | str()) if not isinstance(value, bool):
            return _measured(item, value)
        case Deductions(), int() if not isinstance(value, bool):
            if not 0 <= value <= MOST_FAULTS:
                raise ValueError(_expected(item))
            return scales.deductions(value, each=Fraction(item.each))
        case _:
            raise ValueError(_expected(item))


def _not_applicable(item: Item, answer: Answer) -> str | None:
    if item.not_applicable is Policy.NOT_ALLOWED:
        return "this item cannot be 'not applicable'"
    if not (answer.reason or "").strip():
        return "'not applicable' needs a reason"
    return None


def _wrong_value(item: Item, value: Value) -> str | None:
    if isinstance(item, FreeText):
        return None if isinstance(value, str) else _expected(item)
    try:
        earned(item, value)
    except ValueError as problem:
        return str(problem)
    return None


def _rated(item: Rating, points: int) -> Fraction:
    if not item.lowest <= points <= item.highest:
        raise ValueError(_expected(item))
    return scales.rating(points, lowest=item.lowest, highest=item.highest)


def _measured(item: Number, value: int | str) -> Fraction:
    try:
        measured = exact(str(value))
    except ValueError:
        raise ValueError(_expected(item)) from None
    if measured < Fraction(item.minimum):
        raise ValueError(f"must be at least {item.minimum}")
    if item.maximum is not None and measured > Fraction(item.maximum):
        raise ValueError(f"must be at most {item.maximum}")
    bands = [(Fraction(band.up_to), Fraction(band.fraction)) for band in item.bands]
    return scales.banded(measured, bands=bands, beyond=Fraction(item.otherwise))


def _expected(item: Item) -> str:
    match item:
        case YesNo():
            words = "must be true or false"
        case Choice():
            words = f"must be one of {', '.join(option.code for option in item.options)}"
        case Rating():
            words = f"must be a whole number from {item.lowest} to {item.highest}"
        case Number():
            words = 'must be a whole number, or a decimal as text such as "7.5"'
        case Deductions():
            words = "must be a number of faults, from 0"
        case FreeText():
            words = "must be text"
        case Photo():
            words = "has no value: its photos are its evidence"
    return words
