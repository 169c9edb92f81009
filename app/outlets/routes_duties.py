"""HTTP for duties (who is responsible where) and auditors' grants."""

from http import HTTPStatus
from uuid import UUID

from app.identity.dependencies import ONCE, Caller, ProvenCaller
from app.identity.problems import ProofWanted
from app.kit.paging import Page, Paging
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, feature_router
from app.outlets import duties, queries_duties
from app.outlets.problems import DutyNeedsRole
from app.outlets.schemas_duties import GrantIn, GrantOut, OutletDutyOut, RegionDutyOut

router = feature_router("duties and grants")
ASSIGN = documented(NotFound, Forbidden, DutyNeedsRole)


@router.get("/region-duties")
async def list_region_duties(session: Reading, caller: Caller, paging: Paging) -> Page[RegionDutyOut]:
    """Admins see everybody's, others their own."""
    found = await queries_duties.list_region_duties(session, caller, paging)
    return found.page([RegionDutyOut.model_validate(row) for row in found.rows])


@router.put("/region-duties/{person_id}/{region_id}", responses=ASSIGN)
async def assign_region(
    person_id: UUID, region_id: UUID, session: Session, caller: Caller, now: Now
) -> RegionDutyOut:
    """Make a supervisor or reviewer responsible for a region and all below it."""
    duty = await duties.assign_region(session, caller, person_id=person_id, region_id=region_id, now=now)
    return RegionDutyOut.model_validate(duty)


@router.delete(
    "/region-duties/{person_id}/{region_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(Forbidden),
)
async def release_region(
    person_id: UUID, region_id: UUID, session: Session, caller: Caller, now: Now
) -> None:
    await duties.release_region(session, caller, person_id=person_id, region_id=region_id, now=now)


@router.get("/outlet-duties")
async def list_outlet_duties(session: Reading, caller: Caller, paging: Paging) -> Page[OutletDutyOut]:
    """Admins see everybody's, others their own."""
    found = await queries_duties.list_outlet_duties(session, caller, paging)
    return found.page([OutletDutyOut.model_validate(row) for row in found.rows])


@router.put("/outlet-duties/{person_id}/{outlet_id}", responses=ASSIGN)
async def assign_outlet(
    person_id: UUID, outlet_id: UUID, session: Session, caller: Caller, now: Now
) -> OutletDutyOut:
    """Make an outlet manager responsible for an outlet."""
    duty = await duties.assign_outlet(session, caller, person_id=person_id, outlet_id=outlet_id, now=now)
    return OutletDutyOut.model_validate(duty)


@router.delete(
    "/outlet-duties/{person_id}/{outlet_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(Forbidden),
)
async def release_outlet(
    person_id: UUID, outlet_id: UUID, session: Session, caller: Caller, now: Now
) -> None:
    await duties.release_outlet(session, caller, person_id=person_id, outlet_id=outlet_id, now=now)


@router.get("/auditor-grants")
async def list_grants(session: Reading, caller: Caller, paging: Paging) -> Page[GrantOut]:
    """Admins see all, auditors their own; newest first."""
    found = await queries_duties.list_grants(session, caller, paging)
    return found.page([GrantOut.model_validate(row) for row in found.rows])


@router.post(
    "/auditor-grants",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, ProofWanted, DutyNeedsRole, AlreadyExists),
)
async def give_grant(body: GrantIn, session: Session, caller: ProvenCaller, now: Now) -> GrantOut:
    """Let an auditor look into a region, an outlet or everything, for a purpose, until a moment."""
    return GrantOut.model_validate(await duties.grant(session, caller, body, now=now))


@router.post(
    "/auditor-grants/{grant_id}/revoke", dependencies=ONCE, responses=documented(NotFound, Forbidden)
)
async def revoke_grant(grant_id: UUID, session: Session, caller: Caller, now: Now) -> GrantOut:
    return GrantOut.model_validate(await duties.revoke_grant(session, caller, grant_id, now=now))
