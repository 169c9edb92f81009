"""Keeping subscribers: who is told what, secrets, trying out, telling again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.events.whitelist import fields_for
from app.identity.actor import Actor, Role
from app.kit.database import Database
from app.kit.etags import require_version
from app.kit.ids import new_id
from app.kit.problems import AlreadyExists, Invalid
from app.outlets import queries as outlets
from app.outlets import queries_regions
from app.settings import Settings
from app.webhooks import queries
from app.webhooks.fanning import dispatch, keep, messages
from app.webhooks.models import Webhook, WebhookDelivery, WebhookHealth, WebhookSecret
from app.webhooks.payloads import PING, draw_secret, sealed, written
from app.webhooks.problems import AddressRefused, KindsNotForRole, OutOfSight, ScopeMissing, WebhookIsOff
from app.webhooks.rules import DeliveryState, Unsafe
from app.webhooks.schemas import NewWebhookIn, ReplayIn, WebhookFields, WebhookIn
from app.webhooks.sending import Sender

OF_REGIONS = (Role.SUPERVISOR, Role.REVIEWER)
SUBSCRIBERS = (Role.ADMIN, *OF_REGIONS, Role.OUTLET_MANAGER)
MOST_REPLAYED = 2_000


@dataclass(frozen=True, slots=True)
class Means:
    """What keeping subscribers needs of the process."""

    database: Database
    settings: Settings


async def subscribe(
    means: Means, actor: Actor, wanted: NewWebhookIn, *, now: datetime
) -> tuple[Webhook, WebhookHealth, str]:
    """A new subscriber and its secret, which is never shown again.

    Raises `AddressRefused`, `KindsNotForRole`, `ScopeMissing`, `AlreadyExists`.
    """
    actor.require(Role.ADMIN)
    await _require_safe(means, wanted.url)
    async with means.database.writing() as session:
        if await queries.find_webhook_anywhere(session, wanted.id) is not None:
            raise AlreadyExists("There is a webhook with this id already.")
        await _require_fit(session, actor, wanted, now=now)
        webhook = Webhook(
            id=wanted.id,
            organisation_id=actor.organisation_id,
            **_columns(wanted),
            enabled=True,
            created_by=actor.person_id,
            created_at=now,
        )
        session.add(webhook)
        await session.flush()
        health = WebhookHealth(webhook_id=webhook.id, round=0, failures=0)
        session.add(health)
        secret = _add_secret(session, webhook, means.settings, now=now)
        record(session, actor, "webhook.created", subject_id=webhook.id, details=_told(wanted), now=now)
    return webhook, health, secret


async def edit(
    means: Means,
    actor: Actor,
    webhook_id: UUID,
    wanted: WebhookIn,
    *,
    expected_version: int,
    now: datetime,
) -> tuple[Webhook, WebhookHealth]:
    """Also switches it on and off; switched on, what waits goes out. Raises what `subscribe` raises, and `Stale`."""
    actor.require(Role.ADMIN)
    async with means.database.reading() as session:
        await queries.get_webhook(session, actor, webhook_id)
    await _require_safe(means, wanted.url)
    async with means.database.writing() as session:
        webhook = await queries.get_webhook(session, actor, webhook_id, lock=True)
        require_version(webhook, expected_version)
        await _require_fit(session, actor, wanted, now=now)
        health = (await queries.health_of(session, [webhook]))[webhook.id]
        if wanted.enabled and not webhook.enabled:
            health.failures, health.failing_since, health.paused_until = 0, None, None
            webhook.disabled_at = None
        webhook.enabled = wanted.enabled
        for name, value in _columns(wanted).items():
            setattr(webhook, name, value)
        await _see_anew(session, webhook, await queries.waiting_of(session, webhook), now=now)
        record(session, actor, "webhook.edited", subject_id=webhook.id, details=_told(wanted), now=now)
    return webhook, health


async def unsubscribe(session: AsyncSession, actor: Actor, webhook_id: UUID, *, now: datetime) -> None:
    """It is told nothing any more, what waits included."""
    actor.require(Role.ADMIN)
    webhook = await queries.get_webhook(session, actor, webhook_id, lock=True)
    webhook.removed_at, webhook.enabled = now, False
    record(session, actor, "webhook.removed", subject_id=webhook.id, now=now)


async def rotate(
    session: AsyncSession,
    actor: Actor,
    webhook_id: UUID,
    *,
    overlap: timedelta,
    settings: Settings,
    now: datetime,
) -> tuple[str, datetime]:
    """A new secret, and until when the old one signs beside it."""
    actor.require(Role.ADMIN)
    webhook = await queries.get_webhook(session, actor, webhook_id, lock=True)
    old_expires_at = now + overlap
    for old in await queries.secrets_of(session, webhook.id, now=now):
        old.expires_at = min(old.expires_at or old_expires_at, old_expires_at)
    secret = _add_secret(session, webhook, settings, now=now)
    details = {"old_expires_at": old_expires_at.isoformat()}
    record(session, actor, "webhook.secret_rotated", subject_id=webhook.id, details=details, now=now)
    await session.flush()
    return secret, old_expires_at


async def ping(session: AsyncSession, actor: Actor, webhook_id: UUID, *, now: datetime) -> WebhookDelivery:
    """A message that says nothing, to see that it arrives. Raises `WebhookIsOff`."""
    webhook = await _switched_on(session, actor, webhook_id)
    delivery = WebhookDelivery(
        id=new_id(),
        webhook_id=webhook.id,
        event_id=None,
        kind=PING,
        payload=written(PING, now, {}),
        state=DeliveryState.WAITING,
        attempts=0,
        due_at=now,
        created_at=now,
    )
    session.add(delivery)
    await session.flush()
    await dispatch(session, now=now)
    return delivery


async def replay(
    session: AsyncSession, actor: Actor, webhook_id: UUID, delivery_id: UUID, *, now: datetime
) -> WebhookDelivery:
    """The message again, under the same `webhook-id`, as the subscriber may see it now.

    Raises `WebhookIsOff`, and `OutOfSight` when it may not see it any more.
    """
    webhook = await _switched_on(session, actor, webhook_id)
    delivery = await queries.get_delivery(session, webhook, delivery_id, lock=True)
    if not await _see_anew(session, webhook, [delivery], now=now):
        raise OutOfSight
    _again(delivery, now)
    record(session, actor, "webhook.replayed", subject_id=webhook.id, now=now)
    await session.flush()
    await dispatch(session, now=now)
    return delivery


async def replay_range(
    session: AsyncSession, actor: Actor, webhook_id: UUID, wanted: ReplayIn, *, now: datetime
) -> int:
    """Everything of a stretch of time that the subscriber may be told now, sent before or not; how many messages.

    Raises `WebhookIsOff`, and `Invalid` for more than `MOST_REPLAYED` at once.
    """
    webhook = await _switched_on(session, actor, webhook_id)
    events = await queries.events_between(
        session, webhook, wanted.since, wanted.until, limit=MOST_REPLAYED + 1
    )
    if len(events) > MOST_REPLAYED:
        raise Invalid(f"There are more than {MOST_REPLAYED} events in it: ask for a shorter stretch.")
    made = await queries.deliveries_for(session, webhook, events)
    fresh = {row["event_id"]: row for row in await messages(session, events, now=now, to=webhook)}
    for event_id, delivery in made.items():
        if event_id in fresh:
            delivery.payload = fresh[event_id]["payload"]
            _again(delivery, now)
    rows = [row for event_id, row in fresh.items() if event_id not in made]
    await keep(session, rows)
    details = wanted.model_dump(mode="json")
    record(session, actor, "webhook.range_replayed", subject_id=webhook.id, details=details, now=now)
    await session.flush()
    await dispatch(session, now=now)
    return len(fresh)


def _again(delivery: WebhookDelivery, now: datetime) -> None:
    delivery.state, delivery.attempts = DeliveryState.WAITING, 0
    delivery.due_at, delivery.settled_at = now, None


async def _switched_on(session: AsyncSession, actor: Actor, webhook_id: UUID) -> Webhook:
    actor.require(Role.ADMIN)
    webhook = await queries.get_webhook(session, actor, webhook_id)
    if not webhook.enabled:
        raise WebhookIsOff
    return webhook


def _add_secret(session: AsyncSession, webhook: Webhook, settings: Settings, *, now: datetime) -> str:
    secret = draw_secret()
    key = settings.secret_key.get_secret_value()
    session.add(WebhookSecret(id=new_id(), webhook_id=webhook.id, sealed=sealed(secret, key), created_at=now))
    return secret


async def _see_anew(
    session: AsyncSession, webhook: Webhook, deliveries: Sequence[WebhookDelivery], *, now: datetime
) -> bool:
    """What was written for other eyes is written again for those of now, or not sent; whether all may be sent."""
    about = [one for one in deliveries if one.event_id is not None]
    events = await queries.events_of(session, about)
    fresh = {row["event_id"]: row for row in await messages(session, events, now=now, to=webhook)}
    for delivery in about:
        if delivery.event_id in fresh:
            delivery.payload = fresh[delivery.event_id]["payload"]
        else:
            delivery.state, delivery.settled_at = DeliveryState.FAILED, now
    return all(one.event_id in fresh for one in about)


async def _require_safe(means: Means, url: str) -> None:
    """Outside any transaction: names are looked up."""
    try:
        await Sender.of(means.settings).check(url)
    except Unsafe as error:
        raise AddressRefused(str(error)) from error


async def _require_fit(session: AsyncSession, actor: Actor, wanted: WebhookFields, *, now: datetime) -> None:
    if wanted.role not in SUBSCRIBERS:
        raise KindsNotForRole(f"Subscribers see with the eyes of {', '.join(SUBSCRIBERS)}.", kinds=[])
    hidden = [str(kind) for kind in wanted.kinds if fields_for(wanted.role, kind) is None]
    if hidden:
        raise KindsNotForRole(f"Not for {wanted.role}: {', '.join(hidden)}.", kinds=hidden)
    if wanted.role in OF_REGIONS and not wanted.region_ids:
        raise ScopeMissing("Name the regions in `region_ids`.")
    if wanted.role is Role.OUTLET_MANAGER and not wanted.outlet_ids:
        raise ScopeMissing("Name the outlets in `outlet_ids`.")
    for region_id in wanted.region_ids:
        await queries_regions.get_region(session, actor, region_id, now=now)
    for outlet_id in wanted.outlet_ids:
        await outlets.get_outlet(session, actor, outlet_id, now=now)


def _columns(wanted: WebhookFields) -> dict[str, Any]:
    return {
        "url": wanted.url,
        "description": wanted.description,
        "kinds": [str(kind) for kind in dict.fromkeys(wanted.kinds)],
        "role": wanted.role,
        "region_ids": [str(one) for one in wanted.region_ids],
        "outlet_ids": [str(one) for one in wanted.outlet_ids],
    }


def _told(wanted: WebhookFields) -> dict[str, Any]:
    return wanted.model_dump(mode="json", exclude={"id"})
