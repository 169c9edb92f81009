"""HTTP for the recordings of a visit: bring one, see how they are, play one."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.identity.dependencies import ONCE, Caller, TheSettings
from app.kit.paging import Key, Page, PageRequest, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound, Unavailable
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router
from app.kit.wire import Id
from app.recordings import views as recording_views
from app.recordings.models import Recording
from app.recordings.problems import (
    EvidenceDeleted,
    NotLawful,
    PersonFull,
    QuickCheckConflict,
    RecordingConflict,
    RecordingTooLarge,
    RenditionAwaited,
    SamplesUnfit,
    SamplesUnreadable,
    TooManyQuickChecks,
    TypeRefused,
    VisitFull,
)
from app.recordings.routes import TheMeans
from app.recordings.schemas import PlaybackOut, PlayIn, RecordingIn, RecordingOut
from app.recordings.schemas_quick import QuickCheckIn, QuickCheckOut
from app.visits import (
    evidence,
    queries,
    queries_evidence,
    reconciling,
    views_recordings,
    views_timeline,
)
from app.visits.models import ManifestEntry
from app.visits.problems import AlreadyExcused, ManifestConflict, NotInCrew, NotMissing, WrongState
from app.visits.schemas import ReasonIn
from app.visits.schemas_recordings import (
    EvidenceOut,
    ExcuseOut,
    FailedFileOut,
    MissingFileOut,
    RejectedFileOut,
)
from app.visits.schemas_timeline import TimelineOut

router = feature_router("recordings", prefix="/visits/{visit_id}/recordings")
over_visits = feature_router("recordings")


class MissingFilter(PageRequest):
    """What the list is narrowed to."""

    visit_id: Id | None = None
    overdue: bool = Field(False, description="only what should be there already")


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
        PersonFull,
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
    to_the_desk = await evidence.is_the_desk(session, caller, visit, now=now)
    return await views_recordings.evidence(session, visit, to_the_desk=to_the_desk)


@over_visits.get("/visits/{visit_id}/timeline", responses=documented(NotFound, Forbidden))
async def show_timeline(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> TimelineOut:
    """Every device and segment from entry to exit: roles, gaps, coverage, and what does not fit. For the desk."""
    visit = await evidence.get_for_the_desk(session, caller, visit_id, now=now)
    return await views_timeline.timeline(session, visit)


@over_visits.get("/missing-evidence")
async def list_missing_evidence(
    wanted: Annotated[MissingFilter, Query()], session: Reading, caller: Caller, now: Now
) -> Page[MissingFileOut]:
    """Declared files that are not processed, the oldest first: of the visits in charge, or of the own (D7.3).

    A file leaves the list when it is processed, or when the desk has excused it. Nothing else takes it off.
    """
    rows = queries.missing_files(caller, now=now)
    if wanted.visit_id is not None:
        rows = rows.where(ManifestEntry.visit_id == wanted.visit_id)
    if wanted.overdue:
        rows = rows.where(ManifestEntry.declared_at < now - evidence.BYTES_DUE_AFTER)
    order = [Key(ManifestEntry.declared_at), Key(ManifestEntry.recording_id)]
    found = await paginate(session, rows, wanted, by=order)
    return found.page(await views_recordings.missing_files(session, found.rows, now=now))


@over_visits.get("/rejected-recordings")
async def list_rejected_recordings(
    session: Reading, caller: Caller, paging: Paging, now: Now
) -> Page[RejectedFileOut]:
    """Files that arrived and cannot be used, the latest first, each with the reason.

    The bytes are kept. An auditor fetches them as the `original` of the recording, with a stated purpose (D10.2).
    """
    order = [Key(Recording.created_at, descending=True), Key(Recording.id)]
    found = await paginate(session, queries.rejected_files(caller, now=now), paging, by=order)
    return found.page([views_recordings.rejected_file(row) for row in found.rows])


@over_visits.get("/failed-checks")
async def list_failed_checks(
    session: Reading, caller: Caller, paging: Paging, now: Now
) -> Page[FailedFileOut]:
    """Files that arrived and prove little: rejected, or found black, silent or unusable; the latest first (D7.3).

    Of visits under way, in review or approved. A file leaves the list when the desk excuses it, or its visit is over.
    """
    order = [Key(Recording.created_at, descending=True), Key(Recording.id)]
    found = await paginate(session, queries_evidence.failed_files(caller, now=now), paging, by=order)
    return found.page(await views_recordings.failed_files(session, found.rows))


@router.post(
    "/{recording_id}/excuse",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, NotInCrew, NotMissing, AlreadyExcused),
)
async def excuse_missing_file(
    visit_id: UUID, recording_id: UUID, body: ReasonIn, session: Session, caller: Caller, now: Now
) -> ExcuseOut:
    """Decide, with a reason, that a declared file need not come any more."""
    made = await reconciling.excuse(session, caller, visit_id, recording_id, body.reason, now=now)
    return ExcuseOut.model_validate(made)


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
    responses=documented(NotFound, Forbidden, RenditionAwaited, EvidenceDeleted),
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
