"""Typed access to parsed JSON, so that no `Any` leaves the line where it was parsed."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

_T = TypeVar("_T")


class Fields:
    """One JSON object. Every accessor raises `ValueError` naming the key that is not as promised."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    @classmethod
    def parse(cls, text: str | bytes) -> "Fields":
        value: object = json.loads(text)
        if not isinstance(value, dict):
            raise ValueError("expected a JSON object")  # noqa: TRY004 - the text is wrong, not a type of ours
        return cls(cast("dict[str, object]", value))

    def names(self) -> frozenset[str]:
        return frozenset(self._fields)

    def everything(self) -> Mapping[str, object]:
        return self._fields

    def text(self, key: str) -> str:
        return self._typed(key, str)

    def maybe_text(self, key: str) -> str | None:
        return None if self._fields.get(key) is None else self.text(key)

    def all_texts(self) -> dict[str, str]:
        """Every text of the object under its name in lower case."""
        return {name.lower(): value for name, value in self._fields.items() if isinstance(value, str)}

    def flag(self, key: str) -> bool:
        return self._typed(key, bool)

    def whole(self, key: str) -> int:
        value = self.number(key)
        if value != int(value):
            raise ValueError(f"{key!r} should be a whole number, not {value!r}")
        return int(value)

    def maybe_whole(self, key: str) -> int | None:
        return None if self._fields.get(key) is None else self.whole(key)

    def number(self, key: str) -> float:
        """Numbers as numbers, and as the strings that ffprobe writes."""
        value = self._fields.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(f"{key!r} should be a number, not {value!r}")  # noqa: TRY004 - as below
        return float(value)

    def maybe_number(self, key: str) -> float | None:
        value = self._fields.get(key)
        return None if value is None or value == "N/A" else self.number(key)

    def object(self, key: str) -> "Fields":
        """The object under `key`; an empty one when it is absent."""
        value = self._fields.get(key)
        return Fields({} if value is None else cast("dict[str, object]", self._typed(key, dict)))

    def objects(self, key: str) -> "list[Fields]":
        values = cast("list[object]", self._typed(key, list)) if key in self._fields else []
        return [Fields(cast("dict[str, object]", value)) for value in values if isinstance(value, dict)]

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(str(value) for value in cast("Sequence[object]", self._typed(key, list)))

    def _typed(self, key: str, wanted: type[_T]) -> _T:
        value = self._fields.get(key)
        if not isinstance(value, wanted):
            raise ValueError(f"{key!r} should be {wanted.__name__}, not {value!r}")  # noqa: TRY004 - as above
        return value
