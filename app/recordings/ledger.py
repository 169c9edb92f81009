"""The play ledger: who played which seconds of what, and why, in a chain nobody can mend unnoticed (D10.3).

Each organisation has one chain. Links are added one at a time under the lock of the chain's head, which also knows
how long the chain is, so that a missing last link is noticed too.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.database import Database
from app.recordings import queries
from app.recordings.models import LedgerHead, Playback, PlayEntry
from app.recordings.rules import Act
from app.settings import Settings

GENESIS = "0" * 64
BATCH = 1000
COVERED = frozenset(PlayEntry.__table__.columns.keys()) - {"previous_hash", "hash"}


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Whether a chain is whole; if not, at which link it first is not, and what is wrong there."""

    organisation_id: UUID
    entries: int
    is_whole: bool
    broken_at: int | None = None
    fault: str | None = None


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
    head = await _hold_head(session, playback.organisation_id)
    entry = PlayEntry(
        organisation_id=playback.organisation_id,
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
    entry.hash = hash_of(entry)
    session.add(entry)
    head.number, head.hash = entry.number, entry.hash
    await session.flush()
    return entry


def hash_of(entry: PlayEntry) -> str:
    """SHA-256 over the hash before and the content as canonical JSON."""
    content = {name: _plain(getattr(entry, name)) for name in COVERED}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{entry.previous_hash}\n{canonical}".encode()).hexdigest()


async def verify_chain(session: AsyncSession, organisation_id: UUID) -> ChainReport:
    """Recompute every link: finds one that was changed, left out, put in or cut off at the end.

    The session should have no other use: what it has loaded is let go of on the way.
    """
    head = await queries.find_head(session, organisation_id)
    number, before = 0, GENESIS
    while links := await queries.links_after(session, organisation_id, number, limit=BATCH):
        for entry in links:
            fault = _fault(entry, number=number + 1, before=before)
            if fault is not None:
                return ChainReport(organisation_id, number, is_whole=False, broken_at=number + 1, fault=fault)
            number, before = entry.number, entry.hash
        session.expunge_all()  # a long chain must not fill the memory
    if head is None or (head.number, head.hash) != (number, before):
        fault = "the chain does not end where its head says"
        return ChainReport(organisation_id, number, is_whole=False, broken_at=number + 1, fault=fault)
    return ChainReport(organisation_id, number, is_whole=True)


async def verify(settings: Settings) -> Sequence[ChainReport]:
    """Every organisation's chain; for the command line."""
    database = Database(settings.database)
    try:
        async with database.reading() as session:
            organisations = await queries.chained_organisations(session)
            return [await verify_chain(session, organisation) for organisation in organisations]
    finally:
        await database.dispose()


def _plain(value: object) -> str | int | None:
    """The same on both databases."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case int() | None:
            return value
        case _:
            return str(value)


def _fault(entry: PlayEntry, *, number: int, before: str) -> str | None:
    if entry.number != number:
        return f"entry {number} is missing"
    if entry.previous_hash != before:
        return "the entry does not follow the one before it"
    if entry.hash != hash_of(entry):
        return "the entry's content was changed"
    return None


async def _hold_head(session: AsyncSession, organisation_id: UUID) -> LedgerHead:
    head = await queries.lock_head(session, organisation_id)
    if head is None:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        first = insert(LedgerHead).values(organisation_id=organisation_id, number=0, hash=GENESIS)
        await session.execute(first.on_conflict_do_nothing())  # somebody else may play for the first time too
        head = await queries.lock_head(session, organisation_id)
    assert head is not None
    return head
