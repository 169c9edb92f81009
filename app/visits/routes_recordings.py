"""HTTP for the recordings of a visit: bring one, see how they are, play one."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from app.identity.dependencies import ONCE, Caller, TheSettings
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound, Unavailable
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router
from app.recordings import views as recording_views
from app.recordings.problems import (
    NotLawful,
    QuickCheckConflict,
    RecordingConflict,
    RecordingTooLarge,
    SamplesUnfit,
    SamplesUnreadable,
    TooManyQuickChecks,
    TypeRefused,
    VisitFull,
)
from app.recordings.routes import TheMeans
from app.recordings.schemas import PlaybackOut, PlayIn, RecordingIn, RecordingOut
from app.recordings.schemas_quick import QuickCheckIn, QuickCheckOut
from app.visits import evidence, queries, views_recordings
from app.visits.problems import ManifestConflict, NotInCrew, WrongState
from app.visits.schemas_recordings import EvidenceOut

router = feature_router("recordings", prefix="/visits/{visit_id}/recordings")


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=documented(
        NotFound,
        NotInCrew,
        WrongState,
        ManifestConflict,
        RecordingConflict,
        NotLawful,
        TypeRefused,
        RecordingTooLarge,
        VisitFull,
    ),
)
async def begin_upload(
    visit_id: UUID, body: RecordingIn, means: TheMeans, caller: Caller, now: Now
) -> RecordingOut:
    """Declare a file and have the store wait for its parts. The id makes this safe to send again (D11)."""
    return recording_views.recording(await evidence.begin_upload(means, caller, visit_id, body, now=now))


@router.get("", responses=documented(NotFound))
async def list_recordings(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> EvidenceOut:
    """Every file with what was found in it, and every declared one that has not arrived."""
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return await views_recordings.evidence(session, visit)


@router.post(
    "/{recording_id}/quick-checks",
    status_code=HTTPStatus.CREATED,
    responses=documented(
        NotFound,
        NotInCrew,
        WrongState,
        ManifestConflict,
        NotLawful,
        SamplesUnfit,
        SamplesUnreadable,
        QuickCheckConflict,
        TooManyQuickChecks,
        Unavailable,
    ),
)
async def quick_check(
    visit_id: UUID, recording_id: UUID, body: QuickCheckIn, means: TheMeans, caller: Caller, now: Now
) -> QuickCheckOut:
    """Before leaving: have samples of a recording looked at, which takes a second or two (D7.3).

    The gate takes the answer where the device did not check, and beside the device's word where it did. The id makes
    this safe to send again (D11).
    """
    check = await evidence.quick_check(means, caller, visit_id, recording_id, body, now=now)
    return recording_views.quick_check(check)


@router.post(
    "/{recording_id}/play",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden),
)
async def play(
    visit_id: UUID,
    recording_id: UUID,
    body: PlayIn,
    session: Session,
    storage: TheStorage,
    settings: TheSettings,
    caller: Caller,
    now: Now,
) -> PlaybackOut:
    """Open a player. It is in the ledger from now on, and so is every second it tells of (D10.3)."""
    life = timedelta(seconds=settings.play_link_seconds)
    opened = await evidence.play(
        session, storage, caller, visit_id, recording_id=recording_id, body=body, life=life, now=now
    )
    return recording_views.playback(opened)
