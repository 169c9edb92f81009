"""Sending what is due to one subscriber, and noting what became of it."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.kinds import Kind
from app.events.service import announce
from app.identity import queries as identity
from app.identity.actor import Role
from app.kit.ids import new_id
from app.kit.jobs import Resources
from app.kit.sealing import Unsealable
from app.webhooks import queries
from app.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookHealth
from app.webhooks.payloads import headers_for
from app.webhooks.rules import (
    GIVEN_UP_AFTER,
    DeliveryState,
    is_subscriber_down,
    is_success,
    pause_after,
    retry_after,
)
from app.webhooks.sending import Outcome, Sender

log = structlog.get_logger(__name__)


async def send_next(resources: Resources, webhook_id: UUID, sender: Sender | None = None) -> bool:
    """Send the message that has been due the longest; false when there is none, or its subscriber is down.

    Interrupted after the sending it is sent again, with the same `webhook-id`: at least once.
    """
    sender = sender or Sender.of(resources.settings)
    now = resources.clock()
    async with resources.database.reading() as session:
        found = await queries.next_due(session, webhook_id, now=now)
        if found is None:
            return False
        webhook, delivery = found
        secrets = await queries.secrets_of(session, webhook_id, now=now)
    key = resources.settings.secret_key.get_secret_value()
    try:
        headers = headers_for(delivery.id, delivery.payload, secrets, key=key, now=now)
    except Unsealable:
        outcome = Outcome(None, "the secret cannot be read: rotate it", 0)
    else:
        outcome = await sender.send(webhook.url, delivery.payload.encode(), headers)

    async def note(session: AsyncSession) -> None:
        await note_outcome(session, delivery.id, outcome, now=resources.clock())

    await resources.database.transact(note)
    return is_success(outcome.status) or not is_subscriber_down(outcome.status)


async def note_outcome(session: AsyncSession, delivery_id: UUID, outcome: Outcome, *, now: datetime) -> None:
    delivery, webhook, health = await queries.for_the_outcome(session, delivery_id)
    session.add(
        WebhookAttempt(
            id=new_id(),
            delivery_id=delivery.id,
            at=now,
            duration_ms=outcome.duration_ms,
            status=outcome.status,
            error=outcome.error,
        )
    )
    delivery.attempts += 1
    if is_success(outcome.status):
        delivery.state, delivery.settled_at = DeliveryState.DELIVERED, now
        health.failures, health.failing_since, health.paused_until = 0, None, None
    else:
        await _note_failure(session, delivery, webhook, health, outcome, now=now)


async def _note_failure(
    session: AsyncSession,
    delivery: WebhookDelivery,
    webhook: Webhook,
    health: WebhookHealth,
    outcome: Outcome,
    *,
    now: datetime,
) -> None:
    log.warning("webhook failed", webhook=str(webhook.id), status=outcome.status, error=outcome.error)
    wait = retry_after(delivery.attempts)
    if wait is None:
        delivery.state, delivery.settled_at = DeliveryState.FAILED, now
    else:
        delivery.due_at = now + wait
    health.failures += 1
    health.failing_since = health.failing_since or now
    if is_subscriber_down(outcome.status):
        health.paused_until = now + pause_after(health.failures)
    if webhook.enabled and now - health.failing_since >= GIVEN_UP_AFTER:
        await _switch_off(session, webhook, now=now)


async def _switch_off(session: AsyncSession, webhook: Webhook, *, now: datetime) -> None:
    """Nothing but failures for days: the admins find it in their inbox. What waits goes out once it is on again."""
    webhook.enabled, webhook.disabled_at = False, now
    announce(
        session,
        Kind.WEBHOOK_DISABLED,
        organisation_id=webhook.organisation_id,
        subject_id=webhook.id,
        people=await identity.people_with_role(session, webhook.organisation_id, Role.ADMIN),
        data={"because": "failing"},
        now=now,
    )
