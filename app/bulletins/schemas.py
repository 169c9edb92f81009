"""What goes over the wire about bulletins and reports."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.bulletins.rules import Cadence, Format, Language, Scope, State
from app.kit.paging import PageRequest
from app.kit.wire import Date, Id, In, Out
from app.visits.rules import Kind


class BulletinIn(In):
    """Of the network unless it names a region or an outlet."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"cadence": "monthly", "region_id": "0199a1b2-0000-7000-8000-000000000001"}]
        }
    )

    id: Id | None = Field(None, description="made by the client, so that a retry makes no second edition")
    programme_id: Id | None = Field(None, description="null: that of the newest published visit you may see")
    kind: Kind = Field(Kind.COVERT, description="covert and overt visits are never mixed (D3.7)")
    cadence: Cadence = Field(description="the weekly bulletin or the monthly report")
    on: Date | None = Field(
        None, description="a day of the week or month that is meant; null: the last that is over"
    )
    region_id: Id | None = None
    outlet_id: Id | None = None

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if self.region_id is not None and self.outlet_id is not None:
            raise ValueError("name a region or an outlet, not both")
        return self


class BulletinFilter(PageRequest):
    programme_id: Id | None = None
    kind: Kind | None = None
    cadence: Cadence | None = None
    scope: Scope | None = None
    region_id: Id | None = None
    outlet_id: Id | None = None


class BulletinFileOut(Out):
    language: Language
    format: Format
    size_bytes: int
    sha256: str


class BulletinOut(Out):
    """An edition. It stays as it was made; what is written again for the same days is the next edition."""

    id: UUID
    programme_id: UUID
    kind: Kind
    cadence: Cadence
    scope: Scope
    region_id: UUID | None
    outlet_id: UUID | None
    subject_code: str | None = Field(
        description="of the region or outlet; null for the network", examples=["gz"]
    )
    name_zh: str | None
    name_en: str | None
    first_on: date
    last_on: date
    edition: int
    follows_id: UUID | None = Field(description="the edition that was ready before")
    follows: int | None = Field(description="its number")
    state: State
    requested_at: datetime
    as_of: datetime | None = Field(description="it knows what was published until then")
    content_sha256: str | None = Field(description="of what the files were drawn from")
    score_revisions: int | None = Field(description="how many stand behind its figures")
    ready_at: datetime | None
    files: list[BulletinFileOut]


class BulletinLinkOut(Out):
    url: str
    content_type: str = Field(examples=["application/pdf"])
    sha256: str
    expires_at: datetime
