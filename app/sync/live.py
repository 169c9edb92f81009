"""The desk's live day: visits of the listener's regions changing state, told within a second or two."""

import asyncio
import time
from collections.abc import AsyncIterator

from app.events import feed
from app.events.feed import Position
from app.events.models import Event
from app.identity.actor import Actor, Role
from app.kit.clock import Clock
from app.kit.database import Database
from app.kit.problems import BadRequest
from app.sync import queries
from app.sync.rules import read_position
from app.sync.schemas import LiveOut

LISTENERS = (Role.ADMIN, Role.SUPERVISOR, Role.REVIEWER)
LOOK_EVERY_S = 1.0
MOST_AT_ONCE = 500
HAPPENED = "visit"

Told = tuple[str, LiveOut, str]


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
        after, events = await _look(database, actor, after, clock=clock)
        for event in events:
            yield HAPPENED, _shown(event), f"{event.transaction}-{event.number}"
        left_s = until - time.monotonic()
        if left_s <= 0:
            return
        await asyncio.sleep(min(LOOK_EVERY_S, left_s))


async def _look(
    database: Database, actor: Actor, after: Position | None, *, clock: Clock
) -> tuple[Position, list[Event]]:
    async with database.reading() as session:
        if after is None:
            return await feed.horizon(session), []
        stretch = await feed.read(
            session,
            after,
            limit=MOST_AT_ONCE,
            organisation_id=actor.organisation_id,
            where=queries.of_visits_in_reach(actor, now=clock()),
        )
        return stretch.until, list(stretch.events)


def _shown(event: Event) -> LiveOut:
    assert event.visit_id is not None
    assert event.outlet_id is not None
    return LiveOut(kind=event.kind, visit_id=event.visit_id, outlet_id=event.outlet_id, at=event.at)
