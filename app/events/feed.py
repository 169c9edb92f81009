"""Reading events in an order that misses none, while others are being written.

Numbers alone would lose rows on PostgreSQL: a transaction that began earlier may commit later, with lower numbers.
So a reader goes by (transaction, number) and only up to the oldest transaction that is still running. On SQLite the
one writer gives the numbers in order, and every transaction counts as number 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.events import queries
from app.events.models import Event


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Behind an event: everything up to it has been read."""

    transaction: int
    number: int


BEGINNING = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events in their order, and where to go on."""

    events: Sequence[Event]
    until: Position


async def horizon(session: AsyncSession) -> Position:
    """Where a reader stands who knows all that was committed. Ask before looking at what the events are about."""
    transaction, number = await queries.settled(session)
    return Position(transaction, number)


async def read(
    session: AsyncSession,
    after: Position,
    *,
    limit: int,
    organisation_id: UUID | None = None,
    where: sa.ColumnElement[bool] | None = None,
) -> Stretch:
    """The next events behind `after`, of one organisation or of all; with `where` only some of them.

    From a place that is not reached yet, as one who read before the database was restored may have, it goes on from the horizon.
    """
    until = await horizon(session)
    rows = queries.between((after.transaction, after.number), (until.transaction, until.number))
    if organisation_id is not None:
        rows = rows.where(Event.organisation_id == organisation_id)
    if where is not None:
        rows = rows.where(where)
    found = (await session.scalars(rows.limit(limit))).all()
    if len(found) == limit:
        return Stretch(found, Position(found[-1].transaction, found[-1].number))
    return Stretch(found, until)
