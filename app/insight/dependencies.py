"""A session that reads what is published now."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.dependencies import Caller, TheDatabase
from app.insight import folding
from app.kit.routing import Now

MOST_FOLDED = 100  # visits, while somebody waits: about a third of a second; the job takes the rest


async def fold_first(database: TheDatabase, caller: Caller, now: Now) -> None:
    """Fold what was published since, so that nobody misses what they have just published."""
    await folding.catch_up(database, caller.organisation_id, now=now, most=MOST_FOLDED)


async def open_folded(
    database: TheDatabase, _folded: Annotated[None, Depends(fold_first)]
) -> AsyncIterator[AsyncSession]:
    async with database.reading() as session:
        yield session


FOLDED = [Depends(fold_first)]  # before a session that writes is opened
Folded = Annotated[AsyncSession, Depends(open_folded, scope="function")]
