"""From rows to wire types."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.planning import plan as documents
from app.planning import queries_plans
from app.planning.clocktimes import clock
from app.planning.compare import VisitChange
from app.planning.demand import DemandedVisit
from app.planning.hard_rules import Violation
from app.planning.models import Plan, PlannedVisit, PlanProgress, PlanRoute, UnservedVisit
from app.planning.options import Option, Row
from app.planning.plan import Fix
from app.planning.schemas import (
    BrokenOut,
    ChangedOut,
    GuessableOut,
    GuessOut,
    OptionOut,
    OptionRowOut,
    OptionsOut,
    OwnStopOut,
    PlannedVisitOut,
    PlanOut,
    PlanProgressOut,
    PredictabilityOut,
    ProgressOut,
    RouteOut,
    UnservedOut,
)
from app.planning.tasks import Guessed

PLAIN = set(PlanOut.model_fields) - {"progress"}


async def plans(session: AsyncSession, rows: Sequence[Plan]) -> list[PlanOut]:
    progress = await queries_plans.progress_of(session, [row.id for row in rows])
    return [
        PlanOut.model_validate(
            {name: getattr(row, name) for name in PLAIN}
            | {"progress": ProgressOut.model_validate(progress[row.id])}
        )
        for row in rows
    ]


async def plan(session: AsyncSession, row: Plan) -> PlanOut:
    return (await plans(session, [row]))[0]


def progress_of(row: Plan, progress: PlanProgress) -> PlanProgressOut:
    said = ProgressOut.model_validate(progress)
    return PlanProgressOut(**said.model_dump(), state=row.state, failure=row.failure)


def visit(row: PlannedVisit) -> PlannedVisitOut:
    return PlannedVisitOut(
        visit=row.name,
        outlet_id=row.outlet_id,
        kind=row.kind,
        purpose=row.purpose,
        inspectors=[UUID(one) for one in row.inspectors],
        backups=[UUID(one) for one in row.backups],
        on=row.planned_on,
        arrive=clock(row.arrives_minute),
        leave=clock(row.leaves_minute),
        pinned=row.pinned,
        visit_id=row.visit_id,
    )


def unserved(row: UnservedVisit) -> UnservedOut:
    return UnservedOut(
        visit=row.name,
        outlet_id=row.outlet_id,
        tier=row.tier,
        cause=row.cause,
        says=row.says,
        fix=Fix.model_validate(row.fix) if row.fix else None,
        sieve=row.sieve,
    )


def route(row: PlanRoute) -> RouteOut:
    return RouteOut(
        inspector_id=row.inspector_id,
        on=row.route_on,
        leaves_home=clock(row.leaves_home_minute),
        returns_home=clock(row.returns_home_minute),
        travel_minutes=row.travel_minutes,
        visits=row.stops,
    )


def broken(one: Violation) -> BrokenOut:
    return BrokenOut(
        rule=one.rule,
        visit=one.visit,
        inspector=one.inspector,
        on=one.on,
        says=one.says,
        why=one.reason,
        facts=dict(one.facts),
    )


def options(row: Plan, demanded: DemandedVisit, rows: Sequence[Row]) -> OptionsOut:
    return OptionsOut(
        visit=demanded.id,
        outlet_id=UUID(demanded.outlet.id),
        version=row.version,
        crew_size=demanded.outlet.crew,
        rows=[
            OptionRowOut(
                inspector_id=UUID(one.inspector),
                crew=[UUID(name) for name in one.crew],
                visits_in_month=one.visits_in_month,
                never=[broken(each) for each in one.never],
                days=[_option(each) for each in one.days],
            )
            for one in rows
        ],
    )


def _option(one: Option) -> OptionOut:
    return OptionOut(
        on=one.on,
        verdict=one.verdict,
        arrive=None if one.arrive is None else clock(one.arrive),
        broken=[broken(each) for each in one.broken],
        soft=list(one.soft),
        travel_minutes=one.travel_minutes,
        visits_that_day=one.visits_that_day,
    )


def changed(one: VisitChange) -> ChangedOut:
    return ChangedOut(
        visit=one.visit,
        changes=list(one.changes),
        before=_planned(one.before) if one.before else None,
        after=_planned(one.after) if one.after else None,
    )


def guess(found: Guessed) -> GuessOut:
    return GuessOut.model_validate(found.model_dump(exclude={"outlets"}))


def predictability(found: Guessed, *, most: int) -> PredictabilityOut:
    """With the `most` outlets that are guessed best."""
    ranked = sorted(found.outlets, key=lambda one: (not one.alarm, -one.hits / one.guesses, one.outlet))
    return PredictabilityOut.model_validate(
        found.model_dump(exclude={"outlets"})
        | {
            "alarms": sum(one.alarm for one in found.outlets),
            "outlets": [
                GuessableOut(outlet_id=UUID(one.outlet), **one.model_dump(exclude={"outlet"}))
                for one in ranked[:most]
            ],
        }
    )


def own_stop(row: PlannedVisit) -> OwnStopOut:
    assert row.visit_id is not None
    return OwnStopOut(
        visit_id=row.visit_id,
        outlet_id=row.outlet_id,
        on=row.planned_on,
        arrive=clock(row.arrives_minute),
        leave=clock(row.leaves_minute),
    )


def _planned(one: documents.PlannedVisit) -> PlannedVisitOut:
    return PlannedVisitOut.model_validate(
        one.model_dump(include={"visit", "kind", "purpose", "inspectors", "backups", "on", "pinned"})
        | {"outlet_id": one.outlet, "arrive": clock(one.arrive), "leave": clock(one.leave), "visit_id": None}
    )
