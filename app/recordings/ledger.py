"""The play ledger: who played which seconds of what, and why, in a chain nobody can mend unnoticed (D10.3)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.kit import chains
from app.kit.chains import Chain, Link, hash_of
from app.recordings import queries
from app.recordings.models import LedgerHead, Playback, PlayEntry
from app.recordings.play_rules import Act

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
    return await session.run_sync(
        _append,
        PlayEntry(
            organisation_id=playback.organisation_id,
            playback_id=playback.id,
            viewer_id=playback.viewer_id,
            rendition_id=playback.rendition_id,
            act=act,
            from_ms=from_ms,
            to_ms=to_ms,
            purpose=playback.purpose,
            at=now,
        ),
    )


def _append(session: Session, entry: PlayEntry) -> PlayEntry:
    number, before = chains.hold_head(session, LedgerHead, entry.organisation_id)
    entry.number, entry.previous_hash = number + 1, before
    entry.hash = hash_of(before, _content(entry))
    session.add(entry)
    session.flush()
    chains.move_head(session, LedgerHead, entry.organisation_id, number=entry.number, digest=entry.hash)
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
