"""What goes over the wire about duties and grants."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.kit.wire import Id, In, Instant, Out, Reason


class RegionDutyOut(Out):
    person_id: UUID
    region_id: UUID
    created_at: datetime


class OutletDutyOut(Out):
    person_id: UUID
    outlet_id: UUID
    created_at: datetime


class GrantIn(In):
    id: Id | None = Field(None, description="made by the client, so that a retry makes no second grant")
    person_id: Id
    region_id: Id | None = Field(None, description="a region with all below it")
    outlet_id: Id | None = Field(None, description="one outlet; with neither: the whole organisation")
    purpose: Reason = Field(examples=["Yearly audit of appeal decisions"])
    valid_until: Instant

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if self.region_id is not None and self.outlet_id is not None:
            raise ValueError("name a region or an outlet, not both")
        return self


class GrantOut(Out):
    id: UUID
    person_id: UUID
    region_id: UUID | None
    outlet_id: UUID | None
    purpose: str
    valid_until: datetime
    revoked_at: datetime | None
    created_at: datetime
