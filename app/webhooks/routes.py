"""HTTP for webhooks: for admins only."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import Field

from app.identity.actor import Role
from app.identity.dependencies import ONCE, Caller, TheDatabase, TheSettings
from app.kit.etags import IfMatch, show_version
from app.kit.paging import Key, Page, PageRequest, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.webhooks import queries, service, views
from app.webhooks.models import Webhook, WebhookDelivery
from app.webhooks.problems import AddressRefused, KindsNotForRole, OutOfSight, ScopeMissing, WebhookIsOff
from app.webhooks.rules import DeliveryState
from app.webhooks.schemas import (
    DeliveryOut,
    NewWebhookIn,
    NewWebhookOut,
    ReplayIn,
    ReplayOut,
    RotateIn,
    SecretOut,
    WebhookIn,
    WebhookOut,
    WholeDeliveryOut,
)

router = feature_router("webhooks", prefix="/webhooks")
FIT = (AddressRefused, KindsNotForRole, ScopeMissing)


class DeliveryFilter(PageRequest):
    state: DeliveryState | None = Field(None, description="only those that have come so far")


async def the_means(database: TheDatabase, settings: TheSettings) -> service.Means:
    return service.Means(database, settings)


TheMeans = Annotated[service.Means, Depends(the_means)]


@router.get("", responses=documented(Forbidden))
async def list_webhooks(session: Reading, caller: Caller, paging: Paging) -> Page[WebhookOut]:
    """The organisation's subscribers, newest first."""
    caller.require(Role.ADMIN)
    by = [Key(Webhook.created_at, descending=True), Key(Webhook.id)]
    found = await paginate(session, queries.visible_to(caller), paging, by=by)
    return found.page(await _shown(session, found.rows))


@router.post(
    "", status_code=HTTPStatus.CREATED, responses=documented(NotFound, Forbidden, AlreadyExists, *FIT)
)
async def create_webhook(
    body: NewWebhookIn, means: TheMeans, caller: Caller, now: Now, response: Response
) -> NewWebhookOut:
    """Another system that is told of chosen kinds of events, with no more than the eyes of `role` may see.

    Messages are signed as Standard Webhooks say and come at least once: `webhook-id` tells those you had. The
    answer holds a secret and is kept under no Idempotency-Key: your own `id` makes it one.
    """
    webhook, health, secret = await service.subscribe(means, caller, body, now=now)
    show_version(response, webhook)
    return NewWebhookOut(**views.of_webhook(webhook, health).model_dump(), secret=secret)


@router.get("/{webhook_id}", responses=documented(NotFound, Forbidden))
async def show_webhook(webhook_id: UUID, session: Reading, caller: Caller, response: Response) -> WebhookOut:
    caller.require(Role.ADMIN)
    webhook = await queries.get_webhook(session, caller, webhook_id)
    show_version(response, webhook)
    return (await _shown(session, [webhook]))[0]


@router.put("/{webhook_id}", responses=documented(NotFound, Forbidden, Stale, PreconditionRequired, *FIT))
async def edit_webhook(
    webhook_id: UUID,
    body: WebhookIn,
    means: TheMeans,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> WebhookOut:
    """Also switches it on and off. What waits is written anew for the eyes it has now."""
    webhook, health = await service.edit(means, caller, webhook_id, body, expected_version=expected, now=now)
    show_version(response, webhook)
    return views.of_webhook(webhook, health)


@router.delete("/{webhook_id}", status_code=HTTPStatus.NO_CONTENT, responses=documented(NotFound, Forbidden))
async def remove_webhook(webhook_id: UUID, session: Session, caller: Caller, now: Now) -> None:
    """It is told nothing any more."""
    await service.unsubscribe(session, caller, webhook_id, now=now)


@router.post("/{webhook_id}/rotate-secret", responses=documented(NotFound, Forbidden))
async def rotate_webhook_secret(
    webhook_id: UUID, body: RotateIn, session: Session, caller: Caller, settings: TheSettings, now: Now
) -> SecretOut:
    """A new secret. Until the old one expires messages carry both signatures."""
    secret, old_expires_at = await service.rotate(
        session,
        caller,
        webhook_id,
        overlap=timedelta(hours=body.overlap_hours),
        settings=settings,
        now=now,
    )
    return SecretOut(secret=secret, old_expires_at=old_expires_at)


@router.post(
    "/{webhook_id}/ping",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, WebhookIsOff),
)
async def ping_webhook(webhook_id: UUID, session: Session, caller: Caller, now: Now) -> DeliveryOut:
    """Sends a message that says nothing; its delivery tells how it went."""
    return views.of_delivery(await service.ping(session, caller, webhook_id, now=now))


@router.get("/{webhook_id}/deliveries", responses=documented(NotFound, Forbidden))
async def list_webhook_deliveries(
    webhook_id: UUID, session: Reading, caller: Caller, wanted: Annotated[DeliveryFilter, Query()]
) -> Page[DeliveryOut]:
    """What was sent, or is to be, newest first."""
    caller.require(Role.ADMIN)
    webhook = await queries.get_webhook(session, caller, webhook_id)
    by = [Key(WebhookDelivery.created_at, descending=True), Key(WebhookDelivery.id, descending=True)]
    found = await paginate(session, queries.deliveries_of(webhook, wanted.state), wanted, by=by)
    return found.page([views.of_delivery(row) for row in found.rows])


@router.get("/{webhook_id}/deliveries/{delivery_id}", responses=documented(NotFound, Forbidden))
async def show_webhook_delivery(
    webhook_id: UUID, delivery_id: UUID, session: Reading, caller: Caller
) -> WholeDeliveryOut:
    """With the text that is sent and the log of attempts."""
    caller.require(Role.ADMIN)
    webhook = await queries.get_webhook(session, caller, webhook_id)
    delivery = await queries.get_delivery(session, webhook, delivery_id)
    return views.of_whole_delivery(delivery, await queries.log_of(session, delivery))


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, WebhookIsOff, OutOfSight),
)
async def replay_webhook_delivery(
    webhook_id: UUID, delivery_id: UUID, session: Session, caller: Caller, now: Now
) -> DeliveryOut:
    """The message again, whatever became of it, under the same `webhook-id`."""
    return views.of_delivery(await service.replay(session, caller, webhook_id, delivery_id, now=now))


@router.post(
    "/{webhook_id}/replay",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, WebhookIsOff),
)
async def replay_webhook_range(
    webhook_id: UUID, body: ReplayIn, session: Session, caller: Caller, now: Now
) -> ReplayOut:
    """Everything of a stretch of time again, also what happened before there was the webhook, or while it was off."""
    return ReplayOut(deliveries=await service.replay_range(session, caller, webhook_id, body, now=now))


async def _shown(session: Reading, webhooks: Sequence[Webhook]) -> list[WebhookOut]:
    health = await queries.health_of(session, webhooks)
    return [views.of_webhook(webhook, health[webhook.id]) for webhook in webhooks]
