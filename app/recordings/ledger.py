"""The play ledger: who played which seconds of what, and why, in a chain nobody can mend unnoticed (D10.3)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit import chains
from app.kit.chains import Chain, Link, hash_of
from app.recordings import queries
from app.recordings.models import LedgerHead, Playback, PlayEntry
from app.recordings.rules import Act

COVERED = frozenset(PlayEntry.__table__.columns.keys()) - {"previous_hash", "hash"}


async def append(
    session: AsyncSession,
    playback: Playback,
    act: Act,
    *,
    now: datetime,
    from_ms: int | None = None,
    to_ms: int | None = None,
) -> PlayEntry:
    """Add a link in the open transaction, which should end soon: others wait for it."""
    organisation_id = playback.organisation_id
    head = await session.run_sync(lambda sync: chains.hold_head(sync, LedgerHead, organisation_id))
    entry = PlayEntry(
        organisation_id=organisation_id,
        number=head.number + 1,
        playback_id=playback.id,
        viewer_id=playback.viewer_id,
        rendition_id=playback.rendition_id,
        act=act,
        from_ms=from_ms,
        to_ms=to_ms,
        purpose=playback.purpose,
        at=now,
        previous_hash=head.hash,
    )
    entry.hash = hash_of(entry.previous_hash, _content(entry))
    session.add(entry)
    head.number, head.hash = entry.number, entry.hash
    await session.flush()
    return entry


def _content(entry: PlayEntry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in COVERED}


async def _links_after(
    session: AsyncSession, organisation_id: UUID, number: int, limit: int
) -> Sequence[Link]:
    rows = await queries.links_after(session, organisation_id, number, limit=limit)
    return [Link(row.number, row.previous_hash, row.hash, _content(row)) for row in rows]


async def _none_outside(_session: AsyncSession, _organisation_id: UUID) -> int:
    """Entry and link are one row."""
    return 0


PLAYS = Chain(LedgerHead, queries.chained_organisations, _links_after, _none_outside)
