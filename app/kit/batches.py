"""Values a few at a time: a statement holds a limited number of parameters."""

from collections.abc import Collection, Iterator
from typing import TypeVar
from uuid import UUID

MOST_PARAMETERS = 500

Value = TypeVar("Value", UUID, int)


def batched(values: Collection[Value]) -> Iterator[list[Value]]:
    """All of them, in order."""
    ordered = sorted(values)
    for start in range(0, len(ordered), MOST_PARAMETERS):
        yield ordered[start : start + MOST_PARAMETERS]
