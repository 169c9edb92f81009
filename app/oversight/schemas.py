"""What goes over the wire about the audit trail."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from app.kit.paging import PageRequest
from app.kit.wire import Id, In, Instant, Out

MOST_LINKS = 100_000  # some seconds of work


class AuditFilter(PageRequest):
    """What the list is narrowed to."""

    subject_id: Id | None = Field(None, description="the visit, outlet, person … it was done to")
    actor_id: Id | None = Field(None, description="who did it")
    action: Annotated[str, Field(pattern=r"^[a-z_]{1,40}(\.[a-z_]{1,40})?$")] | None = Field(
        None, description="`<noun>.<verb in the past>`, or the noun alone", examples=["outlet.edited"]
    )
    since: Instant | None = Field(None, description="the first moment, included")
    until: Instant | None = Field(None, description="the first moment that is not")


class AuditEntryOut(Out):
    number: int = Field(description="the place in the organisation's chain")
    at: datetime
    actor_id: UUID | None = Field(description="null: the service itself")
    action: str = Field(examples=["outlet.edited"])
    subject_id: UUID
    details: dict[str, JsonValue] = Field(examples=[{"fields": ["tier"]}])
    hash: str = Field(
        description="covers the entry and the one before it",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class VerificationFilter(In):
    after: int = Field(
        0, ge=0, le=2**53, description="begin behind this place, whose hash is believed; 0: at the beginning"
    )
    limit: int = Field(20_000, ge=1, le=MOST_LINKS, description="about how many places are recomputed")


class VerificationOut(Out):
    """Of the organisation's chain, as far as it was looked at."""

    entries: int = Field(description="up to this place everything is as it was written")
    is_whole: bool = Field(description="nothing wrong was found")
    is_complete: bool = Field(description="false: ask again with `after` = `entries`")
    broken_at: int | None
    fault: str | None = Field(examples=["the entry's content was changed"])
