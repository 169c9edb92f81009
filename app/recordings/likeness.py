"""A file that comes again, at another visit: found by its bytes, or by what is to be heard and seen in it (D7.6).

What is found is kept beside the recording for the desk to judge. Nothing is refused: a phone may err.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.database import Database
from app.recordings import queries, queries_likeness
from app.recordings.likeness_rules import CANDIDATES, asked, kept
from app.recordings.models import Duplicate, FingerprintKey, Recording
from media_pipeline import Fingerprint, Interval, Match, compare


@dataclass(frozen=True, slots=True)
class Likeness:
    """What to keep of a recording for those to come, and what it was found to repeat."""

    keys: Sequence[int]
    earlier: Sequence[tuple[UUID, Match, bool]]


async def look_for_earlier(
    database: Database, recording: Recording, fingerprint: str | None, *, duration_ms: int
) -> Likeness:
    """Some hundredths of a second, whatever the number of recordings; outside any transaction that writes."""
    taken = Fingerprint.decode(fingerprint) if fingerprint is not None else None
    keys = await asyncio.to_thread(taken.keys) if taken is not None else frozenset[int]()
    async with database.reading() as session:
        same = await queries_likeness.same_files(session, recording)
        alike = await queries_likeness.sharing_keys(session, recording, asked(keys))
        candidates = [one for one in alike if one not in set(same)][:CANDIDATES]
        reports = await queries.reports_of(session, candidates)
    whole = Interval(0, max(1, duration_ms))  # a photo lasts no time
    found = [(one, Match(1.0, whole, whole), True) for one in same]
    if taken is not None:
        for one, report in reports.items():
            match = await asyncio.to_thread(_compared, taken, (report.report or {}).get("fingerprint"))
            if match is not None and match.duplicate:
                found.append((one, match, False))
    return Likeness(kept(keys), found)


async def keep(session: AsyncSession, recording: Recording, likeness: Likeness, *, now: datetime) -> None:
    """In the transaction that settles the recording, which happens once."""
    of_it = {"organisation_id": recording.organisation_id, "recording_id": recording.id}
    if likeness.keys:
        await session.execute(sa.insert(FingerprintKey), [{**of_it, "key": key} for key in likeness.keys])
    for earlier_id, match, is_same_file in likeness.earlier:
        assert match.here is not None
        assert match.there is not None
        session.add(
            Duplicate(
                recording_id=recording.id,
                earlier_id=earlier_id,
                organisation_id=recording.organisation_id,
                is_same_file=is_same_file,
                similarity=match.similarity,
                start_ms=match.here.start_ms,
                end_ms=match.here.end_ms,
                earlier_start_ms=match.there.start_ms,
                earlier_end_ms=match.there.end_ms,
                found_at=now,
            )
        )


def _compared(here: Fingerprint, text: str | None) -> Match | None:
    """`None` for a recording whose fingerprint is of another version, or not kept."""
    try:
        return None if text is None else compare(here, Fingerprint.decode(text))
    except ValueError:
        return None
