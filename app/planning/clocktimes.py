"""Times of day as minutes since midnight, written `HH:MM` in JSON."""

import re
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo, WithJsonSchema

_PATTERN = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"


def clock(minute: int) -> str:
    """`570` → `09:30`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _read(value: object, info: ValidationInfo) -> int:
    if isinstance(value, str) and re.fullmatch(_PATTERN, value):
        return int(value[:2]) * 60 + int(value[3:])
    # Code may pass minutes; a file may not, so that 9 never means 00:09 by accident.
    if info.mode == "python" and isinstance(value, int) and 0 <= value <= 24 * 60:
        return value
    raise ValueError("write a time of day as HH:MM, from 00:00 to 24:00")


ClockTime = Annotated[
    int,
    BeforeValidator(_read),
    PlainSerializer(clock, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["09:30"]}),
]
