"""Ending what is kept of a recording: for retention, which decides when (D10.4). Each call may be repeated."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kit.database import Database
from app.kit.storage import Storage
from app.recordings import queries
from app.recordings.muting import retire
from app.recordings.rules import RenditionKind


@dataclass(frozen=True, slots=True)
class Erased:
    """What is gone for good, as a tombstone may name it."""

    recording_id: UUID
    sha256: str
    size_bytes: int


async def erase_original(
    database: Database, storage: Storage, recording_id: UUID, *, now: datetime
) -> Erased:
    """Remove an original with every version of it, lifting the store's lock, and whatever is left of its upload.

    Ends its own transactions. The row stays, with the hash; nobody is given the original any more.
    """
    async with database.writing() as session:
        recording = await queries.get_for_work(session, recording_id, lock=True)
        recording.original_erased_at = recording.original_erased_at or now
        original = await queries.find_rendition(session, recording_id, RenditionKind.ORIGINAL)
        if original is not None:
            original.replaced_at = now
    if recording.upload_id is not None:
        await storage.abort_multipart(recording.staging_key, recording.upload_id)
    for key in (recording.staging_key, recording.sealed_key):
        if key is not None:
            await storage.delete(key, lift_lock=True)
    return Erased(recording.id, recording.sha256, recording.size_bytes)


async def erase_renditions(database: Database, recording_id: UUID, *, now: datetime) -> None:
    """Take back everything that was made of a recording; the bytes are discarded in the background."""
    async with database.writing() as session:
        recording = await queries.get_for_work(session, recording_id, lock=True)
        recording.renditions_erased_at = recording.renditions_erased_at or now
        await retire(session, recording_id, now=now)
