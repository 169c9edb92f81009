"""HTTP for rotation: the question *why not*, exceptions, and what counts."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from app.identity.dependencies import ONCE, Caller
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, feature_router
from app.rotation import queries, questions
from app.rotation.models import Exposure, Waiver
from app.rotation.problems import WaiverUseless
from app.rotation.schemas import EligibilityOut, EligibilityQuestion, ExposureOut, WaiverIn, WaiverOut

router = feature_router("rotation", prefix="/rotation")


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
