"""What happens to a recording once its bytes are there. Every step may be done twice."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.database import Database
from app.kit.jobs import Queue, Resources, Run, workflow
from app.recordings import queries, recovering, rerendering, sealing, sweeping
from app.recordings.making import files_of, profile_of, rendition_row
from app.recordings.models import Recording
from app.recordings.muting import RENDER_AGAIN
from app.recordings.playback import DISCARD
from app.recordings.rules import (
    PICTURE_IN_SOUND,
    Kind,
    Rejection,
    RenditionKind,
    ServerQuality,
    State,
    rendition_key,
)
from app.recordings.scratch import Scratch
from app.recordings.transitions import become
from app.recordings.uploads import PROCESS
from media_pipeline import (
    CheckKind,
    Photo,
    RenderProfile,
    Report,
    Thresholds,
    UnreadableMedia,
    process,
    render_photo,
)
from media_pipeline import Rendition as File

# Soon at first, then every half hour, for a day.
ROOM_PAUSES_S: Sequence[float] = (60, 120, 240, 480, 900, *[1800] * 46)
TELL_EVERY_S = 1.0  # as often as a person looks
RENDERED = 0.98  # of the progress when only the sending to the store is left

log = structlog.get_logger(__name__)

Listener = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What a file gave: the verdict, the pipeline's report if it made one, and files to keep."""

    quality: ServerQuality
    report: Report | None
    profile: RenderProfile | None
    files: tuple[tuple[RenditionKind, File], ...]


@workflow(PROCESS)
async def process_recording(run: Run, recording_id: str) -> None:
    """Stored → verified → processed, or rejected. A broken tool or store is tried again, and in the end is a dead job."""
    identity = UUID(recording_id)
    try:
        await run.step("seal", sealing.seal, run.resources, identity)
        await _wait_for_room(run, identity)
        state = await run.step("verify", sealing.verify, run.resources, identity)
        if state == State.VERIFIED:
            # Drawn in a step of its own: work that is done again overwrites its files instead of leaving some behind.
            names = await run.step("draw names", draw_names)
            await run.step("render", render, run.resources, identity, names)
    finally:
        await asyncio.to_thread(Scratch(run.resources.settings, identity).clear)


@workflow(RENDER_AGAIN)
async def render_again(run: Run, revision_id: str) -> None:
    """What was muted is rendered anew. If it cannot be, the recording stays without renditions, and the job is dead."""
    identity = UUID(revision_id)
    try:
        for number, pause_s in enumerate(ROOM_PAUSES_S):
            if await run.step(f"room {number}", rerendering.has_room, run.resources, identity):
                break
            await run.pause(pause_s)
        names = await run.step("draw names", draw_names)
        await run.step("render", rerendering.render_again, run.resources, identity, names)
    finally:
        await asyncio.to_thread(rerendering.clear, run.resources, identity)


async def _wait_for_room(run: Run, recording_id: UUID) -> None:
    """A full disk is nobody's fault and mends itself when other jobs end: look again, for a day. Then begin regardless,
    which ends in a dead job that names the lack."""
    for number, pause_s in enumerate(ROOM_PAUSES_S):
        if await run.step(f"room {number}", sealing.has_room, run.resources, recording_id):
            return
        log.warning("waiting for room on the disk", recording=str(recording_id), again_in_s=pause_s)
        await run.pause(pause_s)


@workflow("recordings.sweep", cron="41 2 * * *", queue=Queue.LIGHT)
async def sweep(run: Run) -> None:
    """Uploads nobody has touched for two weeks are taken out of the store."""
    await run.step("idle uploads", sweeping.sweep_idle, run.resources)
    await run.step("uploads nobody knows", sweeping.sweep_unknown, run.resources)
    await run.step("orphans", sweeping.sweep_orphans, run.resources)
    await run.step("scratch", sweeping.sweep_scratch, run.resources)


@workflow("recordings.begin-again", cron="17 * * * *", queue=Queue.LIGHT)
async def begin_again(run: Run) -> None:
    """Recordings whose job died get another one."""
    await run.step("begin again", recovering.begin_again, run.resources)


@workflow(DISCARD)
async def discard(run: Run, keys: Sequence[str]) -> None:
    """Objects nothing refers to any more."""
    for key in keys:
        await run.step(f"discard {key}", run.resources.storage.delete, key)


async def draw_names() -> list[str]:
    return [token_hex(16) for _ in RenditionKind]


async def render(resources: Resources, recording_id: UUID, names: Sequence[str]) -> None:
    """Look into the file and make what others may see of it; or reject it with a sentence for people."""
    async with resources.database.reading() as session:
        recording = await queries.get_for_work(session, recording_id)
    if recording.state is not State.VERIFIED:
        return
    made = await _make(resources, recording)
    keys: dict[RenditionKind, str] = {}
    if isinstance(made, Made):
        for name, (kind, file) in zip(names, made.files, strict=False):
            keys[kind] = rendition_key(name, file.path.suffix)
            await resources.storage.upload(file.path, keys[kind], content_type=file.media_type)
    async with resources.database.writing() as session:
        recording = await queries.get_for_work(session, recording_id, lock=True)
        if recording.state is State.VERIFIED:
            _settle(session, recording, made, keys, now=resources.clock())


async def _make(resources: Resources, recording: Recording) -> Made | Rejection:
    if recording.medium is Kind.DOCUMENT:
        return Made(ServerQuality(0, black=False, silent=False, unusable=False), None, None, ())
    scratch = Scratch(resources.settings, recording.id)
    if not await asyncio.to_thread(_is_whole, scratch.original, recording.size_bytes):
        await sealing.fetch(resources, recording)  # verified on another machine, or before a crash
    try:
        if recording.medium is Kind.PHOTO:
            return _photo(await render_photo(scratch.original, scratch.renditions / "photo.jpg"))
        return await _recording(resources.database, recording, scratch)
    except UnreadableMedia as bad:
        return Rejection(bad.reason.value, bad.zh, bad.en)


async def _recording(database: Database, recording: Recording, scratch: Scratch) -> Made | Rejection:
    profile = profile_of(recording)
    async with telling_progress(database, recording.id) as progress:
        done = await process(
            scratch.original,
            scratch.renditions,
            profile,
            thresholds=Thresholds(picture_required=recording.medium is Kind.VIDEO),
            progress=progress,
            sha256=recording.sha256,
        )
    if recording.medium is Kind.AUDIO and done.report.facts.video is not None:
        return PICTURE_IN_SOUND  # where only sound may be recorded, that is no small difference (D10.5)
    return Made(quality_of(done.report), done.report, profile, files_of(done.renditions))


def quality_of(report: Report) -> ServerQuality:
    """What the leave gate wants to know of a report (D7.3: not silent, not black)."""
    failed = set(report.failed_checks)
    return ServerQuality(
        duration_ms=round(report.facts.duration_s * 1000),
        black=not failed.isdisjoint({CheckKind.COVERED, CheckKind.NO_PICTURE}),
        silent=not failed.isdisjoint({CheckKind.SILENT, CheckKind.NO_SOUND}),
        unusable=False,
    )


@asynccontextmanager
async def telling_progress(database: Database, recording_id: UUID) -> AsyncIterator[Listener]:
    """Keep the row's progress up to date while work goes on, without a write for every frame."""
    progress = _Progress()
    teller = asyncio.create_task(_tell(database, recording_id, progress))
    try:
        yield progress.reached
    finally:
        progress.over.set()
        await teller


class _Progress:
    def __init__(self) -> None:
        self.latest = 0.0
        self.over = asyncio.Event()

    def reached(self, share: float) -> None:
        self.latest = share * RENDERED


async def _tell(database: Database, recording_id: UUID, progress: _Progress) -> None:
    told = 0.0
    while not progress.over.is_set():
        if progress.latest > told:
            told = progress.latest
            async with database.writing() as session:
                recording = await queries.get_for_work(session, recording_id, lock=True)
                recording.progress = max(recording.progress, told)
        with suppress(TimeoutError):
            await asyncio.wait_for(progress.over.wait(), TELL_EVERY_S)


def _settle(
    session: AsyncSession,
    recording: Recording,
    made: Made | Rejection,
    keys: dict[RenditionKind, str],
    *,
    now: datetime,
) -> None:
    if isinstance(made, Rejection):
        sealing.reject(session, recording, made, now=now)
        return
    for kind, file in made.files:
        session.add(rendition_row(recording, kind, file, keys[kind], made.profile, now=now))
    if recording.medium is not Kind.DOCUMENT:
        report = None if made.report is None else json.loads(made.report.to_json())
        sealing.note_report(session, recording, made.quality, report, now=now)
    recording.progress, recording.settled_at = 1.0, now
    become(session, recording, State.PROCESSED, now=now)


def _photo(photo: Photo) -> Made:
    file = File(photo.path, "image/jpeg", photo.size_bytes, photo.sha256)
    quality = ServerQuality(0, black=False, silent=False, unusable=False)
    return Made(quality, None, None, ((RenditionKind.PHOTO, file),))


def _is_whole(path: Path, size_bytes: int) -> bool:
    return path.is_file() and path.stat().st_size == size_bytes
