"""HTTP for where everybody stands. Covert and overt visits are separate series, everywhere (D3.7)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.identity.dependencies import Caller
from app.insight import asking, charting, comparing, inspecting, overview, queries, ranking
from app.insight.dependencies import Folded
from app.insight.models import VetoFact
from app.insight.schemas import (
    ControlChartsOut,
    FiredOut,
    HeatMapOut,
    HeatMapRequest,
    InsightOut,
    InsightRequest,
    InspectorsRequest,
    OutletInsightOut,
    RankingOut,
    RankingRequest,
    ReliabilityRequest,
    ScopedRequest,
    TierCode,
    VetoRequest,
    WorstItemsOut,
    WorstRequest,
)
from app.insight.schemas_comparing import CompetitorsOut, InspectorsOut, ReliabilityOut
from app.kit.paging import Key, Page, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound
from app.kit.routing import Now, feature_router

CHART_MONTHS = 12
STUDY_MONTHS = 6  # a month says little about people, and about how much chance there is

router = feature_router("insight", prefix="/insight")
REFUSED = documented(NotFound, Forbidden)


@router.get("/outlets/{outlet_id}", responses=documented(NotFound))
async def show_outlet_insight(
    outlet_id: UUID, wanted: Annotated[InsightRequest, Query()], session: Folded, caller: Caller, now: Now
) -> OutletInsightOut:
    """An outlet over its visits, beside the medians of others of its tier. Managers see their own outlets."""
    scope = await asking.of_outlet(session, caller, outlet_id, now=now)
    asked = await asking.ask(session, caller, wanted, now=now)
    return await overview.outlet(session, caller, scope, asked, now=now)


@router.get("/regions/{region_id}", responses=REFUSED)
async def show_region_insight(
    region_id: UUID, wanted: Annotated[InsightRequest, Query()], session: Folded, caller: Caller, now: Now
) -> InsightOut:
    """A region with everything below it: the mean of its outlets, however often each was visited."""
    scope = await asking.of_group(session, caller, region_id=region_id, now=now)
    asked = await asking.ask(session, caller, wanted, now=now)
    return await overview.group(session, caller, scope, asked, now=now)


@router.get("/tiers/{code}", responses=REFUSED)
async def show_tier_insight(
    code: TierCode, wanted: Annotated[InsightRequest, Query()], session: Folded, caller: Caller, now: Now
) -> InsightOut:
    """The outlets of a tier, as far as the caller sees them."""
    scope = await asking.of_group(session, caller, tier=code, now=now)
    asked = await asking.ask(session, caller, wanted, now=now)
    return await overview.group(session, caller, scope, asked, now=now)


@router.get("/network", responses=REFUSED)
async def show_network_insight(
    wanted: Annotated[InsightRequest, Query()], session: Folded, caller: Caller, now: Now
) -> InsightOut:
    """All own and agency outlets that the caller sees."""
    scope = await asking.of_group(session, caller, now=now)
    asked = await asking.ask(session, caller, wanted, now=now)
    return await overview.group(session, caller, scope, asked, now=now)


@router.get("/ranking", responses=REFUSED)
async def show_ranking(
    wanted: Annotated[RankingRequest, Query()], session: Folded, caller: Caller, now: Now
) -> RankingOut:
    """Outlets, regions or tiers by their means; nothing is ranked below the programme's least number of visits."""
    scope = await asking.of_group(session, caller, region_id=wanted.region_id, tier=wanted.tier, now=now)
    asked = await asking.ask(session, caller, wanted, now=now)
    return await ranking.rank(
        session, caller, scope, asked, of=wanted.of, from_rank=wanted.from_rank, limit=wanted.limit, now=now
    )


@router.get("/heat-map", responses=REFUSED)
async def show_heat_map(
    wanted: Annotated[HeatMapRequest, Query()], session: Folded, caller: Caller, now: Now
) -> HeatMapOut:
    """Outlets by indicators, a page of outlets at a time. Managers see their own outlets."""
    scope = await asking.of_whatever(
        session, caller, outlet_id=None, region_id=wanted.region_id, tier=wanted.tier, now=now
    )
    asked = await asking.ask(session, caller, wanted, now=now)
    return await ranking.heat_map(session, scope.group, asked, wanted, now=now)


@router.get("/control-charts", responses=REFUSED)
async def show_control_charts(
    wanted: Annotated[ScopedRequest, Query()], session: Folded, caller: Caller, now: Now
) -> ControlChartsOut:
    """Which changes are more than noise: of an outlet visit by visit, of a group month by month."""
    scope = await asking.of_whatever(
        session, caller, outlet_id=wanted.outlet_id, region_id=wanted.region_id, tier=wanted.tier, now=now
    )
    asked = await asking.ask(session, caller, wanted, now=now, months=CHART_MONTHS)
    return await charting.control_charts(session, scope, asked, now=now)


@router.get("/vetoes", responses=REFUSED)
async def list_vetoes(
    wanted: Annotated[VetoRequest, Query()], session: Folded, caller: Caller, now: Now
) -> Page[FiredOut]:
    """Breached basic norms, newest first. Managers see those of their own outlets."""
    scope = await asking.of_whatever(
        session, caller, outlet_id=wanted.outlet_id, region_id=wanted.region_id, tier=wanted.tier, now=now
    )
    asked = await asking.ask(session, caller, wanted, now=now)
    by = [Key(VetoFact.visited_on, descending=True), Key(VetoFact.alias), Key(VetoFact.item_code)]
    found = await paginate(session, queries.vetoes(asked, scope.group), wanted, by=by)
    return found.page(await charting.fired(session, found.rows, scope, asked))


@router.get("/worst-items", responses=REFUSED)
async def show_worst_items(
    wanted: Annotated[WorstRequest, Query()], session: Folded, caller: Caller, now: Now
) -> WorstItemsOut:
    """What costs most, or succeeds least. Managers see their own outlets."""
    scope = await asking.of_whatever(
        session, caller, outlet_id=wanted.outlet_id, region_id=wanted.region_id, tier=wanted.tier, now=now
    )
    asked = await asking.ask(session, caller, wanted, now=now)
    return await charting.worst_items(session, scope, asked, by=wanted.by, limit=wanted.limit, now=now)


@router.get("/competitors", responses=REFUSED)
async def compare_with_competitors(
    wanted: Annotated[ScopedRequest, Query()], session: Folded, caller: Caller, now: Now
) -> CompetitorsOut:
    """Beside competitors' outlets of the same tier, over the items that applied on both sides (D9.7)."""
    scope = await asking.of_whatever(
        session, caller, outlet_id=wanted.outlet_id, region_id=wanted.region_id, tier=wanted.tier, now=now
    )
    asked = await asking.ask(session, caller, wanted, now=now)
    return await comparing.competitors(session, caller, scope, asked, now=now)


@router.get("/inspectors", responses=REFUSED)
async def show_inspectors(
    wanted: Annotated[InspectorsRequest, Query()], session: Folded, caller: Caller, now: Now
) -> InspectorsOut:
    """Severity beside peers at the same outlets, punctuality, coverage. For supervisors and admins only."""
    scope = await asking.of_supervisor(session, caller, region_id=wanted.region_id, now=now)
    asked = await asking.ask(session, caller, wanted, now=now, months=STUDY_MONTHS)
    return await inspecting.inspectors(session, scope, asked, now=now)


@router.get("/reliability", responses=REFUSED)
async def show_reliability(
    wanted: Annotated[ReliabilityRequest, Query()], session: Folded, caller: Caller, now: Now
) -> ReliabilityOut:
    """How many visits a conclusion about an outlet needs, by what outlets, inspectors and chance vary."""
    scope = await asking.of_group(session, caller, region_id=wanted.region_id, tier=wanted.tier, now=now)
    asked = await asking.ask(session, caller, wanted, now=now, months=STUDY_MONTHS)
    return await inspecting.reliability(
        session, scope, asked, half_width=wanted.precision, wanted=wanted.reliability, now=now
    )
