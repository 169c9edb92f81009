"""Looking into a verified file: the report, what others may see of it, and what earlier one it repeats."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.database import Database
from app.kit.jobs import Resources
from app.recordings import likeness, queries, sealing
from app.recordings.likeness import Likeness
from app.recordings.making import Stored, files_of, profile_of, rendition_row, store, thresholds_of
from app.recordings.models import Recording
from app.recordings.rules import PICTURE_IN_SOUND, Kind, Rejection, RenditionKind, ServerQuality, State
from app.recordings.scratch import Scratch
from app.recordings.transitions import become
from media_pipeline import (
    Blur,
    CheckKind,
    Photo,
    RenderProfile,
    Report,
    UnreadableMedia,
    process,
    render_photo,
)
from media_pipeline import Rendition as File

TELL_EVERY_S = 1.0  # as often as a person looks
RENDERED = 0.98  # of the progress when only the sending to the store is left

Listener = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What a file gave: the verdict, the pipeline's report if it made one, and files to keep."""

    quality: ServerQuality
    report: Report | None
    profile: RenderProfile | None
    files: tuple[tuple[RenditionKind, File], ...]
    stream: File | None = None
    playlist: File | None = None
    hidden: tuple[Blur, ...] = ()


async def render(resources: Resources, recording_id: UUID, names: Sequence[str]) -> None:
    """Look into the file and make what others may see of it; or reject it with a sentence for people."""
    async with resources.database.reading() as session:
        recording = await queries.get_for_work(session, recording_id)
    if recording.state is not State.VERIFIED:
        return
    made = await _make(resources, recording)
    stored: Sequence[Stored] = ()
    if isinstance(made, Made):
        stored = await store(
            resources.storage,
            names,
            made.files,
            stream=made.stream,
            playlist=made.playlist,
            hidden=made.hidden,
        )
    found = await _repeats(resources.database, recording, made)
    async with resources.database.writing() as session:
        recording = await queries.get_for_work(session, recording_id, lock=True)
        if recording.state is State.VERIFIED:
            _settle(session, recording, made, stored, now=resources.clock())
            await likeness.keep(session, recording, found, now=resources.clock())


async def _repeats(database: Database, recording: Recording, made: Made | Rejection) -> Likeness:
    if isinstance(made, Rejection):
        return Likeness((), ())
    fingerprint = None if made.report is None else made.report.fingerprint
    return await likeness.look_for_earlier(
        database, recording, fingerprint, duration_ms=made.quality.duration_ms
    )


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
            thresholds=thresholds_of(recording),
            progress=progress,
            sha256=recording.sha256,
        )
    if recording.medium is Kind.AUDIO and done.report.facts.video is not None:
        return PICTURE_IN_SOUND  # where only sound may be recorded, that is no small difference (D10.5)
    return Made(
        quality_of(done.report),
        done.report,
        profile,
        files_of(done.renditions),
        done.renditions.stream,
        done.renditions.playlist,
        done.renditions.blurs,
    )


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
    stored: Sequence[Stored],
    *,
    now: datetime,
) -> None:
    if isinstance(made, Rejection):
        sealing.reject(session, recording, made, now=now)
        return
    for one in stored:
        session.add(rendition_row(recording, one, made.profile, now=now))
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
