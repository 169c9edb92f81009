"""What happens, told within a second or two: visits of the listener's regions and their files, and the own inbox."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from uuid import UUID

import sqlalchemy as sa

from app.events import feed
from app.events.feed import Position
from app.events.inbox import kinds_of
from app.events.models import Event
from app.identity.actor import Actor
from app.kit.clock import Clock
from app.kit.database import Database
from app.kit.problems import BadRequest
from app.sync import queries
from app.sync.rules import read_position
from app.sync.schemas import LiveOut

LOOK_EVERY_S = 1.0
MOST_AT_ONCE = 500
HAPPENED = "visit"
POSTED = "inbox"

Told = tuple[str, LiveOut] | tuple[str, LiveOut, str]


def where_to_begin(last_event_id: str | None) -> Position | None:
    """Behind the last event a listener had; `None`: with what happens from now on. Raises `BadRequest`."""
    if last_event_id is None:
        return None
    try:
        return Position(*read_position(last_event_id))
    except ValueError as error:
        raise BadRequest("Last-Event-ID must be one that this stream gave.") from error


async def follow(
    database: Database, actor: Actor, after: Position | None, *, clock: Clock, for_s: float
) -> AsyncIterator[Told]:
    """Each event once, in order, under an id to go on with. Ends after `for_s` seconds."""
    until = time.monotonic() + for_s
    while True:
        after, told = await _look(database, actor, after, clock=clock)
        for one in told:
            yield one
        left_s = until - time.monotonic()
        if left_s <= 0:
            return
        await asyncio.sleep(min(LOOK_EVERY_S, left_s))


async def _look(
    database: Database, actor: Actor, after: Position | None, *, clock: Clock
) -> tuple[Position, list[Told]]:
    async with database.reading() as session:
        if after is None:
            return await feed.horizon(session), []
        in_reach = queries.of_visits_in_reach(actor, now=clock())
        mine = queries.to_inbox_of(actor, kinds_of(actor))
        stretch = await feed.read(
            session,
            after,
            limit=MOST_AT_ONCE,
            organisation_id=actor.organisation_id,
            where=sa.or_(in_reach, mine),
        )
        seen = await queries.those(session, stretch.events, in_reach)
        posted = await queries.those(session, stretch.events, mine)
        places = await queries.outlets_of(session, [one for one in stretch.events if one.id in seen])
        return stretch.until, [
            told
            for event in stretch.events
            for told in _shown(event, places, is_seen=event.id in seen, is_posted=event.id in posted)
        ]


def _shown(event: Event, outlets: Mapping[UUID, UUID], *, is_seen: bool, is_posted: bool) -> Iterator[Told]:
    """The last word on an event carries its id: whoever is cut off before it is told again.

    An entry of the inbox says itself what its reader may know: here, only that there is one.
    """
    position = f"{event.transaction}-{event.number}"
    if is_posted:
        news = _live(event, visit_id=None, outlet_id=None)
        yield (POSTED, news) if is_seen else (POSTED, news, position)
    if is_seen and event.visit_id is not None:
        yield HAPPENED, _live(event, visit_id=event.visit_id, outlet_id=outlets[event.visit_id]), position


def _live(event: Event, *, visit_id: UUID | None, outlet_id: UUID | None) -> LiveOut:
    return LiveOut(kind=event.kind, visit_id=visit_id, outlet_id=outlet_id, at=event.at)
