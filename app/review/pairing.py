"""An item as two people answered it: which category each chose, and what fraction it earns (D8.1)."""

from dataclasses import dataclass
from fractions import Fraction

from app.checklists.document import Deductions, Document, Item, Number, plain
from app.scoring import State, exact
from app.visits import marking
from app.visits.answers import Answer
from app.visits.values import earned

MICRO = 1_000_000
NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Pair:
    """An item, what the answers say of it, and what the second marker says."""

    item: Item
    first: Answer | None
    second: Answer

    @property
    def differs(self) -> bool:
        """Whether both saw it, and saw it otherwise."""
        one, other = category_of(self.item, self.first), category_of(self.item, self.second)
        return one is not None and other is not None and one != other


def markable(document: Document, *, purpose: str | None) -> list[Item]:
    """What a second person can judge from the recordings: not the inspector's own words and photos."""
    asked = marking.asked_items(document, purpose=purpose)
    return [item for item in asked if item.type not in {"text", "photo"}]


def category_of(item: Item, answer: Answer | None) -> str | None:
    """The category of an answer; numbers fall into their bands. `None`: not seen, or nothing said."""
    if answer is None:
        return None
    match marking.state_of(item, answer):
        case State.NOT_APPLICABLE:
            return NOT_APPLICABLE
        case State.SCORED:
            return _of_value(item, answer)
        case _:
            return None


def fraction_of(item: Item, answer: Answer | None) -> Fraction | None:
    """What a scored answer earns of its item; `None` for every other."""
    if answer is None or marking.state_of(item, answer) is not State.SCORED:
        return None
    return earned(item, answer.value)


def micro(value: Fraction | None) -> int | None:
    return None if value is None else round(value * MICRO)


def _of_value(item: Item, answer: Answer) -> str:
    match item:
        case Number():
            measured = exact(str(answer.value))
            within = [band.up_to for band in item.bands if measured <= Fraction(band.up_to)]
            return f"up-to-{plain(within[0])}" if within else "beyond"
        case Deductions():
            return str(answer.value)
        case _:
            return str(answer.value).lower() if isinstance(answer.value, bool) else str(answer.value)
