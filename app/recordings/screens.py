"""From the code in a watermark back to the player it was shown on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.recordings import queries
from app.recordings.rules import RenditionKind


@dataclass(frozen=True, slots=True)
class Screen:
    """A player somebody opened; two may share a code by chance, once in some billions."""

    organisation_id: UUID
    viewer_id: UUID
    name: str
    email: str
    visit_id: UUID
    recording_id: UUID
    rendition: RenditionKind
    purpose: str
    opened_at: datetime


async def with_code(session: AsyncSession, code: str) -> Sequence[Screen]:
    """For the command line, which acts for nobody."""
    return [
        Screen(
            player.organisation_id,
            viewer.id,
            viewer.name,
            viewer.email,
            recording.visit_id,
            recording.id,
            kind,
            player.purpose,
            player.opened_at,
        )
        for player, viewer, recording, kind in await queries.players_with_code(session, code)
    ]
