"""HTTP for the crew: from saying yes to handing in. Every request may be sent again (D11)."""

from http import HTTPStatus
from uuid import UUID

from app.identity.dependencies import ONCE, Caller
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, NotFound
from app.kit.routing import Now, Reading, Session, feature_router
from app.visits import answering, field, leaving, queries, submitting, views
from app.visits.models import Visit
from app.visits.problems import AnswersRefused, LeaveGateShut, ManifestConflict, NotInCrew, WrongState
from app.visits.schemas import CheckInIn, CheckInOut, LeaveIn, ReasonIn, RecognisedIn, VisitOut
from app.visits.schemas_answers import AnswersIn, AnswersOut

router = feature_router("field work", prefix="/visits/{visit_id}")
CREW = (NotFound, NotInCrew, WrongState)


@router.post("/accept", dependencies=ONCE, responses=documented(*CREW))
async def accept(visit_id: UUID, session: Session, caller: Caller, now: Now) -> VisitOut:
    return await _shown(session, await field.accept(session, caller, visit_id, now=now))


@router.post("/decline", dependencies=ONCE, responses=documented(*CREW))
async def decline(visit_id: UUID, body: ReasonIn, session: Session, caller: Caller, now: Now) -> VisitOut:
    """Say no; everybody's date is free again at once (D5.6)."""
    return await _shown(session, await field.decline(session, caller, visit_id, reason=body.reason, now=now))


@router.post(
    "/check-ins",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(*CREW, AlreadyExists),
)
async def check_in(visit_id: UUID, body: CheckInIn, session: Session, caller: Caller, now: Now) -> CheckInOut:
    """Go in, or say later that you did: from then on you are exposed here (D5.6)."""
    return CheckInOut.model_validate(await field.check_in(session, caller, visit_id, body, now=now))


@router.post("/found-shut", dependencies=ONCE, responses=documented(*CREW))
async def found_shut(visit_id: UUID, body: ReasonIn, session: Session, caller: Caller, now: Now) -> VisitOut:
    """You arrived and nobody could go in: nobody is exposed (D5.6)."""
    return await _shown(
        session, await field.found_shut(session, caller, visit_id, reason=body.reason, now=now)
    )


@router.post("/abort", dependencies=ONCE, responses=documented(*CREW))
async def abort(visit_id: UUID, body: ReasonIn, session: Session, caller: Caller, now: Now) -> VisitOut:
    """Give up after going in; who was inside stays exposed (D5.6)."""
    return await _shown(session, await field.abort(session, caller, visit_id, reason=body.reason, now=now))


@router.post("/recognised", dependencies=ONCE, responses=documented(*CREW))
async def recognised(
    visit_id: UUID, body: RecognisedIn, session: Session, caller: Caller, now: Now
) -> VisitOut:
    """The staff saw through somebody of the crew: no covert visits here for that person (D5.6)."""
    return await _shown(session, await field.recognised(session, caller, visit_id, body, now=now))


@router.get("/answers", responses=documented(NotFound))
async def show_answers(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> AnswersOut:
    """The drafts as they stand, and what is still missing."""
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return await views.answers(session, visit, ())


@router.put("/answers", responses=documented(*CREW, AnswersRefused))
async def answer(visit_id: UUID, body: AnswersIn, session: Session, caller: Caller, now: Now) -> AnswersOut:
    """Keep a batch of answers. Of two answers to an item the later by device time stays, so a retry is harmless."""
    superseded = await answering.answer(session, caller, visit_id, body, now=now)
    visit = await queries.get_visit(session, caller, visit_id, now=now)
    return await views.answers(session, visit, superseded)


@router.post("/leave", dependencies=ONCE, responses=documented(*CREW, LeaveGateShut, ManifestConflict))
async def leave(visit_id: UUID, body: LeaveIn, session: Session, caller: Caller, now: Now) -> VisitOut:
    """The leave gate: you may go, or you are told every rule that keeps you here (D7.3)."""
    return await _shown(session, await leaving.leave(session, caller, visit_id, body, now=now))


@router.post("/submit", dependencies=ONCE, responses=documented(*CREW, LeaveGateShut))
async def submit(visit_id: UUID, session: Session, caller: Caller, now: Now) -> VisitOut:
    """Hand in. Answers are frozen in a revision and scored; recordings may still be on their way."""
    return await _shown(session, await submitting.submit(session, caller, visit_id, now=now))


async def _shown(session: Session, visit: Visit) -> VisitOut:
    await session.flush()
    return await views.visit(session, visit)
