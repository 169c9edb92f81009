"""ETag and If-Match over a row's version: an edit says which version it edits (D11)."""

import re
from typing import Annotated

from fastapi import Depends, Header, Response
from pydantic import JsonValue
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.kit.problems import Stale

_ETAG = re.compile(r'"([0-9]{1,9})"')
SHAPE: dict[str, JsonValue] = {"pattern": f"^{_ETAG.pattern}$"}


class Versioned:
    """A table whose rows count their versions; a lost update raises SQLAlchemy's `StaleDataError`."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, object]:  # noqa: N805 (SQLAlchemy's protocol)
        return {"version_id_col": cls.version}


def etag(row: Versioned) -> str:
    return f'"{row.version}"'


def show_version(response: Response, row: Versioned) -> None:
    response.headers["ETag"] = etag(row)


def require_version(row: Versioned, expected: int) -> None:
    """Raises `Stale` unless the row still has the version the caller read."""
    if row.version != expected:
        raise Stale(
            f"You edit version {expected}, the current one is {row.version}.", current_version=row.version
        )


async def read_if_match(
    if_match: Annotated[
        str, Header(description="the ETag you read", json_schema_extra=SHAPE, examples=['"1"'])
    ],
) -> int:
    """The version in `If-Match`. Raises `Stale` when never given by us; without it the answer is 428."""
    return _version(if_match)


async def read_if_match_of_edit(
    if_match: Annotated[
        str | None,
        Header(
            description="the ETag you read; left out to create under an id of your own",
            json_schema_extra=SHAPE,
            examples=['"1"'],
        ),
    ] = None,
) -> int | None:
    """The version in `If-Match`, `None` without. Raises `Stale` when never given by us."""
    return None if if_match is None else _version(if_match)


def _version(if_match: str) -> int:
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise Stale("If-Match must be the ETag exactly as it was sent.")
    return int(match.group(1))


IfMatch = Annotated[int, Depends(read_if_match)]
IfMatchOfEdit = Annotated[int | None, Depends(read_if_match_of_edit)]
