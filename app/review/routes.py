"""HTTP for the desk: the queue, the review sheet, decisions, publication."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from app.checklists.document import Code as ItemCode
from app.identity.dependencies import ONCE, Caller
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, feature_router
from app.recordings.problems import FacesUnconfirmed, RenditionAwaited
from app.review import publishing, queries, queries_queue, queries_reports, reviewing, views
from app.review.dependencies import ThePress
from app.review.models import Approval
from app.review.problems import (
    ApprovalBlocked,
    NoSuchVeto,
    OwnVisit,
    PublicationTooEarly,
    SecondMarker,
    UnknownItems,
)
from app.review.schemas import (
    ApprovalOut,
    ApproveIn,
    FiredVetoOut,
    MarksIn,
    QueuedOut,
    ReviewFilter,
    ReviewOut,
    SendBackIn,
    SendBackOut,
    VerdictIn,
    WaitingOut,
)
from app.review.schemas_reports import BatchOut, PublishedOut
from app.visits import queries as visits
from app.visits import views as visit_views
from app.visits.models import Visit
from app.visits.problems import AnswersRefused, WrongState
from app.visits.schemas import ReasonIn, ScoreOut, VisitOut

router = feature_router("review")
DECIDE = (NotFound, Forbidden, OwnVisit, SecondMarker, WrongState)


@router.get("/reviews", responses=documented(Forbidden))
async def list_reviews(
    wanted: Annotated[ReviewFilter, Query()], session: Reading, caller: Caller, now: Now
) -> Page[QueuedOut]:
    """Visits that wait for review in the caller's regions, those due first first (D8.1)."""
    caller.require(*queries.REVIEWERS)
    rows = queries_queue.narrowed(
        queries.queue_of(caller, now=now),
        overdue=wanted.overdue,
        has_veto=wanted.has_veto,
        awaits_second_marking=wanted.awaits_second_marking,
        programme_id=wanted.programme_id,
        now=now,
    )
    found = await paginate(session, rows, wanted, by=[Key(Visit.review_due_at), Key(Visit.id)])
    return found.page(await views.queue(session, found.rows, now=now))


@router.get("/visits/{visit_id}/review", responses=documented(NotFound, Forbidden, WrongState))
async def show_review(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> ReviewOut:
    """The review sheet: answers with their evidence, check-ins, score, vetoes, files, and what blocks approval."""
    visit = await queries.get_for_reading(session, caller, visit_id, now=now)
    return await views.sheet(session, visit, now=now)


@router.post("/visits/{visit_id}/review/open", dependencies=ONCE, responses=documented(*DECIDE))
async def open_review(visit_id: UUID, session: Session, caller: Caller, now: Now) -> VisitOut:
    return await _shown(session, await reviewing.open_review(session, caller, visit_id, now=now))


@router.post(
    "/visits/{visit_id}/review/vetoes/{item}/verdict",
    dependencies=ONCE,
    responses=documented(*DECIDE, NoSuchVeto),
)
async def judge_veto(
    visit_id: UUID,
    item: Annotated[ItemCode, Path(description="the item whose veto fired")],
    body: VerdictIn,
    session: Session,
    caller: Caller,
    now: Now,
) -> list[FiredVetoOut]:
    """Confirm a breach or reject it (D4.3). Nobody of the crew may; a rejected one has to be sent back."""
    return views.vetoes(await reviewing.judge_veto(session, caller, visit_id, item, body, now=now))


@router.put("/visits/{visit_id}/review/marks", responses=documented(*DECIDE, AnswersRefused))
async def mark(visit_id: UUID, body: MarksIn, session: Session, caller: Caller, now: Now) -> ScoreOut:
    """Say what texts and photos with a weight earn (D3.3): a new score revision with its difference (D3.5)."""
    return visit_views.score(await reviewing.mark(session, caller, visit_id, body.marks, now=now))


@router.post(
    "/visits/{visit_id}/review/send-back", dependencies=ONCE, responses=documented(*DECIDE, UnknownItems)
)
async def send_back(visit_id: UUID, body: SendBackIn, session: Session, caller: Caller, now: Now) -> VisitOut:
    """Give the visit back to its inspector, naming items and reason (D8.2)."""
    return await _shown(session, await reviewing.send_back(session, caller, visit_id, body, now=now))


@router.get("/visits/{visit_id}/send-backs", responses=documented(NotFound))
async def list_send_backs(visit_id: UUID, session: Reading, caller: Caller, now: Now) -> list[SendBackOut]:
    """What the review asked to be looked at again, newest first; for the inspector too."""
    return await views.send_backs(session, await visits.get_visit(session, caller, visit_id, now=now))


@router.post(
    "/visits/{visit_id}/review/approve", dependencies=ONCE, responses=documented(*DECIDE, ApprovalBlocked)
)
async def approve(visit_id: UUID, body: ApproveIn, session: Session, caller: Caller, now: Now) -> ApprovalOut:
    """Let the report go out once its delay is over (D8.3). Nothing is ever approved by itself (D8.1)."""
    approval, remarks = await reviewing.approve(session, caller, visit_id, body, now=now)
    return views.approval(approval, remarks)


@router.post("/visits/{visit_id}/review/reopen", dependencies=ONCE, responses=documented(*DECIDE))
async def reopen(visit_id: UUID, body: ReasonIn, session: Session, caller: Caller, now: Now) -> VisitOut:
    """Take an approval back while nothing is published."""
    return await _shown(
        session, await reviewing.reopen(session, caller, visit_id, reason=body.reason, now=now)
    )


@router.post(
    "/visits/{visit_id}/publish",
    responses=documented(*DECIDE, PublicationTooEarly, RenditionAwaited, FacesUnconfirmed),
)
async def publish(visit_id: UUID, press: ThePress, caller: Caller, now: Now) -> PublishedOut:
    """Publish one approved visit whose delay is over. Sent again, it answers the same."""
    return PublishedOut.model_validate(await publishing.publish(press, caller, visit_id, now=now))


@router.get("/publications", responses=documented(Forbidden))
async def list_waiting(session: Reading, caller: Caller, paging: Paging, now: Now) -> Page[WaitingOut]:
    """Approved visits in the caller's regions that wait to be published, those due first first (D8.3)."""
    caller.require(*queries.REVIEWERS)
    rows = queries_reports.approved_for(caller, now=now)
    found = await paginate(session, rows, paging, by=[Key(Approval.publish_after), Key(Approval.id)])
    return found.page(await views.waiting(session, found.rows, now=now))


@router.post("/publications", responses=documented(Forbidden))
async def publish_due(press: ThePress, caller: Caller, now: Now) -> BatchOut:
    """Publish a batch of what is due in the caller's regions (D8.3). Ask again until the list is empty."""
    published = await publishing.publish_due(press, caller, now=now)
    return BatchOut(published=[PublishedOut.model_validate(one) for one in published])


async def _shown(session: Session, visit: Visit) -> VisitOut:
    await session.flush()
    return await visit_views.visit(session, visit)
