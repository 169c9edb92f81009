"""Every SELECT over recordings."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.recordings.rules import ServerQuality


async def qualities_of(session: AsyncSession, recording_ids: Sequence[UUID]) -> dict[UUID, ServerQuality]:
    """What the server found in those of the files it has looked into."""
    del session, recording_ids
    return {}
