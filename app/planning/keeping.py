"""Plans between the solver's documents and the database's rows. A plan is written whole, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.planning import models, queries_plans
from app.planning import plan as documents
from app.planning.demand import Kind
from app.planning.instance import Instance
from app.planning.measures import measure
from app.planning.month import Left
from app.planning.schemas_demand import LeftOut

SAYS = {
    LeftOut.NO_POSITION: "The outlet has no position: enter it.",
    LeftOut.NO_RECORDING_POLICY: "Nobody has stated what may be recorded there (D10.5): state a policy.",
}
NO_COSTS = documents.Costs(
    unserved=0, travel=0, fair_load=0, off_peak=0, community=0, variation=0, stability=0, total=0
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as the solver's documents. `left_out` are rows of outlets that the solver never saw."""

    instance: Instance
    plan: documents.Plan
    left_out: Sequence[models.UnservedVisit]


async def keep(
    session: AsyncSession, plan: models.Plan, instance: Instance, made: documents.Plan, left: Iterable[Left]
) -> None:
    """Put this content in the place of what the plan had."""
    for statement in queries_plans.forget_content(plan):
        await session.execute(statement)
    session.add(models.PlanInstance(plan_id=plan.id, document=instance.model_dump_json(exclude_none=True)))
    await session.flush()
    await insert(session, models.PlannedVisit, [visit_values(plan.id, one) for one in made.visits])
    unserved = [unserved_values(plan.id, one) for one in made.unserved]
    unserved += [_left_values(plan.id, one, number) for one in left for number in range(1, one.visits + 1)]
    await insert(session, models.UnservedVisit, unserved)
    await insert(session, models.PlanRoute, [route_values(plan.id, one) for one in made.routes])
    plan.costs = made.costs.model_dump()
    plan.measures = asdict(measure(instance, made))


async def read(session: AsyncSession, plan: models.Plan) -> Kept:
    """The plan as it stands. Only for plans that have content."""
    stored = await queries_plans.find_instance(session, plan)
    assert stored is not None
    instance = Instance.model_validate_json(stored.document)
    unserved = await queries_plans.all_unserved(session, plan)
    solved = {str(cause) for cause in documents.Cause}
    return Kept(
        instance,
        documents.Plan(
            instance=instance.name,
            month=plan.month,
            seed=plan.seed,
            iterations=0,
            visits=tuple(visit_document(row) for row in await queries_plans.all_visits(session, plan)),
            unserved=tuple(_unserved_document(row) for row in unserved if row.cause in solved),
            routes=tuple(_route_document(row) for row in await queries_plans.all_routes(session, plan)),
            costs=documents.Costs.model_validate(plan.costs) if plan.costs else NO_COSTS,
        ),
        [row for row in unserved if row.cause not in solved],
    )


async def insert(
    session: AsyncSession,
    table: type[models.PlannedVisit | models.UnservedVisit | models.PlanRoute],
    values: list[dict[str, object]],
) -> None:
    """All rows at once; none is no statement at all."""
    if values:
        await session.execute(sa.insert(table), values)


def visit_values(plan_id: UUID, one: documents.PlannedVisit) -> dict[str, object]:
    return {
        "plan_id": plan_id,
        "name": one.visit,
        "outlet_id": UUID(one.outlet),
        "number": one.number,
        "kind": one.kind.value,
        "purpose": one.purpose,
        "inspectors": list(one.inspectors),
        "backups": list(one.backups),
        "planned_on": one.on,
        "arrives_minute": one.arrive,
        "leaves_minute": one.leave,
        "pinned": one.pinned,
        "visit_id": None,
    }


def visit_document(row: models.PlannedVisit) -> documents.PlannedVisit:
    return documents.PlannedVisit(
        visit=row.name,
        outlet=str(row.outlet_id),
        number=row.number,
        kind=Kind(row.kind),
        purpose=row.purpose,
        inspectors=tuple(row.inspectors),
        backups=tuple(row.backups),
        on=row.planned_on,
        arrive=row.arrives_minute,
        leave=row.leaves_minute,
        pinned=row.pinned,
    )


def route_values(plan_id: UUID, one: documents.Route) -> dict[str, object]:
    return {
        "plan_id": plan_id,
        "inspector_id": UUID(one.inspector),
        "route_on": one.on,
        "leaves_home_minute": one.leaves_home,
        "returns_home_minute": one.returns_home,
        "travel_minutes": one.travel_minutes,
        "stops": list(one.visits),
    }


def _route_document(row: models.PlanRoute) -> documents.Route:
    return documents.Route(
        inspector=str(row.inspector_id),
        on=row.route_on,
        leaves_home=row.leaves_home_minute,
        returns_home=row.returns_home_minute,
        travel_minutes=row.travel_minutes,
        visits=tuple(row.stops),
    )


def unserved_values(plan_id: UUID, one: documents.Unserved) -> dict[str, object]:
    return {
        "plan_id": plan_id,
        "name": one.visit,
        "outlet_id": UUID(one.outlet),
        "number": one.number,
        "tier": one.tier,
        "cause": one.cause.value,
        "says": one.says,
        "fix": one.fix.model_dump(mode="json"),
        "sieve": one.left,
    }


def _left_values(plan_id: UUID, one: Left, number: int) -> dict[str, object]:
    return {
        "plan_id": plan_id,
        "name": f"{one.outlet.id}#{number}",
        "outlet_id": one.outlet.id,
        "number": number,
        "tier": one.outlet.tier,
        "cause": one.cause.value,
        "says": SAYS[one.cause],
        "fix": None,
        "sieve": {},
    }


def _unserved_document(row: models.UnservedVisit) -> documents.Unserved:
    return documents.Unserved(
        visit=row.name,
        outlet=str(row.outlet_id),
        number=row.number,
        tier=row.tier,
        cause=documents.Cause(row.cause),
        says=row.says,
        fix=documents.Fix.model_validate(row.fix),
        left=row.sieve,
    )
