"""Subscribers, their secrets, and what was sent to them with which outcome."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.identity.actor import Role
from app.kit.etags import Versioned
from app.kit.orm import Base, Json, closed_set, id_column
from app.webhooks.rules import DeliveryState


class Webhook(Versioned, Base):
    """A subscriber: another system that is told chosen kinds of events, seen with the eyes of `role`.

    `region_ids` bound what supervisors and reviewers see, `outlet_ids` what an outlet manager does.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        sa.Index("ix_webhooks_organisation_id_created_at", "organisation_id", "created_at", "id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    url: Mapped[str] = mapped_column(sa.String(1000))
    description: Mapped[str] = mapped_column(sa.String(200))
    kinds: Mapped[list[str]] = mapped_column(Json)
    role: Mapped[Role] = mapped_column(closed_set(Role, "webhook_role"))
    region_ids: Mapped[list[str]] = mapped_column(Json)
    outlet_ids: Mapped[list[str]] = mapped_column(Json)
    enabled: Mapped[bool]
    disabled_at: Mapped[datetime | None]  # by the service, after days of nothing but failures
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class WebhookHealth(Base):
    """How it goes with a subscriber; apart from it, so that its version counts edits only."""

    __tablename__ = "webhook_health"

    webhook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhooks.id"), primary_key=True)
    round: Mapped[int]  # of delivering: names the job
    failures: Mapped[int]  # in a row
    failing_since: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]


class WebhookSecret(Base):
    """What messages are signed with, sealed. An old one is used beside the new until it expires."""

    __tablename__ = "webhook_secrets"
    __table_args__ = (sa.Index("ix_webhook_secrets_webhook_id", "webhook_id", "created_at"),)

    id: Mapped[UUID] = id_column()
    webhook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhooks.id"))
    sealed: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class WebhookDelivery(Base):
    """One message to one subscriber: its exact text, and how far it has come. No event: a ping."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.UniqueConstraint("webhook_id", "event_id"),
        sa.Index("ix_webhook_deliveries_webhook_id_created_at", "webhook_id", "created_at", "id"),
        sa.Index("ix_webhook_deliveries_due", "state", "due_at"),
    )

    id: Mapped[UUID] = id_column()
    webhook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhooks.id"))
    event_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("events.id"))
    kind: Mapped[str] = mapped_column(sa.String(60))
    payload: Mapped[str]
    state: Mapped[DeliveryState] = mapped_column(closed_set(DeliveryState, "webhook_delivery_state"))
    attempts: Mapped[int]  # since it was made, or replayed
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class WebhookAttempt(Base):
    """One try. `status` is null when there was no answer, and `error` says why."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (sa.Index("ix_webhook_attempts_delivery_id", "delivery_id", "at", "id"),)

    id: Mapped[UUID] = id_column()
    delivery_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhook_deliveries.id"))
    at: Mapped[datetime]
    duration_ms: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(sa.String(200))


class WebhookPosition(Base):
    """How far the events have been told to subscribers: one row."""

    __tablename__ = "webhook_position"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    transaction: Mapped[int] = mapped_column(sa.BigInteger)
    number: Mapped[int] = mapped_column(sa.BigInteger)
