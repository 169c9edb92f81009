"""HTTP for comments at a second of a published recording."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Path

from app.identity.dependencies import ONCE, Caller
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, feature_router
from app.review import commenting, queries_comments, queries_reports
from app.review.models import RecordingComment
from app.review.problems import SecondOutside
from app.review.rules import PublishedMedium
from app.review.schemas_comments import CommentIn, CommentOut
from app.review.schemas_reports import Alias, FileNumber

router = feature_router("reports", prefix="/reports/{alias}")
CommentId = Annotated[UUID, Path(description="as in the list of the recording's comments")]


@router.get("/recordings/{number}/comments", responses=documented(NotFound))
async def list_comments(
    alias: Alias, number: FileNumber, session: Reading, caller: Caller, paging: Paging, now: Now
) -> Page[CommentOut]:
    """What was said at the seconds of a recording, in their order; of the other side without names (D10.1)."""
    publication = await queries_reports.get_report(session, caller, alias, now=now)
    await queries_reports.get_file(session, publication, PublishedMedium.RECORDING, number)
    by = [Key(RecordingComment.at_ms), Key(RecordingComment.id)]
    rows = queries_comments.of_recording(publication, number)
    found = await paginate(session, rows, paging, by=by)
    return found.page(await commenting.shown(session, caller, alias, found.rows, now=now))


@router.post(
    "/recordings/{number}/comments",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, AlreadyExists, SecondOutside),
)
async def comment(
    alias: Alias, number: FileNumber, body: CommentIn, session: Session, caller: Caller, now: Now
) -> CommentOut:
    """Say something at a second: for the outlet's managers and the desk. It is not edited; its author may retract it."""
    made = await commenting.comment(session, caller, alias, number, body, now=now)
    return (await commenting.shown(session, caller, alias, [made], now=now))[0]


@router.post("/comments/{comment_id}/retract", dependencies=ONCE, responses=documented(NotFound, Forbidden))
async def retract_comment(
    alias: Alias, comment_id: CommentId, session: Session, caller: Caller, now: Now
) -> CommentOut:
    """Take back what you said: its words are not shown any more, that something was said is."""
    taken = await commenting.retract(session, caller, alias, comment_id, now=now)
    return (await commenting.shown(session, caller, alias, [taken], now=now))[0]
