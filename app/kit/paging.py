"""Keyset pagination: pages that stay right while rows come and go, with an opaque cursor."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.kit.problems import BadRequest

Item = TypeVar("Item")
Row = TypeVar("Row")

LARGEST_PAGE = 200


class Page(BaseModel, Generic[Item]):
    """One page; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None


class PageRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=LARGEST_PAGE, description="how many rows at the most")
    cursor: str | None = Field(None, max_length=1000, description="`next_cursor` of the page before")


Paging = Annotated[PageRequest, Query()]


@dataclass(frozen=True, slots=True)
class Key:
    """A column of the order; the last one must be unique."""

    column: InstrumentedAttribute[Any]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    rows: Sequence[Row]
    next_cursor: str | None

    def page(self, items: list[Item]) -> Page[Item]:
        return Page(items=items, next_cursor=self.next_cursor)


async def paginate(
    session: AsyncSession, rows: sa.Select[Row], request: PageRequest, *, by: Sequence[Key]
) -> Slice[Row]:
    """The rows after the cursor in the order `by`. All columns of `by` must belong to the selected entity.

    Raises `BadRequest` for a cursor that this list did not make.
    """
    if request.cursor is not None:
        rows = rows.where(_after(by, _decode(request.cursor, by)))
    order = [key.column.desc() if key.descending else key.column.asc() for key in by]
    found = (await session.scalars(rows.order_by(*order).limit(request.limit + 1))).all()
    if len(found) <= request.limit:
        return Slice(found, None)
    kept = found[: request.limit]
    return Slice(kept, _encode([getattr(kept[-1], key.column.key) for key in by]))


def _after(by: Sequence[Key], values: Sequence[object]) -> sa.ColumnElement[bool]:
    """Row-wise comparison that also works with mixed directions."""
    alternatives = []
    for position, key in enumerate(by):
        equal = [before.column == value for before, value in zip(by[:position], values, strict=False)]
        beyond = key.column < values[position] if key.descending else key.column > values[position]
        alternatives.append(sa.and_(*equal, beyond))
    return sa.or_(*alternatives)


def _encode(values: Sequence[object]) -> str:
    text = json.dumps([value if isinstance(value, int) else str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, by: Sequence[Key]) -> list[object]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(by):
            raise ValueError("wrong number of values")  # noqa: TRY301 (one way out for every bad cursor)
        return [_parse(value, key.column.type.python_type) for value, key in zip(values, by, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise BadRequest("The cursor was not made by this list: begin again without it.") from error


def _parse(value: object, kind: type) -> object:
    if kind is int:
        if not isinstance(value, int) or abs(value) > 2**62:
            raise ValueError("not a number in range")
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text")
    if kind is UUID:
        return UUID(value)
    if kind is datetime:
        return _aware(datetime.fromisoformat(value))
    if kind is date:
        return date.fromisoformat(value)
    return value


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant without zone")
    return instant
