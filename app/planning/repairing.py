"""What a repair starts from: the plan before it, and what has become of its visits since (D6.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.planning import keeping, queries_month
from app.planning import parts as documents
from app.planning import plan as plans
from app.planning import queries_plans as queries
from app.planning.instance import Instance
from app.planning.models import Plan, PlannedVisit, PlanState
from app.visits import queries as visit_queries
from app.visits.models import CrewMember, Visit
from app.visits.rules import CrewRole, State

MOVABLE = (State.PROPOSED, State.RESERVED)


@dataclass(frozen=True, slots=True)
class Before:
    """`plan` is what may still be moved, `pins` what may not, `own` the visits both have made."""

    instance: Instance
    plan: plans.Plan
    pins: Sequence[documents.Pin]
    own: frozenset[UUID]


async def before(session: AsyncSession, plan: Plan) -> Before:
    """The plan as it stands. Confirmed and started visits are pins, with the crew and day they have by now."""
    kept = await keeping.read(session, plan)
    rows = {row.name: row for row in await queries.all_visits(session, plan)}
    ids = sorted(row.visit_id for row in rows.values() if row.visit_id is not None)
    made = await visit_queries.visits_by_id(session, ids)
    crews = await visit_queries.crews_of(session, ids)
    moving: list[plans.PlannedVisit] = []
    pins: list[documents.Pin] = []
    for one in kept.plan.visits:
        row = rows[one.visit]
        visit = made.get(row.visit_id) if row.visit_id is not None else None
        if visit is None:
            gone = plan.state is PlanState.PUBLISHED
            moving += [] if gone else [one]
            pins += [_pin(one)] if one.pinned else []
        elif visit.state in queries_month.NOT_MADE:
            continue
        elif visit.state in MOVABLE and not one.pinned and _as_planned(row, visit, crews[visit.id]):
            moving.append(one)
        else:
            pins.append(_confirmed(row, visit, crews[visit.id]))
    return Before(
        kept.instance,
        kept.plan.model_copy(update={"visits": tuple(moving), "unserved": (), "routes": ()}),
        pins,
        frozenset(ids),
    )


def crew_of(members: Sequence[CrewMember]) -> list[str]:
    """Who enters, the lead first."""
    return [
        str(one.person_id)
        for one in members
        if one.role is not CrewRole.BACKUP or one.activated_at is not None
    ]


def _as_planned(row: PlannedVisit, visit: Visit, members: Sequence[CrewMember]) -> bool:
    return visit.planned_on == row.planned_on and sorted(crew_of(members)) == sorted(row.inspectors)


def _pin(one: plans.PlannedVisit) -> documents.Pin:
    return documents.Pin(
        outlet=one.outlet, number=one.number, inspectors=one.inspectors, on=one.on, arrive=one.arrive
    )


def _confirmed(row: PlannedVisit, visit: Visit, members: Sequence[CrewMember]) -> documents.Pin:
    at_hour = _as_planned(row, visit, members)
    return documents.Pin(
        outlet=str(row.outlet_id),
        number=row.number,
        inspectors=tuple(crew_of(members)),
        on=visit.planned_on,
        arrive=row.arrives_minute if at_hour else None,
        confirmed=True,
    )
