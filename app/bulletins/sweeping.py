"""What lies in the store of editions that came to nothing: drawn before the making was given up (D10.4)."""

from collections.abc import Collection
from datetime import timedelta

from app.bulletins import queries
from app.bulletins.service import KEY_PREFIX
from app.kit import storage
from app.kit.jobs import Resources

LEFT_FOR = timedelta(days=1)  # longer than any making, also one that a dead worker left and another took over


async def sweep(resources: Resources) -> int:
    """Delete old objects of no edition that is ready or in the making. Their number."""

    async def known(keys: Collection[str]) -> set[str]:
        async with resources.database.reading() as session:
            kept = await queries.kept_among(session, {_edition(key) for key in keys})
        return {key for key in keys if _edition(key) in kept}

    before = resources.clock() - LEFT_FOR
    return await storage.sweep(resources.storage, KEY_PREFIX, modified_before=before, known=known)


def _edition(key: str) -> str:
    """What all objects of one edition begin with."""
    return key.rpartition("/")[0]
