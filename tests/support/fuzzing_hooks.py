"""Loaded by schemathesis: dates and instants as the product takes them (`app.kit.wire`), which no format can say."""

import re
from datetime import datetime, time
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st

from app.kit.wire import EARLIEST, LATEST

DAYS = st.dates(EARLIEST, LATEST)
INSTANTS = st.datetimes(
    datetime.combine(EARLIEST, time.max), datetime.combine(LATEST, time.min), timezones=st.timezones()
)

schemathesis.openapi.format("date", DAYS.map(str))
schemathesis.openapi.format("date-time", INSTANTS.map(datetime.isoformat))

SANE_KEY = re.compile(r"[\x21-\x7e]{8,200}")


@schemathesis.hook
def map_query(_context: schemathesis.HookContext, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Nobody works on the plan that is followed: a moment tells as much as all the seconds asked for."""
    seconds = (query or {}).get("for_s")
    if query and isinstance(seconds, int | float) and 0 < seconds <= 25:
        query["for_s"] = 0.5
    return query


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Any, _kwargs: object) -> None:
    """Each request is an intention of its own: the same key for another one is refused, and rightly so.

    And a stream that nobody bounds would be listened to for as long as it goes on.
    """
    if case.operation.path.endswith("/events/stream") and "for_s" not in (case.query or {}):
        case.query = {**(case.query or {}), "for_s": 0}
    for name, value in list((case.headers or {}).items()):
        if name.lower() == "idempotency-key" and SANE_KEY.fullmatch(str(value)):
            case.headers[name] = uuid4().hex
