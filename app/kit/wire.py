"""Types for request bodies. JSON knows no dates and no UUIDs: only their texts are accepted (0 is not 1970-01-01).

What a JSON Schema can say is said there too, so that a client that follows it is not refused.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

# A recorder whose battery was out begins at 1970; later than 2199 is a slip, and year 9999 overflows.
EARLIEST = date(1970, 1, 1)
LATEST = date(2199, 12, 31)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ].+")

_VISIBLE = r"[^\s\x00-\x1f]"  # needs one: strings are stripped
_ANY = r"[^\x00-\x08\x0b-\x1f]*"  # all but control characters; new lines and tabs are fine
_ANY_OF_A_LINE = r"[^\x00-\x1f]*"


def _only_text(value: object) -> object:
    if isinstance(value, (str, date, datetime, UUID)):
        return value
    raise ValueError("must be a text")


def _date_text(value: object) -> object:
    if isinstance(value, str) and not _DATE.fullmatch(value):
        raise ValueError("must be a date such as 2026-03-01")
    return _only_text(value)


def _instant_text(value: object) -> object:
    if isinstance(value, str) and not _INSTANT.fullmatch(value):
        raise ValueError("must be an instant such as 2026-03-01T10:00:00+08:00")
    return _only_text(value)


def _in_range(value: date) -> date:
    day = value.astimezone(UTC).date() if isinstance(value, datetime) else value
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"must lie between {EARLIEST} and {LATEST}")
    return value


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must name its offset, as in 2026-03-01T10:00:00+08:00")
    if not EARLIEST.year <= value.year <= LATEST.year:  # before the zone is applied, which may overflow
        raise ValueError(f"must lie between {EARLIEST} and {LATEST}")
    return value


def _whole(value: object) -> object:
    """JSON does not tell 2.0 from 2, but it does tell true from 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _printable(value: str) -> str:
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in value):
        raise ValueError("must not contain control characters")
    return value


def _one_line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise ValueError("must be one line")
    return value


def _says(pattern: str) -> object:
    """The pattern for the JSON Schema; here the validators, which explain themselves, refuse."""
    return Field(json_schema_extra={"pattern": f"^{pattern}$"})


Date = Annotated[date, BeforeValidator(_date_text), AfterValidator(_in_range)]
Id = Annotated[UUID, BeforeValidator(_only_text)]
Instant = Annotated[
    datetime, BeforeValidator(_instant_text), AfterValidator(_aware), AfterValidator(_in_range)
]
Whole = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
    _says(_ANY + _VISIBLE + _ANY),
]
Remark = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
    AfterValidator(_printable),
    _says(_ANY + _VISIBLE + _ANY),
]
OneLine = Annotated[Line, AfterValidator(_one_line), _says(_ANY_OF_A_LINE + _VISIBLE + _ANY_OF_A_LINE)]
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_printable), _says(_ANY)
]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=1000),
    AfterValidator(_printable),
    _says(f"{_ANY}{_VISIBLE}{_ANY.removesuffix('*')}+{_VISIBLE}{_ANY}"),
]


class In(BaseModel):
    """What a caller sends: nothing unknown, immutable once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What a caller gets, read from rows or values. No defaults: every field is always there."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
