"""HTTP for inspectors' profiles and leave."""

from http import HTTPStatus
from uuid import UUID

from fastapi import Response

from app.identity.dependencies import ONCE, Caller
from app.kit.etags import IfMatchOfEdit, show_version
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.outlets.schemas import PositionOut
from app.planning import queries_plans, supply, views
from app.planning import queries_supply as queries
from app.planning.models import InspectorLeave, InspectorProfile
from app.planning.schemas import OwnStopOut
from app.planning.schemas_supply import LeaveIn, LeaveOut, ProfileIn, ProfileOut
from app.rotation.problems import NotAnInspector

router = feature_router("planning", prefix="/planning/inspectors")

STATUS_OF_PUT = {True: HTTPStatus.CREATED, False: HTTPStatus.OK}
IN_ORDER = [Key(InspectorLeave.starts_on), Key(InspectorLeave.id)]


@router.get("", responses=documented(Forbidden))
async def list_profiles(session: Reading, caller: Caller, paging: Paging) -> Page[ProfileOut]:
    """Who can be planned: those who serve the caller's regions, and those who serve everywhere."""
    caller.require(*queries.PLANNERS)
    rows = queries.profiles_visible_to(caller)
    found = await paginate(session, rows, paging, by=[Key(InspectorProfile.person_id)])
    return found.page([_out(row) for row in found.rows])


@router.get("/me", responses=documented(NotFound))
async def show_own_profile(session: Reading, caller: Caller, response: Response) -> ProfileOut:
    """What the planner knows of the caller."""
    profile = await queries.get_profile(session, caller, caller.person_id)
    show_version(response, profile)
    return _out(profile)


@router.get("/me/leave", responses=documented(NotFound))
async def list_own_leave(session: Reading, caller: Caller, paging: Paging) -> Page[LeaveOut]:
    profile = await queries.get_profile(session, caller, caller.person_id)
    found = await paginate(session, queries.leave_of(profile), paging, by=IN_ORDER)
    return found.page([LeaveOut.model_validate(row) for row in found.rows])


@router.get("/me/stops")
async def list_own_stops(session: Reading, caller: Caller, now: Now) -> list[OwnStopOut]:
    """The caller's own published visits with their hours, in order, only so far ahead as the programme says (D6.6)."""
    rows = await session.scalars(queries_plans.own_stops(caller, now=now))
    return [views.own_stop(row) for row in rows]


@router.get("/{person_id:uuid}", responses=documented(NotFound))
async def show_profile(person_id: UUID, session: Reading, caller: Caller, response: Response) -> ProfileOut:
    profile = await queries.get_profile(session, caller, person_id)
    show_version(response, profile)
    return _out(profile)


@router.put(
    "/{person_id:uuid}",
    responses={
        HTTPStatus.CREATED: {"model": ProfileOut},
        **documented(NotFound, Forbidden, NotAnInspector, Stale, PreconditionRequired),
    },
)
async def describe_inspector(
    person_id: UUID,
    body: ProfileIn,
    session: Session,
    caller: Caller,
    expected: IfMatchOfEdit,
    now: Now,
    response: Response,
) -> ProfileOut:
    """Say when and where an inspector works. New without If-Match, an edit with it."""
    profile, is_new = await supply.describe(
        session, caller, person_id, wanted=body, expected_version=expected, now=now
    )
    response.status_code = STATUS_OF_PUT[is_new]
    show_version(response, profile)
    return _out(profile)


@router.get("/{person_id:uuid}/leave", responses=documented(NotFound))
async def list_leave(person_id: UUID, session: Reading, caller: Caller, paging: Paging) -> Page[LeaveOut]:
    profile = await queries.get_profile(session, caller, person_id)
    found = await paginate(session, queries.leave_of(profile), paging, by=IN_ORDER)
    return found.page([LeaveOut.model_validate(row) for row in found.rows])


@router.post(
    "/{person_id:uuid}/leave",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, AlreadyExists),
)
async def enter_leave(person_id: UUID, body: LeaveIn, session: Session, caller: Caller, now: Now) -> LeaveOut:
    """Days on which no plan sends the inspector anywhere; what is published already needs a repair."""
    return LeaveOut.model_validate(await supply.enter_leave(session, caller, person_id, wanted=body, now=now))


@router.delete(
    "/{person_id:uuid}/leave/{leave_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(NotFound, Forbidden),
)
async def withdraw_leave(person_id: UUID, leave_id: UUID, session: Session, caller: Caller, now: Now) -> None:
    await supply.withdraw_leave(session, caller, person_id, leave_id=leave_id, now=now)


def _out(row: InspectorProfile) -> ProfileOut:
    home = PositionOut(latitude=row.home_latitude, longitude=row.home_longitude, datum=row.home_datum)
    fields = {name: getattr(row, name) for name in ProfileOut.model_fields if name not in {"home", "shifts"}}
    return ProfileOut(home=home, shifts=supply.shifts_of(row), **fields)
