"""Stretches of sound that nobody at the outlet may hear (D10.2): marked by people, versioned, and never shown again.

A mark takes back what was made of the recording at once, in the marker's own transaction: until the new renditions are
made there are none. The rows of the old ones stay, so that the ledger can say who could hear what, and when; their bytes
go, and with them every link that is still alive. The original and the row's profile give the same bytes again.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.ids import new_id
from app.kit.jobs import Queue, enqueue
from app.kit.problems import NotFound, Stale
from app.recordings import queries
from app.recordings.making import Marks, told
from app.recordings.models import FacesConfirmed, MuteRevision, Recording, Rendition
from app.recordings.playback import DISCARD, keys_of
from app.recordings.problems import MutesUnfit, NotMutable, RenditionAwaited
from app.recordings.rules import Kind, RenditionKind, State, urgency
from media_pipeline import Blur, Interval
from media_pipeline.timeline import merged

RENDER_AGAIN = "recordings.render-again"
HEARD = frozenset({Kind.VIDEO, Kind.AUDIO})
MADE = frozenset(RenditionKind) - {RenditionKind.ORIGINAL}


async def mark(
    session: AsyncSession,
    actor: Actor,
    recording_id: UUID,
    marks: Marks,
    *,
    reason: str,
    expected: int,
    now: datetime,
) -> MuteRevision:
    """Say all that is to be muted and hidden, instead of what was said before, and have it rendered; nothing unmarks.

    The caller has found out who may. Raises `NotMutable`, `EvidenceDeleted`, `MutesUnfit`, and `Stale` unless `expected` is the number of
    the marks as they stand (0 before the first), so that nobody takes back a mark they have not seen.
    """
    recording = await queries.get_for_work(session, recording_id, lock=True)
    if recording.medium not in HEARD or recording.state is not State.PROCESSED:
        raise NotMutable(
            "Only sound and film that were looked into can be muted.", state=recording.state.value
        )
    await queries.require_kept(session, recording_id, RenditionKind.ORIGINAL)  # from which it is rendered
    current = await queries.find_mutes(session, recording_id)
    number = 0 if current is None else current.number
    if expected != number:
        raise Stale(f"You edit marks {expected}, the current ones are {number}.", current_version=number)
    wanted = merged(marks.mute)
    if marks.blurs and recording.medium is not Kind.VIDEO:
        raise NotMutable("There is no picture in sound.", state=recording.state.value)
    await _require_within(session, recording, [*wanted, *(blur.during for blur in marks.blurs)])
    revision = MuteRevision(
        id=new_id(),
        organisation_id=recording.organisation_id,
        recording_id=recording.id,
        number=number + 1,
        mute=[{"start_ms": piece.start_ms, "end_ms": piece.end_ms} for piece in wanted],
        blur=[told(blur) for blur in marks.blurs],
        blur_faces=marks.blur_faces,
        reason=reason,
        made_by=actor.person_id,
        made_at=now,
        tries=0,
    )
    session.add(revision)
    await retire(session, recording.id, now=now)
    await have_rendered(session, recording, revision)
    await session.flush()
    return revision


async def have_rendered(session: AsyncSession, recording: Recording, revision: MuteRevision) -> None:
    """Enqueue the rendering that these marks ask for; once for each of its tries."""
    await enqueue(
        session,
        RENDER_AGAIN,
        str(revision.id),
        workflow_id=job_of(revision),
        queue=Queue.HEAVY,
        priority=urgency(recording.medium, recording.size_bytes),
    )


def job_of(revision: MuteRevision) -> str:
    """The id of the latest job that renders them."""
    first = f"{RENDER_AGAIN}:{revision.id}"
    return f"{first}:{revision.tries}" if revision.tries else first


async def retire(session: AsyncSession, recording_id: UUID, *, now: datetime) -> None:
    """Nobody is given the renditions of a recording any more. Their rows stay, their bytes go."""
    made = (await queries.renditions_of(session, [recording_id], kinds=MADE))[recording_id].values()
    keys: list[JsonValue] = [key for rendition in made for key in keys_of(rendition)]
    for rendition in made:
        rendition.replaced_at = now
    if keys:
        await enqueue(session, DISCARD, keys)
    await session.flush()


async def awaited(session: AsyncSession, recording_ids: Collection[UUID]) -> set[UUID]:
    """Those of the recordings whose marks are newer than their renditions: nothing of them may be shown yet."""
    mutes = await queries.mutes_of(session, recording_ids)
    made = await queries.renditions_of(session, list(mutes), kinds=[RenditionKind.OUTLET])
    return {
        recording_id
        for recording_id, revision in mutes.items()
        if not any(one.mute_number == revision.number for one in made[recording_id].values())
    }


async def get_playable(session: AsyncSession, recording_id: UUID, kind: RenditionKind) -> Rendition:
    """What may be played of the recording now.

    Raises `EvidenceDeleted` for what retention ended (D10.4), `RenditionAwaited` while what was muted is rendered again,
    and `NotFound` for what was never made.
    """
    await queries.require_kept(session, recording_id, kind)
    rendition = await queries.find_rendition(session, recording_id, kind)
    if rendition is None and await awaited(session, [recording_id]):
        raise RenditionAwaited("The file can be played again soon.")
    if rendition is None:
        raise NotFound("The file is not there.")
    return rendition


async def faces_to_confirm(session: AsyncSession, recording_ids: Collection[UUID]) -> set[UUID]:
    """Those of the recordings whose rendition hides faces that were found, and that no person has looked through."""
    made = await queries.renditions_of(session, list(recording_ids), kinds=[RenditionKind.OUTLET])
    of_faces = {
        one.id: recording_id
        for recording_id, by_kind in made.items()
        for one in by_kind.values()
        if one.profile.get("blur_faces") and one.content_type.startswith("video/")
    }
    looked_through = await queries.confirmed_among(session, of_faces)
    return {recording_id for one, recording_id in of_faces.items() if one not in looked_through}


async def confirm_faces(session: AsyncSession, actor: Actor, recording_id: UUID, *, now: datetime) -> None:
    """Say that the faces are hidden where they must be. What was missed is marked by rectangles first.

    Done again, it changes nothing. Raises `RenditionAwaited` while there is nothing to look at.
    """
    recording = await queries.get_for_work(session, recording_id, lock=True)
    rendition = await get_playable(session, recording_id, RenditionKind.OUTLET)
    if recording_id not in await faces_to_confirm(session, [recording_id]):
        return
    session.add(
        FacesConfirmed(
            rendition_id=rendition.id,
            organisation_id=recording.organisation_id,
            confirmed_by=actor.person_id,
            confirmed_at=now,
        )
    )
    await session.flush()


def marks_of(revision: MuteRevision) -> Marks:
    return Marks(
        mute=tuple(Interval(piece["start_ms"], piece["end_ms"]) for piece in revision.mute),
        blurs=tuple(_blur(piece) for piece in revision.blur),
        blur_faces=revision.blur_faces,
    )


def _blur(piece: Mapping[str, Any]) -> Blur:
    during = Interval(piece["start_ms"], piece["end_ms"])
    return Blur(during, piece["left"], piece["top"], piece["width"], piece["height"])


async def _require_within(session: AsyncSession, recording: Recording, wanted: Sequence[Interval]) -> None:
    """A stretch behind the end is a slip (seconds for milliseconds, another file): nothing would be muted by it."""
    report = (await queries.reports_of(session, [recording.id])).get(recording.id)
    if report is not None and any(piece.start_ms >= report.duration_ms for piece in wanted):
        raise MutesUnfit(
            f"The recording is over after {report.duration_ms} ms.", duration_ms=report.duration_ms
        )
