"""HTTP for those who upload, and for those whose player is open. A recording begins under its visit."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from fastapi.responses import PlainTextResponse

from app.identity.dependencies import ONCE, Caller, TheDatabase, TheSettings
from app.kit.problem_responses import documented
from app.kit.problems import NotFound
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router
from app.recordings import playback, queries, uploads, views
from app.recordings.problems import (
    AlreadyStored,
    NotAPart,
    NotStreamed,
    PartsMissing,
    PlaybackClosed,
    RenditionAwaited,
    SecondsOutOfOrder,
    UploadLost,
    UploadNotOpen,
    UploadUnfinished,
)
from app.recordings.schemas import HeartbeatIn, PartsIn, PartsOut, PlaybackOut, RecordingOut, SignedPartsOut
from app.recordings.uploads import Means

router = feature_router("recordings")


class Playlist(PlainTextResponse):
    media_type = "application/vnd.apple.mpegurl"


async def the_means(database: TheDatabase, storage: TheStorage, settings: TheSettings) -> Means:
    return Means(database, storage, settings)


TheMeans = Annotated[Means, Depends(the_means)]


@router.get("/recordings/{recording_id}", responses=documented(NotFound))
async def show_recording(recording_id: UUID, session: Reading, caller: Caller) -> RecordingOut:
    """How far it is, and whether the phone may free its copy."""
    return views.recording(await queries.get_own(session, caller, recording_id))


@router.post("/recordings/{recording_id}/parts", responses=documented(NotFound, UploadNotOpen, NotAPart))
async def sign_parts(
    recording_id: UUID, body: PartsIn, means: TheMeans, caller: Caller, now: Now
) -> SignedPartsOut:
    """Requests for parts, each good for the content with that MD5 only. Ask again when one has expired."""
    wanted = {part.number: part.md5 for part in body.parts}
    recording, requests = await uploads.sign_parts(means, caller, recording_id, wanted, now=now)
    life = timedelta(minutes=means.settings.part_link_minutes)
    return views.signed_parts(recording, requests, expires_at=now + life)


@router.get("/recordings/{recording_id}/parts", responses=documented(NotFound, UploadLost))
async def list_parts(recording_id: UUID, means: TheMeans, caller: Caller) -> PartsOut:
    """What has arrived, and what has not: with the file at hand, all a phone needs to go on."""
    recording, there = await uploads.list_parts(means, caller, recording_id)
    return views.parts(recording, there)


@router.post(
    "/recordings/{recording_id}/complete",
    responses=documented(NotFound, PartsMissing, UploadLost, UploadNotOpen, UploadUnfinished),
)
async def complete(recording_id: UUID, means: TheMeans, caller: Caller, now: Now) -> RecordingOut:
    """All parts are sent. Ask again after a lost answer: it is done once."""
    return views.recording(await uploads.complete(means, caller, recording_id, now=now))


@router.delete(
    "/recordings/{recording_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(NotFound, AlreadyStored),
)
async def abort_upload(recording_id: UUID, means: TheMeans, caller: Caller, now: Now) -> None:
    """Think better of an upload that has not arrived; declaring it again begins anew."""
    await uploads.abort(means, caller, recording_id, now=now)


@router.post(
    "/playbacks/{playback_id}/heartbeat",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=ONCE,
    responses=documented(NotFound, PlaybackClosed, SecondsOutOfOrder),
)
async def heartbeat(playback_id: UUID, body: HeartbeatIn, session: Session, caller: Caller, now: Now) -> None:
    """Which seconds were played: every few seconds while playing, and once more at the end (D10.3)."""
    await playback.heartbeat(
        session,
        caller,
        playback_id,
        from_ms=body.from_ms,
        to_ms=body.to_ms,
        ended=body.ended,
        now=now,
    )


@router.get(
    "/playbacks/{playback_id}/playlist",
    response_class=Playlist,
    responses=documented(NotFound, PlaybackClosed, RenditionAwaited, NotStreamed),
)
async def show_playlist(
    playback_id: UUID,
    session: Session,
    storage: TheStorage,
    settings: TheSettings,
    caller: Caller,
    now: Now,
) -> Playlist:
    """HLS for a long recording: one fresh link for this request, and the ranges of bytes that are its seconds."""
    life = timedelta(seconds=settings.play_link_seconds)
    return Playlist(await playback.playlist(session, storage, caller, playback_id, life=life, now=now))


@router.post(
    "/playbacks/{playback_id}/renew",
    dependencies=ONCE,
    responses=documented(NotFound, PlaybackClosed, RenditionAwaited),
)
async def renew(
    playback_id: UUID,
    session: Session,
    storage: TheStorage,
    settings: TheSettings,
    caller: Caller,
    now: Now,
) -> PlaybackOut:
    """Fresh links before the old ones expire; the player goes on where it was."""
    life = timedelta(seconds=settings.play_link_seconds)
    return views.playback(await playback.renew(session, storage, caller, playback_id, life=life, now=now))
