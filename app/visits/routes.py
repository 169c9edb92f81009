"""HTTP for arranging visits, and for reading them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from app.identity.dependencies import ONCE, Caller
from app.kit.etags import IfMatch, show_version
from app.kit.paging import Key, Page, PageRequest, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.kit.wire import Date, Id
from app.rotation.problems import CovertBarred, NotAnInspector, RotationConflict
from app.visits import arrange, queries, views
from app.visits.models import Visit
from app.visits.problems import ChecklistUnfit, NoRecordingPolicy, NotInCrew, OutletUnavailable, WrongState
from app.visits.rules import State
from app.visits.schemas import (
    BriefOut,
    CheckInOut,
    CrewChangeIn,
    ReasonIn,
    RescheduleIn,
    ScoreOut,
    TransitionOut,
    VisitIn,
    VisitOut,
)
from app.visits.schemas_answers import AnswersDifferenceOut, AnswersRevisionOut
from app.visits.schemas_leaving import GateOut, ManifestFileOut

router = feature_router("visits", prefix="/visits")
EDIT = (NotFound, Forbidden, Stale, PreconditionRequired, WrongState)
CREW = (RotationConflict, CovertBarred, NotAnInspector)


class VisitFilter(PageRequest):
    """What a list is narrowed to."""

    state: State | None = None
    outlet_id: Id | None = None
    inspector_id: Id | None = None
    planned_from: Date | None = None
    planned_until: Date | None = Field(None, description="the last day, included")


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(
        NotFound, Forbidden, AlreadyExists, NoRecordingPolicy, OutletUnavailable, ChecklistUnfit, *CREW
    ),
)
async def arrange_visit(
    body: VisitIn, session: Session, caller: Caller, now: Now, response: Response
) -> VisitOut:
    """Make a visit; with a crew its date is reserved at once, inside the rotation rule (D5.1)."""
    return await _shown(response, session, await arrange.arrange(session, caller, body, now=now))


@router.get("")
async def list_visits(
    wanted: Annotated[VisitFilter, Query()], session: Reading, caller: Caller, now: Now
) -> Page[VisitOut]:
    """The desk sees its regions' visits; an inspector the own ones, future ones only so far ahead (D6.6)."""
    rows = queries.narrowed(
        queries.visible_to(caller, now=now),
        state=wanted.state,
        outlet_id=wanted.outlet_id,
        inspector_id=wanted.inspector_id,
        planned_from=wanted.planned_from,
        planned_until=wanted.planned_until,
    )
    found = await paginate(session, rows, wanted, by=[Key(Visit.planned_on), Key(Visit.id)])
    return found.page(await views.visits(session, found.rows))


@router.get("/{visit_id}", responses=documented(NotFound))
async def show_visit(
    visit_id: UUID, session: Reading, caller: Caller, now: Now, response: Response
) -> VisitOut:
    return await _shown(response, session, await queries.get_visit(session, caller, visit_id, now=now))


@router.put("/{visit_id}/crew", responses=documented(*EDIT, *CREW))
async def assign_crew(
    visit_id: UUID,
    body: CrewChangeIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> VisitOut:
    """Send this crew instead. Those who no longer go are free again at once (D5.6)."""
    visit = await arrange.assign(session, caller, visit_id, body.crew, expected_version=expected, now=now)
    return await _shown(response, session, visit)


@router.post(
    "/{visit_id}/crew/{person_id}/activate", dependencies=ONCE, responses=documented(*EDIT, NotInCrew, *CREW)
)
async def activate_backup(
    visit_id: UUID,
    person_id: UUID,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> VisitOut:
    """Call a backup in; rotation is checked again and counts from now on (D5.6)."""
    visit = await arrange.activate_backup(
        session, caller, visit_id, person_id, expected_version=expected, now=now
    )
    return await _shown(response, session, visit)


@router.post(
    "/{visit_id}/reschedule", dependencies=ONCE, responses=documented(*EDIT, OutletUnavailable, *CREW)
)
async def reschedule(
    visit_id: UUID,
    body: RescheduleIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> VisitOut:
    visit = await arrange.reschedule(session, caller, visit_id, body, expected_version=expected, now=now)
    return await _shown(response, session, visit)


@router.post("/{visit_id}/cancel", dependencies=ONCE, responses=documented(*EDIT))
async def cancel(
    visit_id: UUID,
    body: ReasonIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> VisitOut:
    """Call it off before anybody went in; every date is free again at once (D5.6)."""
    visit = await arrange.cancel(
        session, caller, visit_id, reason=body.reason, expected_version=expected, now=now
    )
    return await _shown(response, session, visit)


@router.post("/{visit_id}/void", dependencies=ONCE, responses=documented(*EDIT))
async def void(
    visit_id: UUID,
    body: ReasonIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> VisitOut:
    """Declare the report worthless. Who was inside stays exposed (D5.6)."""
    visit = await arrange.void(
        session, caller, visit_id, reason=body.reason, expected_version=expected, now=now
    )
    return await _shown(response, session, visit)


@router.get("/{visit_id}/brief", responses=documented(NotFound))
async def show_brief(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> BriefOut:
    """Scenario, checklist, vetoes first, and what the leave gate will ask for."""
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return await views.brief(session, visit, now=now)


@router.get("/{visit_id}/gate", responses=documented(NotFound))
async def show_gate(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> GateOut:
    """What the leave gate would say of what has arrived so far (D7.3)."""
    return await views.gate(session, await queries.get_visit(session, caller, visit_id, now=now))


@router.get("/{visit_id}/transitions", responses=documented(NotFound))
async def list_transitions(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> list[TransitionOut]:
    """Every change of state, oldest first (D6.8)."""
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return views.transitions(await queries.transitions_of(session, visit), caller)


@router.get("/{visit_id}/check-ins", responses=documented(NotFound))
async def list_check_ins(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> list[CheckInOut]:
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return [CheckInOut.model_validate(row) for row in await queries.check_ins_of(session, visit)]


@router.get("/{visit_id}/manifest", responses=documented(NotFound))
async def list_manifest(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> list[ManifestFileOut]:
    """The files that were declared (D7.3)."""
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return [ManifestFileOut.model_validate(row) for row in await queries.manifest_of(session, visit)]


@router.get("/{visit_id}/answers/revisions", responses=documented(NotFound))
async def list_answers_revisions(
    visit_id: UUID, session: Reading, caller: Caller, now: Now
) -> list[AnswersRevisionOut]:
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return [
        AnswersRevisionOut.model_validate(row) for row in await queries.answers_revisions_of(session, visit)
    ]


@router.get("/{visit_id}/answers/revisions/{number}/difference", responses=documented(NotFound))
async def show_answers_difference(
    visit_id: UUID,
    number: Annotated[int, Path(ge=2, le=10_000, description="the later of two revisions", examples=[2])],
    session: Reading,
    caller: Caller,
    now: Now,
) -> AnswersDifferenceOut:
    """What a correction changed, item by item: before and after (D8.2). What it did to the score is in `/scores`."""
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    revision = await queries.get_answers_revision(session, visit, number)
    return await views.answers_difference(session, visit, revision)


@router.get("/{visit_id}/scores", responses=documented(NotFound, Forbidden))
async def list_scores(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> list[ScoreOut]:
    """Every score revision with its explanation, oldest first (D3.5, D3.6)."""
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return [views.score(row) for row in await queries.scores_of(session, visit)]


async def _shown(response: Response, session: Reading, visit: Visit) -> VisitOut:
    await session.flush()
    show_version(response, visit)
    return await views.visit(session, visit)
