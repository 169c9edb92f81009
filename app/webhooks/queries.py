"""Every SELECT over webhooks. Public ones take the actor first: only admins have any business here."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.models import Event
from app.identity.actor import Actor, Role
from app.kit.batches import batched
from app.kit.problems import NotFound
from app.outlets.models import Outlet, RegionAncestor
from app.visits.models import Visit
from app.webhooks.models import (
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
    WebhookHealth,
    WebhookPosition,
    WebhookSecret,
)
from app.webhooks.rules import DeliveryState

LONGEST_LOG = 100


def visible_to(actor: Actor) -> sa.Select[Webhook]:
    rows = sa.select(Webhook).where(
        Webhook.organisation_id == actor.organisation_id, Webhook.removed_at.is_(None)
    )
    return rows if actor.has(Role.ADMIN) else rows.where(sa.false())


async def get_webhook(
    session: AsyncSession, actor: Actor, webhook_id: UUID, *, lock: bool = False
) -> Webhook:
    rows = visible_to(actor).where(Webhook.id == webhook_id)
    webhook = await session.scalar(rows.with_for_update() if lock else rows)
    if webhook is None:
        raise NotFound("There is no webhook with this id among those you may see.")
    return webhook


async def find_webhook_anywhere(session: AsyncSession, webhook_id: UUID) -> Webhook | None:
    """For making one only: says whether the id is taken, by whomever."""
    return await session.get(Webhook, webhook_id)


async def health_of(session: AsyncSession, webhooks: Sequence[Webhook]) -> dict[UUID, WebhookHealth]:
    rows = await session.scalars(
        sa.select(WebhookHealth).where(WebhookHealth.webhook_id.in_([one.id for one in webhooks]))
    )
    return {row.webhook_id: row for row in rows}


def deliveries_of(webhook: Webhook, state: DeliveryState | None) -> sa.Select[WebhookDelivery]:
    """For those who were allowed to see the webhook."""
    rows = sa.select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id)
    return rows if state is None else rows.where(WebhookDelivery.state == state)


async def get_delivery(
    session: AsyncSession, webhook: Webhook, delivery_id: UUID, *, lock: bool = False
) -> WebhookDelivery:
    rows = deliveries_of(webhook, None).where(WebhookDelivery.id == delivery_id)
    delivery = await session.scalar(rows.with_for_update() if lock else rows)
    if delivery is None:
        raise NotFound("This webhook has no delivery with this id.")
    return delivery


async def log_of(session: AsyncSession, delivery: WebhookDelivery) -> Sequence[WebhookAttempt]:
    """The latest first."""
    rows = await session.scalars(
        sa.select(WebhookAttempt)
        .where(WebhookAttempt.delivery_id == delivery.id)
        .order_by(WebhookAttempt.at.desc(), WebhookAttempt.id.desc())
        .limit(LONGEST_LOG)
    )
    return rows.all()


async def secrets_of(session: AsyncSession, webhook_id: UUID, *, now: datetime) -> Sequence[WebhookSecret]:
    """Those in force, the newest first."""
    in_force = sa.or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > now)
    rows = await session.scalars(
        sa.select(WebhookSecret)
        .where(WebhookSecret.webhook_id == webhook_id, in_force)
        .order_by(WebhookSecret.created_at.desc(), WebhookSecret.id.desc())
    )
    return rows.all()


# What the jobs ask; nobody's leave is needed.


async def the_position(session: AsyncSession) -> WebhookPosition:
    """Locked: events are fanned out by one process at a time."""
    return (await session.scalars(sa.select(WebhookPosition).with_for_update())).one()


async def listening(session: AsyncSession, organisation_ids: Collection[UUID]) -> Sequence[Webhook]:
    rows = await session.scalars(
        sa.select(Webhook)
        .where(Webhook.organisation_id.in_(organisation_ids), Webhook.removed_at.is_(None), Webhook.enabled)
        .order_by(Webhook.created_at, Webhook.id)
    )
    return rows.all()


async def outlets_of_events(session: AsyncSession, events: Sequence[Event]) -> dict[UUID, UUID]:
    """Where each happened, by the event's id: what it says itself, otherwise where its visit is."""
    found = {event.id: event.outlet_id for event in events if event.outlet_id is not None}
    visits = {event.visit_id for event in events if event.outlet_id is None and event.visit_id is not None}
    places: dict[UUID, UUID] = {}
    for some in batched(visits):
        rows = await session.execute(sa.select(Visit.id, Visit.outlet_id).where(Visit.id.in_(some)))
        places |= {row.id: row.outlet_id for row in rows}
    further = {event.id: places[event.visit_id] for event in events if event.visit_id in places}
    return further | found


async def regions_around(session: AsyncSession, outlet_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """The regions each outlet lies in, up to the root."""
    found: dict[UUID, set[str]] = {}
    for some in batched(outlet_ids):
        rows = await session.execute(
            sa.select(Outlet.id, RegionAncestor.ancestor_id)
            .join(RegionAncestor, RegionAncestor.region_id == Outlet.region_id)
            .where(Outlet.id.in_(some))
        )
        for row in rows:
            found.setdefault(row.id, set()).add(str(row.ancestor_id))
    return found


async def events_between(
    session: AsyncSession, webhook: Webhook, since: datetime, until: datetime, *, limit: int
) -> Sequence[Event]:
    rows = await session.scalars(
        sa.select(Event)
        .where(
            Event.organisation_id == webhook.organisation_id,
            Event.kind.in_(webhook.kinds),
            Event.at >= since,
            Event.at < until,
        )
        .order_by(Event.number)
        .limit(limit)
    )
    return rows.all()


async def waiting_of(session: AsyncSession, webhook: Webhook) -> Sequence[WebhookDelivery]:
    """Locked."""
    return (await session.scalars(deliveries_of(webhook, DeliveryState.WAITING).with_for_update())).all()


async def events_of(session: AsyncSession, deliveries: Sequence[WebhookDelivery]) -> Sequence[Event]:
    found: list[Event] = []
    for some in batched([one.event_id for one in deliveries if one.event_id is not None]):
        found += await session.scalars(sa.select(Event).where(Event.id.in_(some)))
    return found


async def deliveries_for(
    session: AsyncSession, webhook: Webhook, events: Sequence[Event]
) -> dict[UUID, WebhookDelivery]:
    """What was made of events for a subscriber already, by the event's id; locked."""
    found: dict[UUID, WebhookDelivery] = {}
    for some in batched([event.id for event in events]):
        rows = await session.scalars(
            sa.select(WebhookDelivery)
            .where(WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.event_id.in_(some))
            .with_for_update()
        )
        found |= {row.event_id: row for row in rows if row.event_id is not None}
    return found


async def with_something_due(
    session: AsyncSession, *, now: datetime
) -> Sequence[tuple[Webhook, WebhookHealth]]:
    """Subscribers to whom something should be sent now, locked against another process's same thought."""
    due = sa.select(WebhookDelivery.webhook_id).where(
        WebhookDelivery.state == DeliveryState.WAITING, WebhookDelivery.due_at <= now
    )
    rows = await session.execute(
        sa.select(Webhook, WebhookHealth)
        .join(WebhookHealth, WebhookHealth.webhook_id == Webhook.id)
        .where(
            Webhook.id.in_(due),
            Webhook.enabled,
            Webhook.removed_at.is_(None),
            sa.or_(WebhookHealth.paused_until.is_(None), WebhookHealth.paused_until <= now),
        )
        .order_by(Webhook.id)
        .with_for_update(of=WebhookHealth)
    )
    return [(row[0], row[1]) for row in rows]


async def next_due(
    session: AsyncSession, webhook_id: UUID, *, now: datetime
) -> tuple[Webhook, WebhookDelivery] | None:
    """`None` when nothing is due, or the subscriber is off or paused."""
    rows = await session.execute(
        sa.select(Webhook, WebhookDelivery)
        .join(WebhookDelivery, WebhookDelivery.webhook_id == Webhook.id)
        .join(WebhookHealth, WebhookHealth.webhook_id == Webhook.id)
        .where(
            Webhook.id == webhook_id,
            Webhook.enabled,
            Webhook.removed_at.is_(None),
            sa.or_(WebhookHealth.paused_until.is_(None), WebhookHealth.paused_until <= now),
            WebhookDelivery.state == DeliveryState.WAITING,
            WebhookDelivery.due_at <= now,
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(1)
    )
    row = rows.one_or_none()
    return None if row is None else (row[0], row[1])


async def for_the_outcome(
    session: AsyncSession, delivery_id: UUID
) -> tuple[WebhookDelivery, Webhook, WebhookHealth]:
    """Locked."""
    row = (
        await session.execute(
            sa.select(WebhookDelivery, Webhook, WebhookHealth)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .join(WebhookHealth, WebhookHealth.webhook_id == Webhook.id)
            .where(WebhookDelivery.id == delivery_id)
            .with_for_update()
        )
    ).one()
    return row[0], row[1], row[2]


def outdated(before: datetime) -> tuple[sa.Delete, sa.Delete]:
    """Statements that forget messages settled before that, their attempts first."""
    old = sa.and_(WebhookDelivery.state != DeliveryState.WAITING, WebhookDelivery.settled_at < before)
    ids = sa.select(WebhookDelivery.id).where(old)
    return sa.delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(ids)), sa.delete(
        WebhookDelivery
    ).where(old)
