"""What lies in the store of editions that came to nothing: drawn before the making was given up (D10.4)."""

from collections.abc import Sequence
from datetime import timedelta

from app.bulletins import queries
from app.bulletins.service import KEY_PREFIX
from app.kit.jobs import Resources

LEFT_FOR = timedelta(
    days=1
)  # no making takes so long, not even one that a dead worker left and another took over
BATCH = 500


async def sweep(resources: Resources) -> int:
    """Delete old objects of no edition that is ready or in the making. Their number."""
    before = resources.clock() - LEFT_FOR
    old = [one.key async for one in resources.storage.list_keys(KEY_PREFIX) if one.modified_at < before]
    deleted = 0
    for start in range(0, len(old), BATCH):
        for key in await _of_no_edition(resources, old[start : start + BATCH]):
            await resources.storage.delete(key)
            deleted += 1
    return deleted


async def _of_no_edition(resources: Resources, keys: Sequence[str]) -> list[str]:
    async with resources.database.reading() as session:
        kept = await queries.kept_among(session, {_edition(key) for key in keys})
    return [key for key in keys if _edition(key) not in kept]


def _edition(key: str) -> str:
    """What all objects of one edition begin with."""
    return key.rpartition("/")[0]
