"""Values a few at a time: a statement holds a limited number of parameters."""

from collections.abc import Collection, Iterator
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.orm import Base

MOST_PARAMETERS = 500

Value = TypeVar("Value", UUID, int, str)
Row = TypeVar("Row", bound=Base)


def batched(values: Collection[Value]) -> Iterator[list[Value]]:
    """All of them, in order."""
    ordered = sorted(values)
    for start in range(0, len(ordered), MOST_PARAMETERS):
        yield ordered[start : start + MOST_PARAMETERS]


async def rows_by_id(session: AsyncSession, table: type[Row], ids: Collection[UUID]) -> dict[UUID, Row]:
    """For those who came upon the ids among what they may see."""
    (key,) = sa.inspect(table).primary_key
    found: dict[UUID, Row] = {}
    for some in batched(set(ids)):
        rows = await session.execute(sa.select(key, table).where(key.in_(some)))
        found.update(rows.all())
    return found
