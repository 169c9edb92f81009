"""Ids a few at a time: a statement holds a limited number of parameters."""

from collections.abc import Collection, Iterator
from uuid import UUID

MOST_PARAMETERS = 500


def batched(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """All of them, in order."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), MOST_PARAMETERS):
        yield ordered[start : start + MOST_PARAMETERS]
