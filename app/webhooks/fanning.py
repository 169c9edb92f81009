"""From events to messages: exactly one per event and subscriber, however often this is begun again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.events import feed
from app.events.feed import Position
from app.events.models import Event
from app.kit.ids import new_id
from app.kit.jobs import enqueue, unfinished_among
from app.webhooks import queries
from app.webhooks.models import Webhook, WebhookDelivery
from app.webhooks.payloads import is_in_scope, payload_of
from app.webhooks.rules import DeliveryState

DELIVER = "webhooks.deliver"
BATCH = 500


async def fan_out(session: AsyncSession, *, now: datetime) -> bool:
    """Make the messages of the next events and note how far we are, in one transaction; whether there may be more."""
    position = await queries.the_position(session)
    stretch = await feed.read(session, Position(position.transaction, position.number), limit=BATCH)
    rows = await messages(session, stretch.events, now=now)
    await keep(session, rows)
    position.transaction, position.number = stretch.until.transaction, stretch.until.number
    return len(stretch.events) == BATCH


async def move(session: AsyncSession, *, by: int) -> None:
    """Where we are in a feed that was moved back by so many transactions."""
    position = await queries.the_position(session)
    position.transaction -= by


async def keep(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """But those that are there: a stretch may have been asked for again before its events were reached."""
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        unless_there = dialect.insert(WebhookDelivery).on_conflict_do_nothing(
            index_elements=["webhook_id", "event_id"]
        )
        await session.execute(unless_there, rows)


async def messages(
    session: AsyncSession, events: Sequence[Event], *, now: datetime, to: Webhook | None = None
) -> list[dict[str, Any]]:
    """A row for each message these events make; with `to` only those to one subscriber."""
    webhooks = [to] if to else await queries.listening(session, {event.organisation_id for event in events})
    if not webhooks:
        return []
    outlets = await queries.outlets_of_events(session, events)
    regions = await queries.regions_around(session, set(outlets.values()))
    return [
        {
            "id": new_id(),
            "webhook_id": webhook.id,
            "event_id": event.id,
            "kind": str(event.kind),
            "payload": payload,
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "due_at": now,
            "created_at": now,
            "settled_at": None,
        }
        for event in events
        for webhook, payload in _told(event, webhooks, outlets.get(event.id), regions)
    ]


def _told(
    event: Event, webhooks: Sequence[Webhook], outlet_id: UUID | None, regions: dict[UUID, set[str]]
) -> Iterator[tuple[Webhook, str]]:
    around = regions.get(outlet_id, set()) if outlet_id else set()
    for webhook in webhooks:
        wants = webhook.organisation_id == event.organisation_id and str(event.kind) in webhook.kinds
        if wants and is_in_scope(webhook, outlet_id, around):
            payload = payload_of(webhook, event, outlet_id)
            if payload is not None:
                yield webhook, payload


async def dispatch(session: AsyncSession, *, now: datetime) -> int:
    """Have something sent to every subscriber to whom something is due, one job for each; how many jobs.

    A subscriber has one job at a time, so a slow one delays nobody else and gets its messages one by one.
    """
    due = await queries.with_something_due(session, now=now)
    running = await unfinished_among(session, [job_of(webhook.id, health.round) for webhook, health in due])
    begun = 0
    for webhook, health in due:
        if job_of(webhook.id, health.round) in running:
            continue
        health.round += 1
        identity = job_of(webhook.id, health.round)
        await enqueue(session, DELIVER, str(webhook.id), workflow_id=identity)
        begun += 1
    return begun


def job_of(webhook_id: UUID, number: int) -> str:
    return f"{DELIVER}:{webhook_id}:{number}"
