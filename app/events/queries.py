"""Every SELECT over events and inboxes. Public ones take the actor first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from app.events.kinds import Kind
from app.events.models import Event, InboxEntry, MailPreferences
from app.identity.actor import Actor
from app.identity.models import Person
from app.kit.batches import batched
from app.kit.problems import NotFound

_OLDEST_RUNNING = sa.text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_NEXT = sa.text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")


async def settled(session: AsyncSession) -> tuple[int, int]:
    """(transaction, number) behind which nothing that is not there yet will ever appear before it."""
    if session.get_bind().dialect.name == "postgresql":
        oldest = await session.scalar(_OLDEST_RUNNING)
        assert oldest is not None
        return oldest - 1, 2**62  # everything of the transactions before the oldest running one
    return 0, await session.scalar(sa.select(sa.func.max(Event.number))) or 0


async def newest(session: AsyncSession) -> int:
    """The last transaction of which there is an event; 0 on SQLite, which counts none."""
    return await session.scalar(sa.select(sa.func.max(Event.transaction))) or 0


async def begun(session: AsyncSession) -> int:
    """The last transaction that this server has begun; 0 on SQLite."""
    if session.get_bind().dialect.name != "postgresql":
        return 0
    following: int | None = await session.scalar(_NEXT)
    assert following is not None
    return following - 1


def between(after: tuple[int, int], until: tuple[int, int]) -> sa.Select[Event]:
    """Behind `after`, up to and with `until`, in order."""
    place = sa.tuple_(Event.transaction, Event.number)
    return (
        sa.select(Event)
        .where(place > sa.tuple_(*map(sa.literal, after)), place <= sa.tuple_(*map(sa.literal, until)))
        .order_by(Event.transaction, Event.number)
    )


def inbox_of(actor: Actor, kinds: Collection[Kind], *, unread: bool = False) -> sa.Select[InboxEntry]:
    """The actor's own entries of some kinds."""
    rows = (
        sa.select(InboxEntry)
        .join(InboxEntry.event)
        .options(contains_eager(InboxEntry.event))
        .where(InboxEntry.person_id == actor.person_id, Event.kind.in_(kinds))
    )
    return rows.where(InboxEntry.read_at.is_(None)) if unread else rows


async def get_entry(
    session: AsyncSession, actor: Actor, kinds: Collection[Kind], entry_id: UUID
) -> InboxEntry:
    entry = await session.scalar(inbox_of(actor, kinds).where(InboxEntry.id == entry_id))
    if entry is None:
        raise NotFound("There is no entry with this id in your inbox.")
    return entry


async def counts_of(session: AsyncSession, actor: Actor, kinds: Collection[Kind]) -> tuple[int, int]:
    """How many are unread, and how many there are."""
    row = (
        await session.execute(
            sa.select(
                sa.func.count().filter(InboxEntry.read_at.is_(None)).label("unread"),
                sa.func.count().label("total"),
            )
            .select_from(InboxEntry)
            .join(InboxEntry.event)
            .where(InboxEntry.person_id == actor.person_id, Event.kind.in_(kinds))
        )
    ).one()
    return row.unread, row.total


def mark_all_read(actor: Actor, *, now: datetime) -> sa.Update:
    return (
        sa.update(InboxEntry)
        .where(InboxEntry.person_id == actor.person_id, InboxEntry.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


async def find_preferences(session: AsyncSession, person_id: UUID) -> MailPreferences | None:
    return await session.get(MailPreferences, person_id)


# What the jobs ask; nobody's leave is needed.


async def not_yet_mailed(session: AsyncSession, *, limit: int) -> Sequence[InboxEntry]:
    """Entries of which nobody has decided yet whether they are mailed, the oldest first; others pass over them."""
    rows = await session.scalars(
        sa.select(InboxEntry)
        .join(InboxEntry.event)
        .options(contains_eager(InboxEntry.event))
        .where(InboxEntry.mail_decided_at.is_(None))
        .order_by(InboxEntry.at, InboxEntry.id)
        .limit(limit)
        .with_for_update(of=InboxEntry, skip_locked=True)
    )
    return rows.all()


async def preferences_among(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, MailPreferences]:
    found: dict[UUID, MailPreferences] = {}
    for some in batched(people):
        rows = await session.scalars(sa.select(MailPreferences).where(MailPreferences.person_id.in_(some)))
        found |= {row.person_id: row for row in rows}
    return found


async def entry_to_mail(session: AsyncSession, entry_id: UUID) -> tuple[InboxEntry, Person]:
    row = (
        await session.execute(
            sa.select(InboxEntry, Person)
            .join(InboxEntry.event)
            .join(Person, Person.id == InboxEntry.person_id)
            .options(contains_eager(InboxEntry.event))
            .where(InboxEntry.id == entry_id)
        )
    ).one()
    return row[0], row[1]
