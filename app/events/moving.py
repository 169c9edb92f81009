"""The feed of a database that was brought to another server: that one counts transactions by itself, from few on.

Left as they are, old events would stand far ahead of every new one, and whoever reads on from them would be told nothing.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.events import queries
from app.events.models import Event
from app.kit import guards
from app.kit.database import Database
from app.kit.migrations import NotMigrated


async def lead(session: AsyncSession, *, read_up_to: int = 0) -> int:
    """By how many transactions the feed, or a reader of it, is ahead of the server; 0 where neither came from another."""
    return max(0, max(await queries.newest(session), read_up_to) - await queries.begun(session))


async def move(session: AsyncSession, *, by: int) -> None:
    """Back by so many transactions, in the same order. Nobody may write meanwhile."""
    connection = await session.connection()
    await connection.run_sync(guards.rest, Event.__tablename__)
    await session.execute(sa.update(Event).values(transaction=Event.transaction - by))
    await connection.run_sync(guards.rise, Event.__tablename__)


async def require_at_home(database: Database) -> None:
    """Raises `NotMigrated` for a feed that is ahead of the server."""
    async with database.reading() as session:
        if await lead(session):
            raise NotMigrated(
                "the database was restored from another server: run `plainclothes migrate --restored`"
            )
