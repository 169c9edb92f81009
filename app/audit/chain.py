"""The chain of the audit trail: entries get their places when their transaction ends.

Only then the chain's head is locked, behind everything else the transaction waits for: others of the organisation wait for
one commit and never for somebody's work, and nobody who holds the head waits for anything. What a savepoint took back
gets no place. Nothing is left to be sealed later: an entry without a place was put in by somebody else.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.audit import queries
from app.audit.models import AuditEntry, AuditHead, AuditLink
from app.kit import chains
from app.kit.chains import Chain, Link, hash_of
from app.kit.orm import Base

LINKS = Base.metadata.tables[AuditLink.__tablename__]
COVERED = tuple(AuditEntry.__table__.columns.keys())
SEALED_LATE = "audit.sealed_late"
_PENDING = "audit entries without a place"


def add(session: AsyncSession, entry: AuditEntry) -> None:
    """Add an entry to the open transaction; it gets its place in the chain at the commit."""
    session.add(entry)
    if _PENDING not in session.info:
        sa.event.listen(session.sync_session, "before_commit", _link_pending)
    session.info.setdefault(_PENDING, []).append(entry)


async def seal_outside(session: AsyncSession, organisation_id: UUID, *, now: datetime) -> int:
    """Give entries without a place one at the chain's end, and write down that this was done; their number.

    For those that a process of a release without chain wrote while this one was already installed.
    """
    count = 0
    while late := await queries.entries_outside(session, organisation_id, limit=chains.BATCH):
        await session.run_sync(lambda sync, rows=late: _link(sync, organisation_id, rows))  # type: ignore[misc]
        count += len(late)
    if count:
        add(
            session,
            AuditEntry(
                organisation_id=organisation_id,
                actor_id=None,
                action=SEALED_LATE,
                subject_id=organisation_id,
                details={"entries": count},
                at=now,
            ),
        )
    return count


def content_of(entry: AuditEntry) -> dict[str, object]:
    """What a link's hash covers."""
    return {name: getattr(entry, name) for name in COVERED}


def _link_pending(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint ends, and may still be taken back with what is around it
    entries: list[AuditEntry] = session.info.get(_PENDING, [])
    session.flush()
    kept = [entry for entry in entries if sa.inspect(entry).persistent]
    kept.sort(key=_organisation)  # keeps the order of each; heads are always locked in the same one
    for organisation_id, of_one in groupby(kept, key=_organisation):
        _link(session, organisation_id, of_one)
    entries.clear()


def _organisation(entry: AuditEntry) -> UUID:
    return entry.organisation_id


def _link(session: Session, organisation_id: UUID, entries: Iterable[AuditEntry]) -> None:
    number, digest = chains.hold_head(session, AuditHead, organisation_id)
    links = []
    for entry in entries:
        number, before = number + 1, digest
        digest = hash_of(before, content_of(entry))
        links.append(
            {
                "organisation_id": organisation_id,
                "number": number,
                "entry_id": entry.id,
                "previous_hash": before,
                "hash": digest,
            }
        )
    session.execute(sa.insert(LINKS), links)
    chains.move_head(session, AuditHead, organisation_id, number=number, digest=digest)


async def _links_after(
    session: AsyncSession, organisation_id: UUID, number: int, limit: int
) -> Sequence[Link]:
    rows = await queries.links_after(session, organisation_id, number, limit=limit)
    return [
        Link(
            number=link.number,
            previous_hash=link.previous_hash,
            hash=link.hash,
            content=None if entry is None else content_of(entry),
        )
        for link, entry in rows
    ]


TRAIL = Chain(AuditHead, queries.chained_organisations, _links_after, queries.count_outside)
