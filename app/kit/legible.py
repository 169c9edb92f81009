"""Requests that can be read, and kept: what no database could store is refused before any feature sees it."""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from fastapi import Request

from app.kit.problems import BadRequest, Invalid

# PostgreSQL keeps no NUL in a text, and half a surrogate pair cannot be written as UTF-8 at all.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


class LegibleRequest(Request):
    """A request whose JSON is UTF-8 with numbers and texts that every database keeps."""

    async def json(self) -> Any:
        """The body. Raises `JSONDecodeError`, which becomes the problem `invalid-request`, whatever is wrong."""
        body = await self.body()
        try:
            value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
        except json.JSONDecodeError:
            raise
        except ValueError as error:  # not UTF-8, a number of 5,000 digits
            raise json.JSONDecodeError(str(error), "", 0) from error
        except RecursionError as error:
            raise json.JSONDecodeError("is nested too deeply", "", 0) from error
        if b"\\u" in body and any(_UNKEEPABLE.search(text) for text in _texts(value)):
            raise json.JSONDecodeError("must not contain NUL or half a surrogate pair", "", 0)
        return value

    def require_legible_address(self, known: frozenset[str] | None) -> None:
        """Raises `BadRequest` for a NUL in path or query, `Invalid` for parameters that are not `known` (null: all)."""
        if "\x00" in self.scope["path"] or b"%00" in self.scope["query_string"]:
            raise BadRequest("The address must not contain NUL.")
        strange = [] if known is None else sorted(set(self.query_params) - known)
        if strange:
            errors = [{"pointer": f"/query/{name}", "message": "is not known here"} for name in strange]
            raise Invalid(f"/query/{strange[0]}: is not known here", errors=errors)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for key, item in value.items():
                yield key
                yield from _texts(item)
        case _:
            pass
