"""HTTP for the panel of an appeal: it looks at the report, decides, and may disclose the minute (D8.4, D10.1)."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Path

from app.cases import deciding, queries, views
from app.cases.problems import (
    AppealWrongState,
    CorrectionUnfit,
    ItemRuled,
    MinuteDisclosed,
    NotOnPanel,
    Partial,
    VotedBefore,
)
from app.cases.schemas import AppealDetail, BecauseIn, VoteIn
from app.checklists.document import Code as ItemCode
from app.identity.dependencies import ONCE, Caller, TheSettings
from app.kit.problem_responses import documented
from app.kit.problems import NotFound
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router
from app.recordings.problems import RenditionAwaited
from app.recordings.schemas import PlaybackOut
from app.review import queries_reports, reports, watching
from app.review.rules import PublishedMedium
from app.review.schemas_reports import FileNumber, ReportDetail
from app.visits.problems import AnswersRefused

router = feature_router("appeals", prefix="/appeals/{appeal_id}")
PURPOSE = "decision on an appeal"
PANEL = (NotFound, NotOnPanel)


@router.post(
    "/items/{item}/decision",
    dependencies=ONCE,
    responses=documented(
        *PANEL, Partial, AppealWrongState, ItemRuled, VotedBefore, AnswersRefused, CorrectionUnfit
    ),
)
async def decide_item(
    appeal_id: UUID,
    item: Annotated[ItemCode, Path(description="a disputed item")],
    body: VoteIn,
    session: Session,
    caller: Caller,
    now: Now,
) -> AppealDetail:
    """One member's decision. More than half of the panel decides an item; a veto is lifted by two at least (D4.3)."""
    appeal = await deciding.vote(session, caller, appeal_id, item, body, now=now)
    return await views.detail(session, caller, appeal, now=now)


@router.post(
    "/disclose-minute",
    dependencies=ONCE,
    responses=documented(*PANEL, Partial, AppealWrongState, MinuteDisclosed),
)
async def disclose_minute(
    appeal_id: UUID, body: BecauseIn, session: Session, caller: Caller, now: Now
) -> AppealDetail:
    """Tell the outlet the minute at which the visit began, because the appeal needs it: the chair, once, on record."""
    appeal = await deciding.disclose_minute(session, caller, appeal_id, body.reason, now=now)
    return await views.detail(session, caller, appeal, now=now)


@router.get("/report", responses=documented(*PANEL))
async def show_disputed_report(appeal_id: UUID, session: Reading, caller: Caller, now: Now) -> ReportDetail:
    """For the panel: the report as the outlet has it, wherever the members are from."""
    appeal = await queries.get_for_panel(session, caller, appeal_id, now=now)
    found = await queries_reports.publications_by_id(session, [appeal.publication_id])
    return await reports.whole(session, found[appeal.publication_id])


@router.post(
    "/recordings/{number}/play",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(*PANEL, RenditionAwaited),
)
async def play_disputed_recording(
    appeal_id: UUID,
    number: FileNumber,
    session: Session,
    storage: TheStorage,
    caller: Caller,
    settings: TheSettings,
    now: Now,
) -> PlaybackOut:
    """For the panel: the rendition the outlet has. Every play is noted (D10.3)."""
    return await _played(
        session, storage, caller, appeal_id, PublishedMedium.RECORDING, number, settings, now
    )


@router.post(
    "/photos/{number}/play",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(*PANEL, RenditionAwaited),
)
async def play_disputed_photo(
    appeal_id: UUID,
    number: FileNumber,
    session: Session,
    storage: TheStorage,
    caller: Caller,
    settings: TheSettings,
    now: Now,
) -> PlaybackOut:
    return await _played(session, storage, caller, appeal_id, PublishedMedium.PHOTO, number, settings, now)


async def _played(
    session: Session,
    storage: TheStorage,
    caller: Caller,
    appeal_id: UUID,
    medium: PublishedMedium,
    number: int,
    settings: TheSettings,
    now: Now,
) -> PlaybackOut:
    appeal = await queries.get_for_panel(session, caller, appeal_id, now=now)
    found = await queries_reports.publications_by_id(session, [appeal.publication_id])
    return await watching.play_published(
        session,
        storage,
        caller,
        found[appeal.publication_id],
        medium=medium,
        number=number,
        purpose=PURPOSE,
        settings=settings,
        now=now,
    )
