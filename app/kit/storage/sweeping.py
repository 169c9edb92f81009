"""Objects nobody refers to: a process ended, or was overtaken, between the store and the note of it."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from app.kit.batches import batched
from app.kit.storage.port import Storage


async def sweep(
    storage: Storage,
    prefix: str,
    *,
    modified_before: datetime,
    known: Callable[[Collection[str]], Awaitable[set[str]]],
) -> int:
    """Delete the old objects under the prefix that are not among those `known` says something refers to. Their number."""
    old = [one.key async for one in storage.list_keys(prefix) if one.modified_at < modified_before]
    deleted = 0
    for keys in batched(old):
        for key in set(keys) - await known(keys):
            await storage.delete(key)
            deleted += 1
    return deleted
