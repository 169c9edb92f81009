"""HTTP for phones and desks that keep a copy."""

from typing import Annotated

from fastapi import Header, Query
from fastapi.responses import StreamingResponse
from pydantic import JsonValue

from app.identity.dependencies import Caller, TheDatabase
from app.kit.problem_responses import documented
from app.kit.routing import Now, Session, TheClock, feature_router
from app.kit.streams import documented_stream, event_stream
from app.sync import live, rules, service, views
from app.sync.problems import CursorExpired
from app.sync.schemas import LiveOut, StreamIn, SyncIn, SyncOut

router = feature_router("sync")
POSITION: dict[str, JsonValue] = {"pattern": rules.POSITION}


@router.get("/sync", responses=documented(CursorExpired))
async def sync(asked: Annotated[SyncIn, Query()], session: Session, caller: Caller, now: Now) -> SyncOut:
    """What changed of the visits you may see, which ones you may not see any more, and what is new in the inbox.

    Without a cursor a new copy begins, and gets everything as it is; visits that ended more than 90 days ago are in
    no copy. A cursor may be sent again: an answer that was lost is given again.
    """
    changes = await service.bring_up_to_date(session, caller, asked.cursor, now=now)
    return await views.of_changes(session, caller, changes, now=now)


@router.get(
    "/events/stream",
    response_class=StreamingResponse,
    responses=documented_stream(
        "visits changing state, their files settling, entries of the inbox",
        [live.HAPPENED, live.POSTED],
        LiveOut,
    ),
)
async def follow_visits(
    database: TheDatabase,
    clock: TheClock,
    caller: Caller,
    asked: Annotated[StreamIn, Query()],
    last_event_id: Annotated[
        str | None,
        Header(
            description="the id of the last event you had; left out: what happens from now on",
            json_schema_extra=POSITION,
            examples=["4711-12"],
        ),
    ] = None,
) -> StreamingResponse:
    """Server-sent events of the regions you are in charge of, for a desk that watches the day, and of your inbox.

    A browser that was cut off asks again with the last id by itself, and misses nothing.
    """
    after = live.where_to_begin(last_event_id)
    return event_stream(live.follow(database, caller, after, clock=clock, for_s=asked.for_s))
