"""HTTP for tiers and regions."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from app.identity.dependencies import ONCE, Caller
from app.kit.etags import IfMatch, show_version
from app.kit.paging import Page, Paging
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.kit.wire import Code
from app.outlets import queries_regions, regions
from app.outlets.models import Region
from app.outlets.problems import InUse, RegionCodeTaken, RegionCycle
from app.outlets.schemas import RegionIn, RegionOut, TierIn, TierOut

router = feature_router("regions and tiers")
TierCode = Annotated[Code, Path(examples=["flagship"])]


@router.get("/tiers")
async def list_tiers(session: Reading, caller: Caller) -> list[TierOut]:
    """The organisation's own list, the most important first."""
    rows = await queries_regions.tiers_of(session, caller.organisation_id)
    return [TierOut.model_validate(row) for row in rows]


@router.put("/tiers/{code}", responses=documented(Forbidden))
async def put_tier(code: TierCode, body: TierIn, session: Session, caller: Caller, now: Now) -> TierOut:
    tier = await regions.put_tier(session, caller, code, wanted=body, now=now)
    return TierOut.model_validate(tier)


@router.delete(
    "/tiers/{code}", status_code=HTTPStatus.NO_CONTENT, responses=documented(NotFound, Forbidden, InUse)
)
async def remove_tier(code: TierCode, session: Session, caller: Caller, now: Now) -> None:
    await regions.remove_tier(session, caller, code, now=now)


@router.get("/regions")
async def list_regions(session: Reading, caller: Caller, paging: Paging, now: Now) -> Page[RegionOut]:
    """Regions in the caller's reach, by code; the tree is in `parent_id`."""
    found = await queries_regions.list_regions(session, caller, paging, now=now)
    return found.page([RegionOut.model_validate(row) for row in found.rows])


@router.post(
    "/regions",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, RegionCodeTaken),
)
async def add_region(
    body: RegionIn, session: Session, caller: Caller, now: Now, response: Response
) -> RegionOut:
    return _shown(response, await regions.add_region(session, caller, body, now=now))


@router.get("/regions/{region_id}", responses=documented(NotFound))
async def show_region(
    region_id: UUID, session: Reading, caller: Caller, now: Now, response: Response
) -> RegionOut:
    return _shown(response, await queries_regions.get_region(session, caller, region_id, now=now))


@router.put(
    "/regions/{region_id}",
    responses=documented(NotFound, Forbidden, Stale, PreconditionRequired, RegionCodeTaken, RegionCycle),
)
async def edit_region(
    region_id: UUID,
    body: RegionIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> RegionOut:
    """Another parent moves the region with all below it, and so who is responsible for them."""
    region = await regions.edit_region(
        session, caller, region_id, wanted=body, expected_version=expected, now=now
    )
    return _shown(response, region)


@router.delete(
    "/regions/{region_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(NotFound, Forbidden, Stale, PreconditionRequired, InUse),
)
async def remove_region(
    region_id: UUID, session: Session, caller: Caller, expected: IfMatch, now: Now
) -> None:
    await regions.remove_region(session, caller, region_id, expected_version=expected, now=now)


def _shown(response: Response, region: Region) -> RegionOut:
    show_version(response, region)
    return RegionOut.model_validate(region)
