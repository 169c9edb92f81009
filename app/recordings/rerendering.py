"""Rendering again what was muted, into new renditions. Every step may be done twice."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from app.kit.jobs import Resources
from app.recordings import muting, queries
from app.recordings.making import files_of, profile_of, rendition_row, store
from app.recordings.models import MuteRevision, Recording
from app.recordings.scratch import Scratch, ScratchFull
from media_pipeline import render


async def has_room(resources: Resources, revision_id: UUID) -> bool:
    _revision, recording = await _look_up(resources, revision_id)
    scratch = _scratch(resources, revision_id)
    try:
        await asyncio.to_thread(scratch.prepare, recording.size_bytes)
    except ScratchFull:
        await asyncio.to_thread(scratch.clear)
        return False
    return True


async def render_again(resources: Resources, revision_id: UUID, names: Sequence[str]) -> None:
    """Make the renditions that these marks ask for, unless later marks were made meanwhile: then theirs will be."""
    revision, recording = await _look_up(resources, revision_id)
    if not await _is_wanted(resources, revision):
        return
    scratch = _scratch(resources, revision_id)
    await asyncio.to_thread(scratch.prepare, recording.size_bytes)
    assert recording.sealed_key is not None  # processed, hence sealed
    await resources.storage.download(recording.sealed_key, scratch.original)
    profile = profile_of(recording, muting.marks_of(revision))
    made = await render(scratch.original, scratch.renditions, profile)
    stored = await store(
        resources.storage,
        names,
        files_of(made),
        stream=made.stream,
        playlist=made.playlist,
        hidden=made.blurs,
    )
    now = resources.clock()
    async with resources.database.writing() as session:
        recording = await queries.get_for_work(session, recording.id, lock=True)
        if recording.id not in await muting.awaited(session, [recording.id]):
            return  # this step was done before
        latest = await queries.find_mutes(session, recording.id)
        if latest is None or latest.id != revision_id:
            return  # what was stored for nothing is swept away with other orphans
        session.add_all(
            rendition_row(recording, one, profile, mute_number=revision.number, now=now) for one in stored
        )


def clear(resources: Resources, revision_id: UUID) -> None:
    """Blocks."""
    _scratch(resources, revision_id).clear()


def _scratch(resources: Resources, revision_id: UUID) -> Scratch:
    """Of its own for each revision: two of one recording may be worked on at the same time."""
    return Scratch(resources.settings, revision_id)


async def _is_wanted(resources: Resources, revision: MuteRevision) -> bool:
    async with resources.database.reading() as session:
        latest = await queries.find_mutes(session, revision.recording_id)
        return latest is not None and latest.id == revision.id


async def _look_up(resources: Resources, revision_id: UUID) -> tuple[MuteRevision, Recording]:
    async with resources.database.reading() as session:
        revision = await queries.get_mutes(session, revision_id)
        return revision, await queries.get_for_work(session, revision.recording_id)
