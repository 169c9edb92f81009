"""HTTP for plans. A plan is secret: planners of its region alone see it, inspectors their own stops (D6.6)."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import StreamingResponse

from app.identity.dependencies import ONCE, Caller, TheDatabase
from app.kit.etags import IfMatch, show_version
from app.kit.paging import Key, Page, PageRequest, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.kit.streams import documented_stream, event_stream
from app.kit.wire import Date, Id
from app.planning import choosing, comparing, drawing_up, editing, following, guessing, views
from app.planning import queries_plans as queries
from app.planning.models import Plan, PlannedVisit, PlanRoute, PlanState, UnservedVisit
from app.planning.problems import (
    NoChecklist,
    NothingToGuess,
    RulesBroken,
    UnknownVisit,
    WrongPlanState,
)
from app.planning.schemas import (
    DifferenceOut,
    MostOutlets,
    MoveIn,
    OptionsAsked,
    OptionsOut,
    PinIn,
    PlanIn,
    PlannedVisitOut,
    PlanOut,
    PlanProgressOut,
    PredictabilityOut,
    RepairIn,
    RouteOut,
    SwapIn,
    TakeOutIn,
    UnservedOut,
    WhyNotIn,
    WhyNotOut,
)
from app.planning.schemas_demand import Month

router = feature_router("plans", prefix="/plans")
SEE = (NotFound, Forbidden)
EDIT = (NotFound, Forbidden, Stale, PreconditionRequired, WrongPlanState)
BY_HAND = (*EDIT, RulesBroken, UnknownVisit)


class PlanFilter(PageRequest):
    """What a list is narrowed to."""

    programme_id: Id | None = None
    month: Month | None = None
    state: PlanState | None = None


class VisitFilter(PageRequest):
    on: Date | None = None
    outlet_id: Id | None = None


class RouteFilter(PageRequest):
    on: Date | None = None
    inspector_id: Id | None = None


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(*SEE, AlreadyExists, NoChecklist),
)
async def draw_up_plan(
    body: PlanIn, session: Session, caller: Caller, now: Now, response: Response
) -> PlanOut:
    """Have a month planned in the background; read the plan again to see how far it is."""
    return await _shown(response, session, await drawing_up.draw_up(session, caller, body, now=now))


@router.get("", responses=documented(Forbidden))
async def list_plans(
    wanted: Annotated[PlanFilter, Query()], session: Reading, caller: Caller
) -> Page[PlanOut]:
    """The newest first."""
    rows = queries.narrowed(
        queries.visible_to(caller),
        programme_id=wanted.programme_id,
        month=wanted.month,
        state=wanted.state,
    )
    by = [Key(Plan.created_at, descending=True), Key(Plan.id)]
    found = await paginate(session, rows, wanted, by=by)
    return found.page(await views.plans(session, found.rows))


@router.get("/{plan_id}", responses=documented(*SEE))
async def show_plan(plan_id: UUID, session: Reading, caller: Caller, response: Response) -> PlanOut:
    """State, progress of the search, and what the plan is worth."""
    plan = await queries.get_plan(session, caller, plan_id)
    show_version(response, plan)
    return await views.plan(session, plan)


@router.get(
    "/{plan_id}/progress",
    response_class=StreamingResponse,
    responses={
        **documented(*SEE),
        **documented_stream(
            "how far the search is, and at last its end", ["progress", "end"], PlanProgressOut
        ),
    },
)
async def follow_plan(
    plan_id: UUID,
    database: TheDatabase,
    caller: Caller,
    for_s: Annotated[
        float, Query(ge=0, le=25, description="ends after so many seconds; ask again for more")
    ] = 20,
) -> StreamingResponse:
    """Server-sent events while the plan is made: seconds, best cost so far, unserved visits."""
    await following.look(database, caller, plan_id)
    return event_stream(following.follow(database, caller, plan_id, for_s=for_s))


@router.get("/{plan_id}/visits", responses=documented(*SEE))
async def list_planned_visits(
    plan_id: UUID, wanted: Annotated[VisitFilter, Query()], session: Reading, caller: Caller
) -> Page[PlannedVisitOut]:
    plan = await queries.get_plan(session, caller, plan_id)
    rows = queries.visits_on(plan, on=wanted.on, outlet_id=wanted.outlet_id)
    by = [Key(PlannedVisit.planned_on), Key(PlannedVisit.arrives_minute), Key(PlannedVisit.name)]
    found = await paginate(session, rows, wanted, by=by)
    return found.page([views.visit(row) for row in found.rows])


@router.get("/{plan_id}/unserved", responses=documented(*SEE))
async def list_unserved(
    plan_id: UUID, wanted: Annotated[PageRequest, Query()], session: Reading, caller: Caller
) -> Page[UnservedOut]:
    """Every visit the month asks for and the plan has not: why, and what would serve it (D6.1)."""
    plan = await queries.get_plan(session, caller, plan_id)
    by = [Key(UnservedVisit.tier), Key(UnservedVisit.name)]
    found = await paginate(session, queries.unserved_of(plan), wanted, by=by)
    return found.page([views.unserved(row) for row in found.rows])


@router.get("/{plan_id}/routes", responses=documented(*SEE))
async def list_routes(
    plan_id: UUID, wanted: Annotated[RouteFilter, Query()], session: Reading, caller: Caller
) -> Page[RouteOut]:
    """Who drives where, in order, day by day."""
    plan = await queries.get_plan(session, caller, plan_id)
    rows = queries.routes_of(plan, on=wanted.on, inspector_id=wanted.inspector_id)
    found = await paginate(session, rows, wanted, by=[Key(PlanRoute.route_on), Key(PlanRoute.inspector_id)])
    return found.page([views.route(row) for row in found.rows])


@router.get("/{plan_id}/difference", responses=documented(*SEE, WrongPlanState))
async def show_difference(
    plan_id: UUID, other_id: Annotated[Id, Query()], database: TheDatabase, caller: Caller
) -> DifferenceOut:
    """What another plan does otherwise, and what both are worth: cost, travel, fairness, predictability."""
    return await comparing.difference(database, caller, plan_id, other_id=other_id)


@router.get("/{plan_id}/predictability", responses=documented(*SEE, WrongPlanState, NothingToGuess))
async def show_predictability(
    plan_id: UUID, database: TheDatabase, caller: Caller, most: MostOutlets = 100
) -> PredictabilityOut:
    """How well its visits could be guessed by somebody who knows all earlier ones at these outlets (D6.3)."""
    return views.predictability(await guessing.of_plan(database, caller, plan_id), most=most)


@router.post("/{plan_id}/why-not", responses=documented(*SEE, WrongPlanState, UnknownVisit))
async def why_not(plan_id: UUID, body: WhyNotIn, session: Reading, caller: Caller) -> WhyNotOut:
    """May this inspector make that visit on that day? Every rule that forbids it, with its dates (D5.8)."""
    broken = await editing.why_not(session, caller, plan_id, body)
    return WhyNotOut(allowed=not broken, broken=[views.broken(one) for one in broken])


@router.get("/{plan_id}/options", responses=documented(*SEE, WrongPlanState, UnknownVisit))
async def list_options(
    plan_id: UUID, asked: Annotated[OptionsAsked, Query()], session: Reading, caller: Caller
) -> OptionsOut:
    """Before a visit of a draft is moved: every inspector and day, allowed, in soft conflict or blocked, and why."""
    return await choosing.options(session, caller, plan_id, asked)


@router.post("/{plan_id}/stop", dependencies=ONCE, responses=documented(*SEE, WrongPlanState))
async def stop_search(plan_id: UUID, session: Session, caller: Caller, response: Response) -> PlanOut:
    """End the search with the best plan so far."""
    return await _shown(response, session, await drawing_up.stop(session, caller, plan_id))


@router.post("/{plan_id}/discard", dependencies=ONCE, responses=documented(*EDIT))
async def discard_plan(
    plan_id: UUID, session: Session, caller: Caller, expected: IfMatch, now: Now, response: Response
) -> PlanOut:
    plan = await drawing_up.discard(session, caller, plan_id, expected_version=expected, now=now)
    return await _shown(response, session, plan)


@router.post("/{plan_id}/pin", dependencies=ONCE, responses=documented(*BY_HAND))
async def pin_visit(
    plan_id: UUID,
    body: PinIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> PlanOut:
    """A pinned visit never moves (D6.5)."""
    plan = await editing.pin(session, caller, plan_id, body, expected_version=expected, now=now)
    return await _shown(response, session, plan)


@router.post("/{plan_id}/move", dependencies=ONCE, responses=documented(*BY_HAND))
async def move_visit(
    plan_id: UUID,
    body: MoveIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> PlanOut:
    """Another crew, day or hour for a visit of a draft, or a place for one that is unserved."""
    plan = await editing.move(session, caller, plan_id, body, expected_version=expected, now=now)
    return await _shown(response, session, plan)


@router.post("/{plan_id}/swap", dependencies=ONCE, responses=documented(*BY_HAND))
async def swap_crews(
    plan_id: UUID,
    body: SwapIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> PlanOut:
    plan = await editing.swap(session, caller, plan_id, body, expected_version=expected, now=now)
    return await _shown(response, session, plan)


@router.post("/{plan_id}/take-out", dependencies=ONCE, responses=documented(*EDIT, UnknownVisit))
async def take_visit_out(
    plan_id: UUID,
    body: TakeOutIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> PlanOut:
    """Leave a visit unserved by decision; it says so (D6.1)."""
    plan = await editing.take_out(session, caller, plan_id, body, expected_version=expected, now=now)
    return await _shown(response, session, plan)


@router.post(
    "/{plan_id}/repair",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(*SEE, AlreadyExists, WrongPlanState),
)
async def repair_plan(
    plan_id: UUID, body: RepairIn, session: Session, caller: Caller, now: Now, response: Response
) -> PlanOut:
    """A new draft for the month as it is now, with the fewest changes: after a sick call, a closure, a decline."""
    return await _shown(response, session, await drawing_up.repair(session, caller, plan_id, body, now=now))


@router.post(
    "/{plan_id}/publish", status_code=HTTPStatus.ACCEPTED, dependencies=ONCE, responses=documented(*EDIT)
)
async def publish_plan(
    plan_id: UUID, session: Session, caller: Caller, expected: IfMatch, now: Now, response: Response
) -> PlanOut:
    """Arrange every visit and reserve its dates, all together, in the background (D5.5)."""
    plan = await drawing_up.publish(session, caller, plan_id, expected_version=expected, now=now)
    return await _shown(response, session, plan)


async def _shown(response: Response, session: Session, plan: Plan) -> PlanOut:
    await session.flush()
    show_version(response, plan)
    return await views.plan(session, plan)
