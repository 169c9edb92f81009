"""HTTP for what a month asks for, and whether it can be met."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.identity.dependencies import Caller, TheDatabase
from app.kit.etags import IfMatchOfEdit
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.kit.wire import Id
from app.planning import asking, coverage, guessing, queries_month, views
from app.planning.models import DemandOverride
from app.planning.problems import NoChecklist, NothingToGuess, NothingToPlan
from app.planning.schemas import MostOutlets, PredictabilityOut
from app.planning.schemas_coverage import CoverageAsked, CoverageOut
from app.planning.schemas_demand import (
    FeasibilityOut,
    Month,
    OverrideOut,
    OverridesIn,
    PlanningRules,
    PlanningRulesOut,
)
from app.programmes import queries as programmes

router = feature_router("planning", prefix="/planning")


@router.get("/programmes/{programme_id}/rules", responses=documented(NotFound, Forbidden))
async def show_rules(
    programme_id: UUID, session: Reading, caller: Caller, response: Response
) -> PlanningRulesOut:
    """How the programme's months are planned, defaults included."""
    rules, version = await asking.settings_of(session, caller, programme_id)
    response.headers["ETag"] = f'"{version}"'
    return PlanningRulesOut(programme_id=programme_id, rules=rules, version=version)


@router.put(
    "/programmes/{programme_id}/rules", responses=documented(NotFound, Forbidden, Stale, PreconditionRequired)
)
async def change_rules(
    programme_id: UUID,
    body: PlanningRules,
    session: Session,
    caller: Caller,
    expected: IfMatchOfEdit,
    now: Now,
    response: Response,
) -> PlanningRulesOut:
    """Change how months are planned. The first time without If-Match, then with it."""
    row = await asking.change_settings(
        session, caller, programme_id, wanted=body, expected_version=expected, now=now
    )
    response.headers["ETag"] = f'"{row.version}"'
    return PlanningRulesOut(programme_id=programme_id, rules=body, version=row.version)


@router.get("/programmes/{programme_id}/demand/{month}", responses=documented(NotFound, Forbidden))
async def list_overrides(
    programme_id: UUID, month: Month, session: Reading, caller: Caller, paging: Paging, now: Now
) -> Page[OverrideOut]:
    """Outlets in the caller's reach that are visited otherwise than the programme says (D6.1)."""
    rows = queries_month.overrides_visible_to(caller, programme_id, month, now=now)
    await programmes.get_programme(session, caller, programme_id)
    found = await paginate(session, rows, paging, by=[Key(DemandOverride.outlet_id)])
    return found.page([OverrideOut.model_validate(row) for row in found.rows])


@router.put(
    "/programmes/{programme_id}/demand/{month}", status_code=204, responses=documented(NotFound, Forbidden)
)
async def replace_overrides(
    programme_id: UUID, month: Month, body: OverridesIn, session: Session, caller: Caller, now: Now
) -> None:
    """Put these in the place of all overrides of the month in the caller's reach."""
    await asking.replace_overrides(session, caller, programme_id, month=month, wanted=body.overrides, now=now)


@router.get("/programmes/{programme_id}/coverage", responses=documented(NotFound, Forbidden))
async def list_coverage(
    programme_id: UUID, asked: Annotated[CoverageAsked, Query()], session: Reading, caller: Caller, now: Now
) -> Page[CoverageOut]:
    """Each outlet beside all inspectors: who may come on a day, when others may again, and the month's quota (D5.8)."""
    return await coverage.page_of_coverage(session, caller, programme_id, asked, now=now)


@router.get(
    "/feasibility",
    responses=documented(NotFound, Forbidden, NoChecklist, NothingToPlan),
)
async def show_feasibility(
    programme_id: Annotated[Id, Query()],
    month: Annotated[Month, Query()],
    database: TheDatabase,
    caller: Caller,
    now: Now,
    region_id: Annotated[Id | None, Query(description="null: the whole programme, for admins")] = None,
) -> FeasibilityOut:
    """Can the month be met, and if not: at least how much is lost, where and why (D5.9). Before planning."""
    return await asking.feasibility(database, caller, programme_id, month=month, region_id=region_id, now=now)


@router.get(
    "/programmes/{programme_id}/predictability", responses=documented(NotFound, Forbidden, NothingToGuess)
)
async def show_predictability_of_history(
    programme_id: UUID,
    database: TheDatabase,
    caller: Caller,
    now: Now,
    region_id: Annotated[Id | None, Query(description="null: the whole programme, for admins")] = None,
    months: Annotated[
        int, Query(ge=1, le=24, description="of the visits of so many times 30 days until today")
    ] = 12,
    most: MostOutlets = 100,
) -> PredictabilityOut:
    """How well the visits of the last months could have been guessed from all before them (D6.3)."""
    found = await guessing.of_history(
        database, caller, programme_id, region_id=region_id, months=months, now=now
    )
    return views.predictability(found, most=most)
