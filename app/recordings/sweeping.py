"""What the store and the disk keep of uploads nobody will finish."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from app.kit.batches import batched
from app.kit.jobs import Resources
from app.kit.storage import PROBES, ListedObject, sweep
from app.recordings import queries, scratch
from app.recordings.declaring import draw_attempt
from app.recordings.rules import INCOMING, RENDITIONS, SEALED
from app.recordings.upload_rules import UPLOAD_IDLE_LIMIT
from app.recordings.uploads import ARRIVED, is_there, keep_stored


async def list_idle(resources: Resources) -> Sequence[UUID]:
    """Uploads whose phone has been silent for long."""
    before = resources.clock() - UPLOAD_IDLE_LIMIT
    async with resources.database.reading() as session:
        return await queries.idle_uploads(session, touched_before=before)


async def end_idle(resources: Resources, recording_ids: Iterable[UUID]) -> int:
    """Abort these uploads; one that was whole after all is kept, and so is one that has moved since. Their number."""
    before, ended = resources.clock() - UPLOAD_IDLE_LIMIT, 0
    for recording_id in recording_ids:
        ended += await _end_idle(resources, recording_id, touched_before=before)
    return ended


async def sweep_unknown(resources: Resources) -> int:
    """Abort pending uploads no recording knows of: a process ended between the store's answer and our note of it."""
    before = resources.clock() - UPLOAD_IDLE_LIMIT
    pending = await resources.storage.list_uploads(prefix=INCOMING, begun_before=before)
    async with resources.database.reading() as session:
        known = await queries.pending_upload_ids(session)
    aborted = 0
    for upload in pending:
        # With an object at the key the store was killed while it completed: aborting would take the content.
        if upload.upload_id not in known and await resources.storage.head(upload.key) is None:
            await resources.storage.abort_multipart(upload.key, upload.upload_id)
            aborted += 1
    return aborted


async def sweep_orphans(resources: Resources) -> int:
    """Delete old objects nothing refers to: a process ended, or was overtaken, between the store and the note.

    Sealed originals are left alone: only retention may end evidence (D10.4).
    """
    before = resources.clock() - UPLOAD_IDLE_LIMIT

    async def known(keys: Collection[str]) -> set[str]:
        async with resources.database.reading() as session:
            return await queries.known_keys(session, keys)

    return sum(
        [
            await sweep(resources.storage, prefix, modified_before=before, known=known)
            for prefix in (INCOMING, RENDITIONS, PROBES)
        ]
    )


async def list_unknown_originals(resources: Resources) -> list[ListedObject]:
    """Sealed originals of no recording: they came after the moment to which the database was restored.

    Only a person may end them: of some the phone keeps no copy any more.
    """
    listed = [one async for one in resources.storage.list_keys(SEALED)]
    known: set[str] = set()
    async with resources.database.reading() as session:
        for some in batched([one.key for one in listed]):
            known |= await queries.known_originals(session, some)
    return [one for one in listed if one.key not in known]


async def sweep_scratch(resources: Resources) -> int:
    return await asyncio.to_thread(scratch.clear_leftovers, resources.settings)


async def _end_idle(resources: Resources, recording_id: UUID, *, touched_before: datetime) -> bool:
    async with resources.database.reading() as session:
        seen = await queries.get_for_work(session, recording_id)
    arrived = await is_there(resources.storage, seen)
    async with resources.database.writing() as session:
        recording = await queries.get_for_work(session, recording_id, lock=True)
        if recording.state in ARRIVED or recording.touched_at >= touched_before:
            return False
        now = resources.clock()
        if arrived:
            await keep_stored(session, recording, now=now)
            return True
        draw_attempt(session, recording, now=now)
        recording.aborted_at = now
    await resources.storage.abort_multipart(seen.staging_key, seen.upload_id or "")
    return True
