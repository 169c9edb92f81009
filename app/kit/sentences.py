"""Sentences with a stable code and what stands in their gaps, so that a screen can say them in its reader's language.

class Says(Sentences):
    UNKNOWN_TIER = "{value!r} is not one of your tiers"

Says.UNKNOWN_TIER.of(value="flagshp")  # code "unknown-tier", as text "'flagshp' is not one of your tiers"
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Value = str | int


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said once: `text` is its English."""

    code: str
    text: str
    values: Mapping[str, Value]

    def __str__(self) -> str:
        return self.text


class Sentences(Enum):
    """Names are the codes, values the English with `{gaps}`. No two members say the same."""

    @property
    def code(self) -> str:
        return self.name.lower().replace("_", "-")

    def of(self, **values: Value) -> Sentence:
        return Sentence(self.code, str(self.value).format_map(values), values)


def counted(count: int, one: str, many: str = "") -> str:
    """`1 mistake`, `2 mistakes`; `many` is for words that do more than take an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


class Wrong(ValueError):
    """A value that is not as it should be, with a reason that can be told in other languages."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text)
        self.sentence = sentence


class Form(Sentences):
    """What is wrong with the form of a value, whatever it stands for."""

    NEEDED = "is needed"
    UNKNOWN = "is not known here"
    ONE_OF = "must be one of {expected}"
    TEXT = "must be text"
    WHOLE_NUMBER = "must be a whole number"
    NUMBER = "must be a number"
    TRUTH = "must be true or false"
    DATE = "must be a date such as 2026-02-17"
    PATTERN = "is not written as it should be"
    AT_LEAST = "must be at least {least}"
    ABOVE = "must be above {least}"
    AT_MOST = "must be at most {most}"
    BELOW = "must be below {most}"
    TOO_SHORT = "must have at least {least}"
    TOO_LONG = "must have at most {most}"
    OTHERWISE = "{text}"


# By the name of pydantic's error: the sentence, and what of its context stands in which gap.
_FORMS: Mapping[str, tuple[Form, Mapping[str, str]]] = {
    "missing": (Form.NEEDED, {}),
    "extra_forbidden": (Form.UNKNOWN, {}),
    "enum": (Form.ONE_OF, {"expected": "expected"}),
    "literal_error": (Form.ONE_OF, {"expected": "expected"}),
    "string_type": (Form.TEXT, {}),
    "int_type": (Form.WHOLE_NUMBER, {}),
    "int_parsing": (Form.WHOLE_NUMBER, {}),
    "int_from_float": (Form.WHOLE_NUMBER, {}),
    "float_type": (Form.NUMBER, {}),
    "float_parsing": (Form.NUMBER, {}),
    "bool_type": (Form.TRUTH, {}),
    "date_from_datetime_parsing": (Form.DATE, {}),
    "date_parsing": (Form.DATE, {}),
    "string_pattern_mismatch": (Form.PATTERN, {}),
    "greater_than_equal": (Form.AT_LEAST, {"ge": "least"}),
    "greater_than": (Form.ABOVE, {"gt": "least"}),
    "less_than_equal": (Form.AT_MOST, {"le": "most"}),
    "less_than": (Form.BELOW, {"lt": "most"}),
    "string_too_short": (Form.TOO_SHORT, {"min_length": "least"}),
    "too_short": (Form.TOO_SHORT, {"min_length": "least"}),
    "string_too_long": (Form.TOO_LONG, {"max_length": "most"}),
    "too_long": (Form.TOO_LONG, {"max_length": "most"}),
}


def of_validation(error: Mapping[str, Any]) -> Sentence:
    """An error of pydantic: its own English, under the code of what it means."""
    context = error.get("ctx") or {}
    text = str(error["msg"]).removeprefix("Value error, ")
    if isinstance(reason := context.get("error"), Wrong):
        return reason.sentence
    form, gaps = _FORMS.get(error["type"], (Form.OTHERWISE, {}))
    values: dict[str, Value] = {gap: _plain(context.get(name)) for name, gap in gaps.items()}
    return Sentence(form.code, text, values or ({"text": text} if form is Form.OTHERWISE else {}))


def _plain(value: object) -> Value:
    return value if isinstance(value, int) else str(value)
