"""The recordings of a visit: who may bring them, see them, play them (D8.6, D10.2, D10.6)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.kit.problems import Forbidden, NotFound
from app.kit.storage import Storage
from app.programmes.rules import RecordingMode
from app.recordings import declaring, muting, playback, quick, uploads
from app.recordings import queries as recordings
from app.recordings.models import QuickCheck, Recording
from app.recordings.playback import Playback
from app.recordings.problems import NotLawful, RenditionAwaited
from app.recordings.rules import PLAYABLE, Kind, RenditionKind
from app.recordings.schemas import PlayIn, RecordingIn
from app.recordings.schemas_quick import QuickCheckIn
from app.recordings.uploads import ARRIVED, Means
from app.visits import queries
from app.visits.models import ManifestEntry, Visit
from app.visits.problems import ManifestConflict, NotInCrew
from app.visits.rules import AFTER_SUBMISSION, ON_SITE, State
from app.visits.terms import terms_of
from app.visits.transitions import require_state
from media_pipeline import Thresholds

# Bytes may come late: after submission they are evidence still, and change no score (D8.6).
TAKES_RECORDINGS = tuple((ON_SITE | AFTER_SUBMISSION) - {State.FINAL})
# A photo or a paper is no recording of people talking; a breached norm needs at least that as evidence (D4.3).
LAWFUL: Mapping[RecordingMode, frozenset[Kind]] = {
    RecordingMode.NONE: frozenset({Kind.PHOTO, Kind.DOCUMENT}),
    RecordingMode.AUDIO: frozenset({Kind.PHOTO, Kind.DOCUMENT, Kind.AUDIO}),
    RecordingMode.VIDEO: frozenset(Kind),
}
BYTES_DUE_AFTER = timedelta(hours=24)  # the same day, on Wi-Fi (D7.3)


async def begin_upload(
    means: Means, actor: Actor, visit_id: UUID, body: RecordingIn, *, now: datetime
) -> Recording:
    """Declare a file of the visit and have the store wait for its parts. Sent again, it is the same recording.

    Raises `NotInCrew`, `WrongState`, `ManifestConflict`, and what `declare` raises.
    """
    async with means.database.writing() as session:
        visit = await queries.get_visit(session, actor, visit_id, now=now, lock=True)
        if actor.person_id not in {member.person_id for member in await queries.crew_of(session, visit)}:
            raise NotInCrew("Only the crew of the visit can bring its recordings.")
        require_state(visit, *TAKES_RECORDINGS, to="take recordings")
        await _require_as_declared(session, visit, body)
        recording = await declaring.declare(
            session,
            actor,
            visit_id=visit.id,
            body=body,
            lawful=LAWFUL[visit.recording_mode],
            limits=means.limits,
            rules=terms_of(visit).rules,
            now=now,
        )
    return await uploads.open_upload(means, actor, recording.id, now=now)


async def quick_check(
    means: Means, actor: Actor, visit_id: UUID, recording_id: UUID, body: QuickCheckIn, *, now: datetime
) -> QuickCheck:
    """Look at samples of a recording whose bytes may come later, so that one may know before leaving (D7.3).

    Raises `NotInCrew`, `WrongState`, `NotLawful`, `ManifestConflict`, and what `app.recordings.quick` raises.
    """
    async with means.database.reading() as session:
        visit = await queries.get_visit(session, actor, visit_id, now=now)
        if actor.person_id not in {member.person_id for member in await queries.crew_of(session, visit)}:
            raise NotInCrew("Only the crew of the visit can have its recordings checked.")
        require_state(visit, *TAKES_RECORDINGS, to="have recordings checked")
        lawful = LAWFUL[visit.recording_mode]
        if Kind(body.medium) not in lawful:
            raise NotLawful(f"At this visit no {body.medium} may be made.", lawful=sorted(lawful))
        entry = await queries.find_manifest_entry(session, recording_id)
        if entry is not None and (entry.visit_id, entry.sha256) != (visit.id, body.sha256):
            raise ManifestConflict(
                "The manifest declares another file under this id.", recording_id=str(recording_id)
            )
        known = await quick.find_check(
            session, actor, visit_id=visit.id, recording_id=recording_id, body=body
        )
    if known is not None:
        return known
    look = await quick.look(body, Thresholds.from_mapping(terms_of(visit).rules.checks.overrides()))
    return await quick.keep(
        means, actor, look, visit_id=visit_id, recording_id=recording_id, body=body, now=now
    )


async def play(
    session: AsyncSession,
    storage: Storage,
    actor: Actor,
    visit_id: UUID,
    *,
    recording_id: UUID,
    body: PlayIn,
    life: timedelta,
    now: datetime,
) -> Playback:
    """Open a player for the desk, or for an auditor with a purpose, who alone hears originals (D10.2)."""
    visit = await queries.get_visit(session, actor, visit_id, now=now)
    viewer = _who_may_play(actor, body.rendition)
    if not await queries.is_in_reach(session, viewer, visit, now=now):
        raise Forbidden(
            "Recordings are played by the desk; originals by auditors whose grant names the outlet."
        )
    found = await recordings.recordings_of_visit(session, visit.id)
    rendition = None
    if recording_id in {one.id for one in found} and body.rendition in PLAYABLE:
        await recordings.require_kept(session, recording_id, body.rendition)
        rendition = await recordings.find_rendition(session, recording_id, body.rendition)
    if rendition is None and await muting.awaited(session, {recording_id} & {one.id for one in found}):
        raise RenditionAwaited("It is being rendered anew. Nothing can be played of it before that.")
    if rendition is None:
        raise NotFound(f"The visit has no {body.rendition} rendition of a recording with this id.")
    return await playback.open_playback(
        session, storage, actor, rendition, purpose=body.purpose, life=life, now=now
    )


async def is_the_desk(session: AsyncSession, actor: Actor, visit: Visit, *, now: datetime) -> bool:
    """Whether the actor is in charge of the outlet, or audits it; having been there does not count."""
    return await queries.is_in_reach(session, _who_may_play(actor, RenditionKind.OUTLET), visit, now=now)


async def get_for_the_desk(session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime) -> Visit:
    """Raises `NotFound`, and `Forbidden` for the crew."""
    visit = await queries.get_visit(session, actor, visit_id, now=now)
    if not await is_the_desk(session, actor, visit, now=now):
        raise Forbidden("This is for the desk that is in charge of the outlet, and for auditors.")
    return visit


async def missing_evidence(
    session: AsyncSession, visit: Visit
) -> list[tuple[ManifestEntry, Recording | None]]:
    """Declared files whose bytes have not arrived as declared, with the upload that is under way, if any (D7.3)."""
    there = {one.id: one for one in await recordings.recordings_of_visit(session, visit.id)}
    return [
        (entry, there.get(entry.recording_id))
        for entry in await queries.manifest_of(session, visit)
        if not _has_arrived(entry, there.get(entry.recording_id))
    ]


def _has_arrived(entry: ManifestEntry, recording: Recording | None) -> bool:
    if recording is None or recording.state not in ARRIVED or recording.rejected_code is not None:
        return False
    return (recording.size_bytes, recording.sha256) == (entry.size_bytes, entry.sha256)


def _who_may_play(actor: Actor, kind: RenditionKind) -> Actor:
    """The actor with no more roles than give a right to play this."""
    if kind is RenditionKind.ORIGINAL:
        return actor.without(*(role for role in Role if role is not Role.AUDITOR))
    return actor.without(Role.INSPECTOR, Role.OUTLET_MANAGER)


async def _require_as_declared(session: AsyncSession, visit: Visit, body: RecordingIn) -> None:
    entry = await queries.find_manifest_entry(session, body.id)
    if entry is None:
        return
    told = (entry.visit_id, entry.medium.value, entry.size_bytes, entry.sha256)
    if told != (visit.id, body.medium.value, body.size_bytes, body.sha256):
        raise ManifestConflict(
            "The manifest declares another file under this id: its visit, medium, size and SHA-256 must be the same.",
            recording_id=str(body.id),
        )
