"""Types for request bodies. JSON knows no dates and no UUIDs: only their texts are accepted (0 is not 1970-01-01)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints


def _only_text(value: object) -> object:
    if isinstance(value, (str, date, datetime, UUID)):
        return value
    raise ValueError("must be a text")


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must name its offset, as in 2026-03-01T10:00:00+08:00")
    return value


def _printable(value: str) -> str:
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in value):
        raise ValueError("must not contain control characters")
    return value


Date = Annotated[date, BeforeValidator(_only_text)]
Id = Annotated[UUID, BeforeValidator(_only_text)]
Instant = Annotated[datetime, BeforeValidator(_only_text), AfterValidator(_aware)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_printable)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000), AfterValidator(_printable)
]


class In(BaseModel):
    """What a caller sends: nothing unknown, immutable once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What a caller gets, read from rows or values. No defaults: every field is always there."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
