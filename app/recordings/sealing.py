"""From an arrived object to verified evidence: a copy no phone can reach, and all its bytes read back (D11)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import new_id
from app.kit.jobs import Resources
from app.kit.storage import Download, ObjectMissing, Storage
from app.recordings import queries
from app.recordings.models import Recording, RecordingReport, Rendition
from app.recordings.rules import OTHER_CONTENT, Rejection, RenditionKind, ServerQuality, State
from app.recordings.scratch import Scratch, ScratchFull
from app.recordings.transitions import become

UNUSABLE = ServerQuality(duration_ms=0, black=False, silent=False, unusable=True)


async def seal(resources: Resources, recording_id: UUID) -> None:
    """Copy the object inside the store, and lock the copy where the store can.

    What is verified afterwards is the copy, so nothing can change between.
    """
    async with resources.database.reading() as session:
        recording = await queries.get_for_work(session, recording_id)
    if recording.state is State.STORED:
        await _copy(resources.storage, recording)
        if resources.settings.s3_lock_days:
            lasting = timedelta(days=resources.settings.s3_lock_days)
            await resources.storage.protect(_sealed(recording), lasting=lasting)


async def _copy(storage: Storage, recording: Recording) -> None:
    """In a bucket that is newer than the database, as after a restore, only the copy may be left; it is verified all the same.

    Raises `ObjectMissing` when there is neither.
    """
    try:
        await storage.copy(recording.staging_key, _sealed(recording))
    except ObjectMissing:
        if await storage.head(_sealed(recording)) is None:
            raise


async def has_room(resources: Resources, recording_id: UUID) -> bool:
    """Whether this machine's disk has room for the work on a recording."""
    async with resources.database.reading() as session:
        recording = await queries.get_for_work(session, recording_id)
    scratch = Scratch(resources.settings, recording_id)
    try:
        await asyncio.to_thread(scratch.prepare, recording.size_bytes)
    except ScratchFull:
        await asyncio.to_thread(scratch.clear)
        return False
    return True


async def verify(resources: Resources, recording_id: UUID) -> str:
    """Fetch the sealed copy to this machine's disk, hashing it; the state that follows.

    The file stays there for the next step. A file that is not what was declared is rejected, and kept for auditors.
    """
    async with resources.database.reading() as session:
        recording = await queries.get_for_work(session, recording_id)
    if recording.state is State.STORED:
        got = await fetch(resources, recording)
        async with resources.database.writing() as session:
            recording = await queries.get_for_work(session, recording_id, lock=True)
            _judge(session, recording, got, now=resources.clock())
    await resources.storage.delete(recording.staging_key)
    return recording.state.value


async def fetch(resources: Resources, recording: Recording) -> Download:
    """The sealed copy on this machine's disk. Raises `ScratchFull`."""
    scratch = Scratch(resources.settings, recording.id)
    await asyncio.to_thread(scratch.prepare, recording.size_bytes)
    return await resources.storage.download(_sealed(recording), scratch.original)


def reject(session: AsyncSession, recording: Recording, why: Rejection, *, now: datetime) -> None:
    """The file arrived and cannot be used; its bytes are kept for auditors, with the reason."""
    recording.rejected_code, recording.rejected_zh, recording.rejected_en = why.code, why.zh, why.en
    recording.settled_at = now
    become(session, recording, State.REJECTED, now=now)
    note_report(session, recording, UNUSABLE, None, now=now)


def note_report(
    session: AsyncSession,
    recording: Recording,
    quality: ServerQuality,
    report: dict[str, Any] | None,
    *,
    now: datetime,
) -> None:
    session.add(
        RecordingReport(
            id=new_id(),
            organisation_id=recording.organisation_id,
            recording_id=recording.id,
            report=report,
            duration_ms=quality.duration_ms,
            black=quality.black,
            silent=quality.silent,
            unusable=quality.unusable,
            made_at=now,
        )
    )


def _judge(session: AsyncSession, recording: Recording, got: Download, *, now: datetime) -> None:
    if recording.state is not State.STORED:
        return
    session.add(
        Rendition(
            id=new_id(),
            organisation_id=recording.organisation_id,
            recording_id=recording.id,
            kind=RenditionKind.ORIGINAL,
            profile={},
            key=_sealed(recording),
            sha256=got.sha256,
            size_bytes=got.size_bytes,
            content_type=recording.content_type,
            made_at=now,
        )
    )
    if (got.size_bytes, got.sha256) != (recording.size_bytes, recording.sha256):
        reject(session, recording, OTHER_CONTENT, now=now)
    else:
        recording.verified_at = now
        become(session, recording, State.VERIFIED, now=now)


def _sealed(recording: Recording) -> str:
    assert recording.sealed_key is not None  # drawn when it was stored
    return recording.sealed_key
