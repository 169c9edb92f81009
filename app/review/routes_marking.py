"""HTTP for second markings: given out at the desk, done blind (D8.1)."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from app.identity.dependencies import ONCE, Caller, TheSettings
from app.kit.paging import Key, Page, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router
from app.recordings import views as recording_views
from app.recordings.problems import EvidenceDeleted, RenditionAwaited
from app.recordings.schemas import PlaybackOut
from app.review import assigning, queries_marking, second_marking, views_marking
from app.review.casework import gather
from app.review.models import MarkingTask
from app.review.problems import (
    MarkerUnfit,
    MarkingDone,
    MarkingIncomplete,
    MarkingNotAwaited,
    OwnVisit,
    SecondMarker,
)
from app.review.schemas_marking import (
    AssignIn,
    CandidateOut,
    MarkingFilter,
    MarkingSheetOut,
    MarkingTaskOut,
    SecondAnswersIn,
    SecondMarkingOut,
)
from app.visits.problems import AnswersRefused, WrongState
from app.visits.schemas import ReasonIn

router = feature_router("second marking")
DESK = (NotFound, Forbidden, OwnVisit, SecondMarker, WrongState)
MarkingId = Annotated[UUID, Path(description="of one of your second markings")]


@router.get("/visits/{visit_id}/second-marking/candidates", responses=documented(*DESK))
async def list_candidates(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> list[CandidateOut]:
    """Who may mark the visit a second time: of the desk, not of the crew, and without a part in the review."""
    found = await assigning.candidates(session, caller, visit_id, now=now)
    return [CandidateOut.model_validate(one) for one in found]


@router.post(
    "/visits/{visit_id}/second-marking/assign",
    dependencies=ONCE,
    responses=documented(*DESK, MarkerUnfit, MarkingDone),
)
async def assign(
    visit_id: UUID, body: AssignIn, session: Session, caller: Caller, now: Now
) -> MarkingTaskOut:
    """Give it to somebody, or to somebody else. The visit is hidden from them until they have handed in."""
    task = await assigning.assign(session, caller, visit_id, body.marker_id, now=now)
    return (await views_marking.tasks(session, [task]))[0]


@router.post(
    "/visits/{visit_id}/second-marking/excuse",
    dependencies=ONCE,
    responses=documented(*DESK, MarkingNotAwaited),
)
async def excuse(
    visit_id: UUID, body: ReasonIn, session: Session, caller: Caller, now: Now
) -> SecondMarkingOut:
    """Decide, with a reason, that the answers as they stand need no second marking."""
    visit = await assigning.excuse(session, caller, visit_id, body.reason, now=now)
    return views_marking.of_visit(await gather(session, visit))


@router.get("/second-markings")
async def list_second_markings(
    wanted: Annotated[MarkingFilter, Query()], session: Reading, caller: Caller
) -> Page[MarkingTaskOut]:
    """What you are to mark, or have marked, newest first."""
    rows = queries_marking.narrowed(queries_marking.tasks_of(caller), submitted=wanted.submitted)
    by = [Key(MarkingTask.assigned_at, descending=True), Key(MarkingTask.id)]
    found = await paginate(session, rows, wanted, by=by)
    return found.page(await views_marking.tasks(session, found.rows))


@router.get("/second-markings/{marking_id}", responses=documented(NotFound))
async def show_second_marking(marking_id: MarkingId, session: Reading, caller: Caller) -> MarkingSheetOut:
    """The checklist, what there is to see and hear, and your own answers. Nothing of what others said of the visit."""
    return await views_marking.sheet(session, *await queries_marking.get_task(session, caller, marking_id))


@router.put(
    "/second-markings/{marking_id}/answers", responses=documented(NotFound, MarkingDone, AnswersRefused)
)
async def save_second_marking(
    marking_id: MarkingId, body: SecondAnswersIn, session: Session, caller: Caller, now: Now
) -> MarkingSheetOut:
    """Keep answers as drafts, which nobody else sees. What cannot be made out is `not_observed`."""
    saved = await second_marking.save(session, caller, marking_id, body.answers, now=now)
    return await views_marking.sheet(session, *saved)


@router.post(
    "/second-markings/{marking_id}/submit",
    dependencies=ONCE,
    responses=documented(NotFound, MarkingDone, MarkingIncomplete),
)
async def submit_second_marking(
    marking_id: MarkingId, session: Session, caller: Caller, now: Now
) -> MarkingSheetOut:
    """Hand in, once. It is compared with what the inspector said at first, and shown to whoever reviews."""
    done = await second_marking.hand_in(session, caller, marking_id, now=now)
    return await views_marking.sheet(session, *done)


@router.post(
    "/second-markings/{marking_id}/recordings/{recording_id}/play",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, RenditionAwaited, EvidenceDeleted),
)
async def play_for_second_marking(
    marking_id: MarkingId,
    recording_id: UUID,
    session: Session,
    storage: TheStorage,
    settings: TheSettings,
    caller: Caller,
    now: Now,
) -> PlaybackOut:
    """Open a player on a recording or photo of the visit; noted like every play (D10.3)."""
    life = timedelta(seconds=settings.play_link_seconds)
    opened = await second_marking.play(
        session, storage, caller, marking_id, recording_id=recording_id, life=life, now=now
    )
    return recording_views.playback(opened)
