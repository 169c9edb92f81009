"""What goes over the wire about webhooks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.events.kinds import Kind
from app.identity.actor import Role
from app.kit.wire import Id, In, Instant, Out, Prose, Whole
from app.webhooks.rules import OVERLAP_LONGEST, DeliveryState

MOST_IN_SCOPE = 500
Url = Annotated[
    str, Field(min_length=8, max_length=1000, examples=["https://hooks.example.org/plainclothes"])
]
Ids = Annotated[list[Id], Field(max_length=MOST_IN_SCOPE)]


class WebhookFields(In):
    url: Url
    description: Annotated[Prose, Field(max_length=200, examples=["The client's ticket system"])] = ""
    kinds: list[Kind] = Field(
        min_length=1, max_length=len(Kind), examples=[["publication.published", "appeal.filed"]]
    )
    role: Role = Field(description="with whose eyes the subscriber sees", examples=["outlet_manager"])
    region_ids: Ids = Field(
        default=[], description="what a supervisor's or reviewer's eyes reach", examples=[[]]
    )
    outlet_ids: Ids = Field(
        default=[],
        description="what an outlet manager's eyes reach",
        examples=[["0199a1b2-0000-7000-8000-000000000003"]],
    )


class NewWebhookIn(WebhookFields):
    id: Id = Field(description="made by the client, so that a retry makes no second one")


class WebhookIn(WebhookFields):
    enabled: bool = Field(examples=[True])


class WebhookOut(Out):
    id: UUID
    url: str = Field(examples=["https://hooks.example.org/plainclothes"])
    description: str = Field(examples=["The client's ticket system"])
    kinds: list[Kind]
    role: Role
    region_ids: list[UUID]
    outlet_ids: list[UUID]
    enabled: bool
    disabled_at: datetime | None = Field(description="switched off by the service after days of failures")
    failing_since: datetime | None = Field(description="since when every attempt failed; null: all is well")
    paused_until: datetime | None = Field(description="left alone until then, since it did not answer")
    created_at: datetime
    version: int


class NewWebhookOut(WebhookOut):
    secret: str = Field(
        description="signs the messages; shown this once", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )


class RotateIn(In):
    overlap_hours: Annotated[Whole, Field(ge=0, le=int(OVERLAP_LONGEST.total_seconds()) // 3600)] = Field(
        24, description="how long messages are signed with the old secret too", examples=[24]
    )


class SecretOut(Out):
    secret: str = Field(
        description="signs the messages; shown this once", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )
    old_expires_at: datetime = Field(description="until then messages carry the old signature too")


class ReplayIn(In):
    since: Instant = Field(description="first moment of the events to tell again")
    until: Instant = Field(description="the moment after the last")


class ReplayOut(Out):
    deliveries: int = Field(examples=[12], description="how many messages will be sent")


class DeliveryOut(Out):
    id: UUID
    webhook_message_id: str = Field(
        description="the `webhook-id` of every attempt", examples=["msg_0199a1b2000070008000000000000001"]
    )
    kind: str = Field(examples=["publication.published"])
    state: DeliveryState
    attempts: int = Field(examples=[1])
    due_at: datetime | None = Field(description="of the next attempt")
    created_at: datetime
    settled_at: datetime | None


class AttemptOut(Out):
    at: datetime
    duration_ms: int = Field(examples=[84])
    status: int | None = Field(description="of the answer; null: there was none", examples=[204])
    error: str | None = Field(examples=[None])


class WholeDeliveryOut(DeliveryOut):
    payload: str = Field(description="exactly what is signed and sent", examples=['{"type":"webhook.ping"}'])
    log: list[AttemptOut] = Field(description="every attempt, the latest first; at most 100")
