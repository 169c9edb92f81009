"""Every SELECT over events and inboxes. Public ones take the actor first."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.models import Event

_OLDEST_RUNNING = sa.text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


async def settled(session: AsyncSession) -> tuple[int, int]:
    """(transaction, number) behind which nothing that is not there yet will ever appear before it."""
    if session.get_bind().dialect.name == "postgresql":
        oldest = await session.scalar(_OLDEST_RUNNING)
        assert oldest is not None
        return oldest - 1, 2**62  # everything of the transactions before the oldest running one
    return 0, await session.scalar(sa.select(sa.func.max(Event.number))) or 0


def between(after: tuple[int, int], until: tuple[int, int]) -> sa.Select[Event]:
    """Behind `after`, up to and with `until`, in order."""
    place = sa.tuple_(Event.transaction, Event.number)
    return (
        sa.select(Event)
        .where(place > sa.tuple_(*map(sa.literal, after)), place <= sa.tuple_(*map(sa.literal, until)))
        .order_by(Event.transaction, Event.number)
    )
