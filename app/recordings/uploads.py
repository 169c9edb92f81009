"""Uploads: declare, send parts straight to the store, complete, or think better of it (D11).

The store is slow and may fail, so it is never asked inside a transaction: each use case is a few short ones around
its calls, and any of them may be repeated. What the store says about parts counts; no table remembers them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.database import Database
from app.kit.jobs import Queue, enqueue
from app.kit.problems import Unavailable
from app.kit.sentences import counted
from app.kit.storage import (
    NoSuchUpload,
    Part,
    SignedRequest,
    Storage,
    StorageRefused,
    StorageUnavailable,
    predicted_etag,
)
from app.recordings import queries
from app.recordings.declaring import draw_attempt
from app.recordings.models import Recording
from app.recordings.problems import (
    AlreadyStored,
    NotAPart,
    PartsMissing,
    UploadLost,
    UploadNotOpen,
    UploadUnfinished,
)
from app.recordings.rules import Kind, State, accepts_parts, sealed_key, urgency
from app.recordings.transitions import become
from app.recordings.upload_rules import Found, UploadLimits, is_the_upload
from app.settings import Settings

PROCESS = "recordings.process"
ARRIVED = frozenset({State.STORED, State.VERIFIED, State.PROCESSED, State.REJECTED})


@dataclass(frozen=True, slots=True)
class Means:
    """What uploading needs of the process."""

    database: Database
    storage: Storage
    settings: Settings

    @property
    def limits(self) -> UploadLimits:
        return UploadLimits(
            self.settings.max_recording_bytes,
            self.settings.max_visit_bytes,
            self.settings.max_person_day_bytes,
        )


async def open_upload(means: Means, actor: Actor, recording_id: UUID, *, now: datetime) -> Recording:
    """Make sure that the store waits for parts of a declared recording. One that has arrived is given as it is."""
    async with means.database.reading() as session:
        recording = await queries.get_own(session, actor, recording_id)
    if recording.state is State.UPLOADING and not await _is_pending(means.storage, recording):
        recording = await _forget_upload(means, actor, recording, now=now)
    if recording.state is not State.CREATED:
        return recording
    upload_id = await means.storage.create_multipart(
        recording.staging_key, token=recording.token, content_type=recording.content_type
    )
    async with means.database.writing() as session:
        current = await queries.get_own(session, actor, recording_id, lock=True)
        is_ours = current.state is State.CREATED and current.token == recording.token
        if is_ours:
            current.upload_id, current.touched_at = upload_id, now
            become(session, current, State.UPLOADING, now=now)
    if not is_ours:  # the same request, sent twice at once
        await means.storage.abort_multipart(recording.staging_key, upload_id)
    return current


async def sign_parts(
    means: Means, actor: Actor, recording_id: UUID, md5_by_number: Mapping[int, str], *, now: datetime
) -> tuple[Recording, dict[int, SignedRequest]]:
    """A request for each part, good for the content with that MD5 only.

    Raises `UploadNotOpen` and `NotAPart`.
    """
    async with means.database.writing() as session:
        recording = await queries.get_own(session, actor, recording_id, lock=True)
        upload_id = _require_open(recording)
        foreign = recording.plan.foreign(md5_by_number)
        if foreign:
            raise NotAPart(f"The file has parts 1 to {recording.plan.count}.", numbers=foreign)
        recording.touched_at = now
    life = timedelta(minutes=means.settings.part_link_minutes)
    signed = await means.storage.sign_parts(
        recording.staging_key, upload_id, md5_by_number=md5_by_number, expires_in=life
    )
    return recording, signed


async def list_parts(means: Means, actor: Actor, recording_id: UUID) -> tuple[Recording, Sequence[Part]]:
    """What the store holds of a pending upload: all a phone needs to go on that has forgotten everything else.

    Raises `UploadLost`.
    """
    async with means.database.reading() as session:
        recording = await queries.get_own(session, actor, recording_id)
    if recording.upload_id is None or recording.state in ARRIVED:
        return recording, ()
    try:
        return recording, await means.storage.list_parts(recording.staging_key, recording.upload_id)
    except NoSuchUpload as error:
        if await is_there(means.storage, recording):  # completed, and the answer was lost
            return recording, ()
        raise UploadLost from error


async def complete(means: Means, actor: Actor, recording_id: UUID, *, now: datetime) -> Recording:
    """Have the store make the object, and see that it did. May be asked again at any time.

    Raises `PartsMissing`, `UploadLost`, `UploadNotOpen`, `UploadUnfinished`, and `Unavailable` when the store's
    answer is not known yet.
    """
    async with means.database.reading() as session:
        recording = await queries.get_own(session, actor, recording_id)
    if recording.state in ARRIVED:
        return recording
    if await is_there(means.storage, recording):
        return await _keep_stored(means, actor, recording, now=now)
    parts = await _all_parts(means, recording)
    if parts is None:
        return await _find_or_forget(means, actor, recording, now=now)
    recording = await _begin_completing(means, actor, recording, parts, now=now)
    failure = await _make_object(means.storage, recording, parts)
    if await is_there(means.storage, recording):
        return await _keep_stored(means, actor, recording, now=now)
    if isinstance(failure, StorageUnavailable):
        raise Unavailable("The object store did not answer: complete again in a moment.") from failure
    await _go_back_to_uploading(means, actor, recording.id, now=now)
    raise UploadUnfinished from failure


async def abort(means: Means, actor: Actor, recording_id: UUID, *, now: datetime) -> None:
    """Forget the parts of a recording that has not arrived. Raises `AlreadyStored`."""
    async with means.database.writing() as session:
        recording = await queries.get_own(session, actor, recording_id, lock=True)
        if recording.state in ARRIVED:
            raise AlreadyStored
        key, upload_id = recording.staging_key, recording.upload_id
        recording.aborted_at = now
        draw_attempt(session, recording, now=now)
    if upload_id is not None:
        await means.storage.abort_multipart(key, upload_id)
        await means.storage.delete(key)  # of a completion whose answer was lost


async def keep_stored(session: AsyncSession, recording: Recording, *, now: datetime) -> None:
    """The object is there: note it, and have it worked on, in one transaction. Once is enough."""
    if recording.state in ARRIVED:
        return
    recording.stored_at, recording.touched_at = now, now
    recording.sealed_key = sealed_key(token_hex(16))
    become(session, recording, State.STORED, now=now)
    await have_worked(session, recording)


async def have_worked(session: AsyncSession, recording: Recording) -> None:
    """Enqueue the work on a file that has arrived; once for each of its tries."""
    queue = Queue.HEAVY if recording.medium in {Kind.VIDEO, Kind.AUDIO} else Queue.LIGHT
    await enqueue(
        session,
        PROCESS,
        str(recording.id),
        workflow_id=job_of(recording),
        queue=queue,
        priority=urgency(recording.medium, recording.size_bytes),
    )


def job_of(recording: Recording) -> str:
    """The id of the latest job that works on it."""
    first = f"{PROCESS}:{recording.id}"
    return f"{first}:{recording.tries}" if recording.tries else first


async def is_there(storage: Storage, recording: Recording) -> bool:
    """Whether the store holds the object made of this very upload's parts."""
    if recording.expected_etag is None:
        return False
    head = await storage.head(recording.staging_key)
    found = None if head is None else Found(head.size_bytes, head.etag, head.token)
    return is_the_upload(
        found, token=recording.token, size_bytes=recording.size_bytes, etag=recording.expected_etag
    )


def _require_open(recording: Recording) -> str:
    if not accepts_parts(recording.state) or recording.upload_id is None:
        raise UploadNotOpen(f"The recording is {recording.state}.", state=str(recording.state))
    return recording.upload_id


async def _is_pending(storage: Storage, recording: Recording) -> bool:
    try:
        await storage.list_parts(recording.staging_key, recording.upload_id or "")
    except NoSuchUpload:
        return await is_there(storage, recording)
    return True


async def _forget_upload(means: Means, actor: Actor, recording: Recording, *, now: datetime) -> Recording:
    async with means.database.writing() as session:
        current = await queries.get_own(session, actor, recording.id, lock=True)
        if current.state not in ARRIVED and current.upload_id == recording.upload_id:
            draw_attempt(session, current, now=now)
            current.touched_at = now
    return current


async def _all_parts(means: Means, recording: Recording) -> Sequence[Part] | None:
    """`None` when the store knows no such upload: it was completed just now, or it is lost."""
    if recording.upload_id is None:
        raise UploadNotOpen("No upload was begun: declare the recording again.", state=str(recording.state))
    try:
        parts = await means.storage.list_parts(recording.staging_key, recording.upload_id)
    except NoSuchUpload:
        return None
    unfinished = recording.plan.unfinished({part.number: part.size_bytes for part in parts})
    if unfinished:
        raise PartsMissing(
            f"{counted(len(unfinished), 'part is', 'parts are')} missing.", unfinished=unfinished
        )
    return [part for part in parts if part.number in recording.plan.numbers]


async def _find_or_forget(means: Means, actor: Actor, recording: Recording, *, now: datetime) -> Recording:
    """Another request may have completed the upload between our look at the row and that at the store."""
    async with means.database.reading() as session:
        current = await queries.get_own(session, actor, recording.id)
    if current.state in ARRIVED:
        return current
    if await is_there(means.storage, current):
        return await _keep_stored(means, actor, current, now=now)
    await _forget_upload(means, actor, recording, now=now)
    raise UploadLost


async def _begin_completing(
    means: Means, actor: Actor, recording: Recording, parts: Sequence[Part], *, now: datetime
) -> Recording:
    async with means.database.writing() as session:
        current = await queries.get_own(session, actor, recording.id, lock=True)
        if current.state not in ARRIVED:
            if current.upload_id != recording.upload_id:
                raise UploadNotOpen("The upload was begun anew meanwhile.", state=str(current.state))
            current.touched_at = now
            current.expected_etag = predicted_etag(part.etag for part in parts)
            become(session, current, State.COMPLETING, now=now)
    return current


async def _make_object(storage: Storage, recording: Recording, parts: Sequence[Part]) -> Exception | None:
    """The failure as a value: the object may be there all the same."""
    try:
        await storage.complete_multipart(recording.staging_key, recording.upload_id or "", parts=parts)
    except (StorageUnavailable, StorageRefused) as error:
        return error
    return None


async def _go_back_to_uploading(means: Means, actor: Actor, recording_id: UUID, *, now: datetime) -> None:
    async with means.database.writing() as session:
        current = await queries.get_own(session, actor, recording_id, lock=True)
        if current.state is State.COMPLETING:
            become(session, current, State.UPLOADING, now=now)


async def _keep_stored(means: Means, actor: Actor, seen: Recording, *, now: datetime) -> Recording:
    async with means.database.writing() as session:
        recording = await queries.get_own(session, actor, seen.id, lock=True)
        if recording.state not in ARRIVED and recording.token != seen.token:
            raise UploadNotOpen("The upload was begun anew meanwhile.", state=str(recording.state))
        await keep_stored(session, recording, now=now)
    return recording
