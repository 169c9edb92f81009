"""What a subscriber is told of an event, and how the message is signed (Standard Webhooks)."""

import json
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from secrets import token_bytes
from uuid import UUID

from standardwebhooks.webhooks import Webhook as Signer

from app.events.inbox import values_of
from app.events.models import Event
from app.events.whitelist import told
from app.identity.actor import Role
from app.kit.sealing import Unsealable, seal, unseal
from app.webhooks.models import Webhook, WebhookSecret

PING = "webhook.ping"
SECRET_BYTES = 32
SEALED_FOR = "webhook secrets"


def is_in_scope(webhook: Webhook, outlet_id: UUID | None, regions: set[str]) -> bool:
    """Whether the subscriber's eyes reach where it happened. What happened nowhere is the admin's."""
    if webhook.role is Role.ADMIN:
        return True
    if webhook.role is Role.OUTLET_MANAGER:
        return outlet_id is not None and str(outlet_id) in webhook.outlet_ids
    return not regions.isdisjoint(webhook.region_ids)


def payload_of(webhook: Webhook, event: Event, outlet_id: UUID | None) -> str | None:
    """The exact text to sign and send; `None` when this role may not be told of it."""
    data = told([webhook.role], event.kind, values_of(event, outlet_id))
    return None if data is None else written(str(event.kind), event.at, data)


def written(kind: str, at: datetime, data: dict[str, object]) -> str:
    body = {"type": kind, "timestamp": at.isoformat(timespec="seconds"), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def draw_secret() -> str:
    return f"whsec_{b64encode(token_bytes(SECRET_BYTES)).decode()}"


def sealed(secret: str, key: str) -> str:
    return seal(secret, key=key, purpose=SEALED_FOR)


def message_id(delivery_id: UUID) -> str:
    """The same for every attempt: by it a subscriber knows what it has had already."""
    return f"msg_{delivery_id.hex}"


def headers_for(
    delivery_id: UUID, payload: str, secrets: Sequence[WebhookSecret], *, key: str, now: datetime
) -> dict[str, str]:
    """With a signature by every secret in force, the newest first. Raises `Unsealable` when none can be read."""
    identity = message_id(delivery_id)
    at = now.replace(microsecond=0)
    signers = []
    for secret in secrets:
        with suppress(Unsealable):  # sealed under a key of the past: its successor signs alone
            signers.append(Signer(unseal(secret.sealed, key=key, purpose=SEALED_FOR)))
    if not signers:
        raise Unsealable
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signer.sign(identity, at, payload) for signer in signers),
        "content-type": "application/json",
        "user-agent": "Plainclothes-Webhooks/1",
    }
