"""HTTP for rotation: the question *why not*, exceptions, and what counts."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from app.identity.actor import Role
from app.identity.dependencies import ONCE, Caller
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, feature_router
from app.kit.sheets import Sheet, SheetFormat, UnreadableSheet, UnsupportedSheet, format_of, read_sheet
from app.kit.wire import Id
from app.outlets.problems import ImportRefused
from app.rotation import queries, questions
from app.rotation.history import LIMITS, MOST_BYTES, import_history
from app.rotation.models import Exposure, Waiver
from app.rotation.problems import WaiverUseless
from app.rotation.schemas import (
    EligibilityOut,
    EligibilityQuestion,
    ExposureOut,
    HistoryImportOut,
    WaiverIn,
    WaiverOut,
)

router = feature_router("rotation", prefix="/rotation")

EXAMPLE = "inspector_email,outlet_code,visited_on,overt\nivy@northwind.example,GZ-1,2026-02-17,no\n"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            SheetFormat.CSV.media_type: {"schema": {"type": "string"}, "example": EXAMPLE},
            SheetFormat.XLSX.media_type: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


async def the_sheet(request: Request, caller: Caller) -> Sheet:
    """The body as a sheet, read before the transaction begins: nobody waits for it."""
    caller.require(Role.ADMIN)
    kind = format_of(request.headers.get("content-type", ""))
    return await asyncio.to_thread(read_sheet, await request.body(), kind, limits=LIMITS)


@router.get("/eligibility", responses=documented(NotFound, Forbidden))
async def why_not(
    question: Annotated[EligibilityQuestion, Query()], session: Reading, caller: Caller, now: Now
) -> EligibilityOut:
    """May this inspector go to this outlet on that day? If not: why, and from when on (D5.8)."""
    return await questions.answer(session, caller, question, now=now)


@router.post(
    "/waivers",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, WaiverUseless),
)
async def grant_waiver(body: WaiverIn, session: Session, caller: Caller, now: Now) -> WaiverOut:
    """Allow one visit that the rotation rule forbids, with a reason that shows in reports (D5.7)."""
    return WaiverOut.model_validate(await questions.waive(session, caller, body, now=now))


@router.get("/waivers", responses=documented(Forbidden))
async def list_waivers(session: Reading, caller: Caller, paging: Paging, now: Now) -> Page[WaiverOut]:
    rows = queries.waivers_visible_to(caller, now=now)
    found = await paginate(
        session, rows, paging, by=[Key(Waiver.granted_at, descending=True), Key(Waiver.id)]
    )
    return found.page([WaiverOut.model_validate(row) for row in found.rows])


@router.get("/exposures", responses=documented(Forbidden))
async def list_exposures(session: Reading, caller: Caller, paging: Paging, now: Now) -> Page[ExposureOut]:
    """What counts, and what was released and why: an inspector's own, or those of a planner's region."""
    rows = queries.exposures_visible_to(caller, now=now)
    found = await paginate(
        session, rows, paging, by=[Key(Exposure.visited_on, descending=True), Key(Exposure.id)]
    )
    return found.page([ExposureOut.model_validate(row) for row in found.rows])


@router.post(
    "/history/import",
    openapi_extra=BODY,
    max_body_size=MOST_BYTES,
    responses=documented(NotFound, Forbidden, UnsupportedSheet, UnreadableSheet, ImportRefused),
)
async def import_past_visits(
    programme_id: Annotated[Id, Query(description="whose rotation rule the past visits count under")],
    sheet: Annotated[Sheet, Depends(the_sheet)],
    session: Session,
    caller: Caller,
    now: Now,
    dry_run: Annotated[bool, Query(description="tell what would happen, change nothing")] = False,
) -> HistoryImportOut:
    """Past visits from CSV or XLSX, so that they count from the first day (D5.6); all rows or none.

    Columns: `inspector_email`, `outlet_code`, `visited_on` (the outlet's local date), `overt` (yes or no; no when
    left out). Sent again it changes nothing. An overt visit bars the person from covert ones there.
    """
    return await import_history(session, caller, programme_id, sheet=sheet, dry_run=dry_run, now=now)
