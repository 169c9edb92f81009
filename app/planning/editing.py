"""Changing a draft by hand: pin, move, swap, take out; and the question why not. Every change is checked at once (D6.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.actor import Actor
from app.kit.etags import require_version
from app.kit.sentences import counted
from app.outlets.hours import clock_minutes
from app.planning import keeping, views
from app.planning import plan as documents
from app.planning import queries_plans as queries
from app.planning.by_hand import (
    hours_to_try,
    is_confirmed,
    new_violations,
    placed,
    route_of,
    unserved_by_hand,
)
from app.planning.demand import DemandedVisit, demanded_visits
from app.planning.drawing_up import require_state
from app.planning.hard_rules import Violation
from app.planning.keeping import Kept, route_values, unserved_values, visit_values
from app.planning.measures import measure
from app.planning.models import Plan, PlannedVisit, PlanRoute, PlanState, UnservedVisit
from app.planning.problems import RulesBroken, UnknownVisit, WrongPlanState
from app.planning.schemas import MoveIn, PinIn, SwapIn, TakeOutIn, WhyNotIn
from app.planning.why_not import why_not as forbidden_by


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft open for a change."""

    plan: Plan
    kept: Kept

    def find(self, name: str) -> documents.PlannedVisit | None:
        return next((one for one in self.kept.plan.visits if one.visit == name), None)

    def demanded(self, name: str) -> DemandedVisit:
        for one in demanded_visits(self.kept.instance):
            if one.id == name:
                return one
        raise UnknownVisit(f"The month asks for no visit {name!r}.")


async def pin(
    session: AsyncSession, actor: Actor, plan_id: UUID, wanted: PinIn, *, expected_version: int, now: datetime
) -> Plan:
    """A pinned visit never moves (D6.5), not by hand either until it is let go."""
    draft = await _open(session, actor, plan_id, expected_version)
    visit = draft.find(wanted.visit)
    if visit is None:
        raise UnknownVisit(f"The plan has no visit {wanted.visit!r}.")
    changed = visit.model_copy(update={"pinned": wanted.pinned})
    return await _keep(session, actor, draft, [changed], now=now)


async def move(
    session: AsyncSession,
    actor: Actor,
    plan_id: UUID,
    wanted: MoveIn,
    *,
    expected_version: int,
    now: datetime,
) -> Plan:
    """Give a visit another crew, day or hour, or serve one that is unserved. Raises `RulesBroken` with every rule."""
    draft = await _open(session, actor, plan_id, expected_version)
    demanded = draft.demanded(wanted.visit)
    now_planned = draft.find(wanted.visit)
    _require_loose(now_planned)
    crew = tuple(map(str, wanted.inspectors)) if wanted.inspectors else _crew(now_planned)
    on = wanted.on or (now_planned.on if now_planned else None)
    if not crew or on is None:
        raise UnknownVisit("The visit is unserved: say who goes, and on which day.")
    backups = [str(one) for one in wanted.backups or ()]
    _require_known(draft, (*crew, *backups))
    hours = (
        [clock_minutes(wanted.arrive)] if wanted.arrive else hours_to_try(demanded.outlet, on, now_planned)
    )
    broken: list[Violation] = []
    for arrive in hours:
        candidate = placed(demanded, crew, on, arrive, backups=backups)
        found = new_violations(draft.kept.instance, draft.kept.plan, [candidate])
        if not found:
            return await _keep(session, actor, draft, [candidate], now=now)
        broken = min(broken or found, found, key=len)  # what the best hour would still break
    raise _refusal(broken)


async def swap(
    session: AsyncSession,
    actor: Actor,
    plan_id: UUID,
    wanted: SwapIn,
    *,
    expected_version: int,
    now: datetime,
) -> Plan:
    """Two visits exchange their crews. Raises `RulesBroken` with every rule that the exchange breaks."""
    draft = await _open(session, actor, plan_id, expected_version)
    first, second = draft.find(wanted.first), draft.find(wanted.second)
    if first is None or second is None or first.visit == second.visit:
        raise UnknownVisit("Name two visits that are planned.")
    _require_loose(first, second)
    changed = [
        first.model_copy(update={"inspectors": second.inspectors, "backups": ()}),
        second.model_copy(update={"inspectors": first.inspectors, "backups": ()}),
    ]
    if broken := new_violations(draft.kept.instance, draft.kept.plan, changed):
        raise _refusal(broken)
    return await _keep(session, actor, draft, changed, now=now)


async def take_out(
    session: AsyncSession,
    actor: Actor,
    plan_id: UUID,
    wanted: TakeOutIn,
    *,
    expected_version: int,
    now: datetime,
) -> Plan:
    """Leave a planned visit unserved: it says that somebody decided so, and where it was (D6.1)."""
    draft = await _open(session, actor, plan_id, expected_version)
    visit = draft.find(wanted.visit)
    if visit is None:
        raise UnknownVisit(f"The plan has no visit {wanted.visit!r}.")
    _require_loose(visit)
    if is_confirmed(draft.kept.instance, visit.visit):
        raise WrongPlanState(f"The visit {visit.visit} is confirmed or has begun: cancel it itself.")
    return await _keep(session, actor, draft, [], taken_out=[visit], now=now)


async def why_not(session: AsyncSession, actor: Actor, plan_id: UUID, asked: WhyNotIn) -> list[Violation]:
    """Every rule that forbids it, with its dates; none: it may be done (D5.8)."""
    plan = await queries.get_plan(session, actor, plan_id)
    require_state(plan, PlanState.DRAFT, PlanState.PUBLISHED, to="be asked about")
    kept = await keeping.read(session, plan)
    try:
        return forbidden_by(
            kept.instance, kept.plan, visit=asked.visit, inspector=str(asked.inspector_id), on=asked.on
        )
    except ValueError as error:
        raise UnknownVisit(str(error)) from error


async def _open(session: AsyncSession, actor: Actor, plan_id: UUID, expected_version: int) -> Draft:
    plan = await queries.get_plan(session, actor, plan_id, lock=True)
    require_version(plan, expected_version)
    require_state(plan, PlanState.DRAFT, to="be changed by hand")
    return Draft(plan, await keeping.read(session, plan))


async def _keep(
    session: AsyncSession,
    actor: Actor,
    draft: Draft,
    changed: Sequence[documents.PlannedVisit],
    *,
    taken_out: Sequence[documents.PlannedVisit] = (),
    now: datetime,
) -> Plan:
    """Write the changed visits, those taken out, and the days they touch."""
    plan, kept = draft.plan, draft.kept
    names = [one.visit for one in (*changed, *taken_out)]
    unserved = [unserved_by_hand(draft.demanded(one.visit), one) for one in taken_out]
    touched = {
        (name, one.on) for one in (*changed, *filter(None, map(draft.find, names))) for name in one.inspectors
    }
    visits = [one for one in kept.plan.visits if one.visit not in names] + list(changed)
    routes = {(one.inspector, one.on): one for one in kept.plan.routes}
    for name, on in touched:
        await session.execute(
            sa.delete(PlanRoute).where(
                PlanRoute.plan_id == plan.id, PlanRoute.inspector_id == UUID(name), PlanRoute.route_on == on
            )
        )
        routes.pop((name, on), None)
    fresh = [one for one in (route_of(kept.instance, visits, *key) for key in touched) if one is not None]
    for table in (PlannedVisit, UnservedVisit):
        await session.execute(sa.delete(table).where(table.plan_id == plan.id, table.name.in_(names)))
    await keeping.insert(session, PlannedVisit, [visit_values(plan.id, one) for one in changed])
    await keeping.insert(session, UnservedVisit, [unserved_values(plan.id, one) for one in unserved])
    await keeping.insert(session, PlanRoute, [route_values(plan.id, one) for one in fresh])
    result = kept.plan.model_copy(
        update={
            "visits": tuple(visits),
            "unserved": (*(one for one in kept.plan.unserved if one.visit not in names), *unserved),
            "routes": (*routes.values(), *fresh),
        }
    )
    plan.measures, plan.costs = asdict(measure(kept.instance, result)), None
    details = {"visits": ", ".join(names)}
    record(session, actor, "plan.changed_by_hand", subject_id=plan.id, details=details, now=now)
    await session.flush()
    return plan


def _crew(visit: documents.PlannedVisit | None) -> tuple[str, ...]:
    return visit.inspectors if visit else ()


def _require_loose(*visits: documents.PlannedVisit | None) -> None:
    for visit in visits:
        if visit is not None and visit.pinned:
            raise WrongPlanState(f"The visit {visit.visit} is pinned: let it go first.")


def _require_known(draft: Draft, crew: Iterable[str]) -> None:
    unknown = sorted(set(crew) - {one.id for one in draft.kept.instance.inspectors})
    if unknown:
        raise UnknownVisit(f"Nobody of the month's inspectors has the id {unknown[0]}.")


def _refusal(broken: Sequence[Violation]) -> RulesBroken:
    told = [views.broken(one).model_dump(mode="json") for one in broken]
    return RulesBroken(f"{counted(len(broken), 'rule')}, first: {broken[0]}", broken=told)
