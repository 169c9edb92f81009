"""Deleting what was decided on, and writing down that it is gone. Every call may be repeated: after a crash at any point
the same things are gone, and the proof is written once (D10.4).
"""

from collections.abc import Sequence
from uuid import UUID

from app.audit.service import record_by_itself
from app.bulletins import making as bulletins
from app.cases import files as case_files
from app.events.kinds import Kind
from app.events.service import announce
from app.kit.jobs import Resources
from app.kit.storage import StorageUnavailable
from app.recordings import erasing, sweeping
from app.recordings import queries as recordings
from app.retention import queries
from app.retention.models import Tombstone
from app.retention.rules import Class

BATCH = 2_000  # of one run; the rest goes with the next


async def list_undone(resources: Resources) -> list[str]:
    async with resources.database.reading() as session:
        return [str(one) for one in await queries.undone(session, now=resources.clock(), limit=BATCH)]


async def delete(resources: Resources, tombstone_id: UUID) -> bool:
    """Whether it is gone now; false for what came to be held meanwhile. Raises `StorageUnavailable` if the store keeps it."""
    async with resources.database.reading() as session:
        tombstone = await queries.get_tombstone(session, tombstone_id)
        held = await queries.is_held(session, tombstone, now=resources.clock())
    if tombstone.deleted_at is None and not held:
        keys = await _erase(resources, tombstone)
        await _require_gone(resources, keys)
        await _prove(resources, tombstone_id)
    return not held


async def end_idle_uploads(resources: Resources) -> int:
    """Parts of a file that nobody goes on sending leave the store; those of a visit that is held stay. Their number."""
    idle = await sweeping.list_idle(resources)
    async with resources.database.reading() as session:
        held = await queries.held_among(session, idle, now=resources.clock())
    return await sweeping.end_idle(resources, [one for one in idle if one not in held])


async def _erase(resources: Resources, tombstone: Tombstone) -> Sequence[str]:
    """The keys under which nothing must be left."""
    if tombstone.case_file_id is not None:
        return [await case_files.erase(resources, tombstone.case_file_id)]
    if tombstone.bulletin_id is not None:
        return await bulletins.erase(resources, tombstone.bulletin_id)
    if tombstone.recording_id is None:
        return ()
    if tombstone.retention_class is Class.RENDITION:
        return await _erase_renditions(resources, tombstone.recording_id)
    database, storage = resources.database, resources.storage
    await erasing.erase_original(database, storage, tombstone.recording_id, now=resources.clock())
    async with database.reading() as session:
        recording = await recordings.get_for_work(session, tombstone.recording_id)
    return [key for key in (recording.staging_key, recording.sealed_key) if key is not None]


async def _erase_renditions(resources: Resources, recording_id: UUID) -> Sequence[str]:
    await erasing.erase_renditions(resources.database, recording_id, now=resources.clock())
    async with resources.database.reading() as session:
        keys = [one.key for one in await queries.made_of(session, recording_id)]
    for key in keys:  # here, not in the background: the proof must not come before
        await resources.storage.delete(key)
    return keys


async def _require_gone(resources: Resources, keys: Sequence[str]) -> None:
    for key in keys:
        if await resources.storage.head(key) is not None:
            raise StorageUnavailable("the store still has the object")


async def _prove(resources: Resources, tombstone_id: UUID) -> None:
    now = resources.clock()
    async with resources.database.writing() as session:
        tombstone = await queries.get_tombstone(session, tombstone_id, lock=True)
        if tombstone.deleted_at is not None:
            return
        if tombstone.retention_class is Class.FIELD_TRACE and tombstone.visit_id is not None:
            await session.execute(queries.forget_positions(tombstone.visit_id))
            await session.execute(queries.forget_drafts(tombstone.visit_id))
        tombstone.deleted_at = now
        subject = tombstone.subject_id
        record_by_itself(
            session,
            tombstone.organisation_id,
            Kind.RETENTION_DELETED,
            subject_id=subject,
            details=_proof(tombstone),
            now=now,
        )
        announce(
            session,
            Kind.RETENTION_DELETED,
            organisation_id=tombstone.organisation_id,
            subject_id=subject,
            visit_id=tombstone.visit_id,
            outlet_id=await queries.outlet_of(session, tombstone),
            data={"retention_class": tombstone.retention_class},
            now=now,
        )


def _proof(tombstone: Tombstone) -> dict[str, str | int | None]:
    """What the audit trail's chain covers of it."""
    return {
        "tombstone_id": str(tombstone.id),
        "visit_id": None if tombstone.visit_id is None else str(tombstone.visit_id),
        "class": str(tombstone.retention_class),
        "start_event": str(tombstone.start_event),
        "days": tombstone.days,
        "started_at": tombstone.started_at.isoformat(),
        "sha256": tombstone.sha256,
        "size_bytes": tombstone.size_bytes,
    }
