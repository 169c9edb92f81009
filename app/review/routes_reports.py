"""HTTP for published reports: what outlet managers see, and everybody else who looks at a report as one (D10.1)."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from app.identity.dependencies import ONCE, Caller, TheSettings
from app.kit.paging import Key, Page, paginate
from app.kit.problem_responses import documented
from app.kit.problems import NotFound
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router
from app.recordings.problems import EvidenceDeleted, RenditionAwaited
from app.recordings.schemas import PlaybackOut
from app.review import queries_reports, reports, watching
from app.review.models import Publication
from app.review.rules import PublishedMedium
from app.review.schemas_reports import Alias, FileNumber, ReportDetail, ReportFilter, ReportOut

router = feature_router("reports", prefix="/reports")


@router.get("")
async def list_reports(
    wanted: Annotated[ReportFilter, Query()], session: Reading, caller: Caller, now: Now
) -> Page[ReportOut]:
    """Published visits of the outlets in the caller's reach, newest first. Future and unpublished ones are not in it."""
    rows = queries_reports.narrowed(
        queries_reports.visible_to(caller, now=now),
        outlet_id=wanted.outlet_id,
        visited_from=wanted.visited_from,
        visited_until=wanted.visited_until,
    )
    by = [Key(Publication.visited_on, descending=True), Key(Publication.alias)]
    found = await paginate(session, rows, wanted, by=by)
    return found.page(await reports.listed(session, found.rows))


@router.get("/{alias}", responses=documented(NotFound))
async def show_report(alias: Alias, session: Reading, caller: Caller, now: Now) -> ReportDetail:
    """Score, explanation, vetoes with their evidence, and what can be played."""
    return await reports.whole(session, await queries_reports.get_report(session, caller, alias, now=now))


@router.post(
    "/{alias}/recordings/{number}/play",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, RenditionAwaited, EvidenceDeleted),
)
async def play_recording(
    alias: Alias,
    number: FileNumber,
    session: Session,
    storage: TheStorage,
    caller: Caller,
    settings: TheSettings,
    now: Now,
) -> PlaybackOut:
    """Open a player on a recording of the report. Links live a minute or so; every play is noted (D10.3)."""
    return await watching.play(
        session,
        storage,
        caller,
        alias,
        medium=PublishedMedium.RECORDING,
        number=number,
        settings=settings,
        now=now,
    )


@router.post(
    "/{alias}/photos/{number}/play",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, RenditionAwaited, EvidenceDeleted),
)
async def play_photo(
    alias: Alias,
    number: FileNumber,
    session: Session,
    storage: TheStorage,
    caller: Caller,
    settings: TheSettings,
    now: Now,
) -> PlaybackOut:
    """Look at a photo of the report; noted like a play."""
    return await watching.play(
        session,
        storage,
        caller,
        alias,
        medium=PublishedMedium.PHOTO,
        number=number,
        settings=settings,
        now=now,
    )
