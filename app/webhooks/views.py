"""Rows as callers get them."""

from collections.abc import Sequence

from app.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookHealth
from app.webhooks.payloads import message_id
from app.webhooks.rules import DeliveryState
from app.webhooks.schemas import AttemptOut, DeliveryOut, WebhookOut, WholeDeliveryOut


def of_webhook(row: Webhook, health: WebhookHealth) -> WebhookOut:
    fields = {name: getattr(row, name) for name in WebhookOut.model_fields if hasattr(row, name)}
    return WebhookOut.model_validate(
        {**fields, "failing_since": health.failing_since, "paused_until": health.paused_until}
    )


def of_delivery(row: WebhookDelivery) -> DeliveryOut:
    return DeliveryOut(
        id=row.id,
        webhook_message_id=message_id(row.id),
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        due_at=row.due_at if row.state is DeliveryState.WAITING else None,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )


def of_whole_delivery(row: WebhookDelivery, log: Sequence[WebhookAttempt]) -> WholeDeliveryOut:
    return WholeDeliveryOut(
        **of_delivery(row).model_dump(),
        payload=row.payload,
        log=[AttemptOut.model_validate(one) for one in log],
    )
