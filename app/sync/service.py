"""Bringing a copy up to date: exactly what its owner may see now, whatever happened in between.

Three things together make it exact. The feed of events tells what changed, up to the oldest transaction still running.
What a copy holds is compared with what its owner may see, so that a lost duty, an expired grant or a passed day count
without anybody announcing them. And what was given or taken stands under the number of its round until the copy
comes back with that number, so that a lost answer is given again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.events import feed
from app.events.feed import Position
from app.events.inbox import kinds_of
from app.events.kinds import Kind
from app.events.models import Event, InboxEntry
from app.identity.actor import Actor
from app.kit.ids import new_id
from app.kit.problems import BadRequest
from app.sync import queries
from app.sync.models import Holding, Replica
from app.sync.problems import CursorExpired
from app.sync.rules import MOST_EVENTS, MOST_VISITS, Cursor, Unreadable, read_cursor
from app.visits.models import Visit

ASKED_AGAIN = timedelta(days=1)  # how exactly it is known when a copy was last asked for


@dataclass(frozen=True, slots=True)
class Changes:
    """What a copy is to be told. `changed` says by visit what happened to it."""

    visits: Sequence[Visit]
    changed: dict[UUID, list[Kind]]
    gone: Sequence[UUID]
    entries: Sequence[InboxEntry]
    cursor: Cursor
    more: bool


async def bring_up_to_date(
    session: AsyncSession, actor: Actor, cursor: str | None, *, now: datetime
) -> Changes:
    """Raises `BadRequest` for a cursor that is none, `CursorExpired` for one of a copy nobody knows any more."""
    replica, at = await _replica(session, actor, cursor, now=now)
    await session.execute(queries.confirmed_gone(replica, at.round))
    stretch = await _happened(session, actor, replica, at, is_new=cursor is None)
    lost = await queries.given_after(session, replica, at.round)
    changed = _kinds_by_visit(stretch.events)
    gone = await queries.no_longer_visible(session, actor, replica, now=now, limit=MOST_EVENTS)
    fresh = await queries.newly_visible(session, actor, replica, now=now, limit=MOST_VISITS)
    if gone or fresh:
        replica.round += 1
        await _note(session, replica, gone=gone, fresh=fresh)
    wanted = (changed.keys() | lost | set(fresh)) - set(gone)
    return Changes(
        visits=await queries.visible_among(session, actor, wanted, now=now),
        changed={key: kinds for key, kinds in changed.items() if key not in fresh},
        gone=sorted(await queries.gone_after(session, replica, at.round)),
        entries=await _entries(session, actor, stretch.events, is_new=cursor is None),
        cursor=Cursor(replica.id, replica.round, stretch.until.transaction, stretch.until.number),
        more=len(fresh) == MOST_VISITS or len(stretch.events) == MOST_EVENTS or len(gone) == MOST_EVENTS,
    )


async def begin_again(session: AsyncSession) -> None:
    """Every copy, from nothing: after a restore, when copies may hold what was never here."""
    await session.execute(queries.every_copy())


async def _replica(
    session: AsyncSession, actor: Actor, text: str | None, *, now: datetime
) -> tuple[Replica, Cursor]:
    if text is None:
        replica = Replica(id=new_id(), person_id=actor.person_id, round=0, begun_at=now, asked_at=now)
        session.add(replica)
        await session.flush()
        await session.execute(queries.surplus(actor))
        return replica, Cursor(replica.id, 0, 0, 0)
    try:
        cursor = read_cursor(text)
    except Unreadable as error:
        raise BadRequest("The cursor was not made here: sync without one.") from error
    found = await queries.get_replica(session, actor, cursor.replica)
    if found is None or cursor.round > found.round:
        raise CursorExpired
    if now - found.asked_at > ASKED_AGAIN:
        found.asked_at = now
    return found, cursor


async def _happened(
    session: AsyncSession, actor: Actor, replica: Replica, at: Cursor, *, is_new: bool
) -> feed.Stretch:
    """What of interest happened since; of a new copy's time nothing, since it gets everything as it is.

    Asked before anything else is looked at: what is seen afterwards is at least as new.
    """
    if is_new:
        return feed.Stretch([], await feed.horizon(session))
    return await feed.read(
        session,
        Position(at.transaction, at.number),
        limit=MOST_EVENTS,
        organisation_id=actor.organisation_id,
        where=sa.or_(queries.held_by(replica), queries.to_inbox_of(actor)),
    )


def _kinds_by_visit(events: Sequence[Event]) -> dict[UUID, list[Kind]]:
    found: dict[UUID, list[Kind]] = {}
    for event in events:
        if event.visit_id is not None:
            kinds = found.setdefault(event.visit_id, [])
            if event.kind not in kinds:
                kinds.append(event.kind)
    return found


async def _note(
    session: AsyncSession, replica: Replica, *, gone: Sequence[UUID], fresh: Collection[UUID]
) -> None:
    if gone:
        await session.execute(queries.note_gone(replica, gone, replica.round))
    if fresh:
        await session.execute(queries.forget_holdings(replica, fresh))  # told to forget it, and it is back
        rows = [
            {"replica_id": replica.id, "visit_id": one, "given_in": replica.round, "gone_in": None}
            for one in fresh
        ]
        await session.execute(sa.insert(Holding), rows)
    await session.flush()


async def _entries(
    session: AsyncSession, actor: Actor, events: Sequence[Event], *, is_new: bool
) -> Sequence[InboxEntry]:
    kinds = kinds_of(actor)
    if is_new:
        return await queries.latest_unread(session, actor, kinds)
    return await queries.entries_about(session, actor, kinds, [event.id for event in events])
