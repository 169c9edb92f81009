"""From what a list shows to the cells of a sheet."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from app.kit.sheets import Cell


@dataclass(frozen=True, slots=True)
class Column:
    """`outlet.code` is the code inside of the outlet."""

    path: tuple[str, ...]

    @property
    def name(self) -> str:
        return ".".join(self.path)

    def cell(self, item: BaseModel) -> Cell:
        value: object = item
        for name in self.path:
            value = None if value is None else getattr(value, name)
        return _plain(value)


def columns_of(model: type[BaseModel]) -> Sequence[Column]:
    """In the order of the fields; what a field is made of takes its place."""
    return [Column(path) for path in _paths(model)]


def _paths(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is None:
            yield (name,)
        else:
            yield from ((name, *path) for path in _paths(inner))


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) in {Union, UnionType}:
        kinds = [one for one in get_args(annotation) if one is not NoneType]
        return _model_in(kinds[0]) if len(kinds) == 1 else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _plain(value: object) -> Cell:
    """Numbers stay numbers; lists and whatever has no cell of its own become their JSON."""
    match value:
        case None | bool() | int() | float() | date():
            return value
        case Decimal():
            return float(value)
        case Enum():
            return str(value.value)
        case list() | dict() | BaseModel():
            return json.dumps(to_jsonable_python(value), ensure_ascii=False, sort_keys=True)
        case _:
            return str(value)
