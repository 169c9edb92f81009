"""Changing a draft by hand: pin, move, swap; and the question why not. Every change is checked at once (D6.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.actor import Actor
from app.kit.etags import require_version
from app.outlets.hours import clock_minutes
from app.planning import keeping
from app.planning import plan as documents
from app.planning import queries_plans as queries
from app.planning.check import examine, hours_on
from app.planning.demand import DemandedVisit, demanded_visits
from app.planning.drawing_up import require_state
from app.planning.hard_rules import Violation
from app.planning.instance import Instance, Outlet
from app.planning.keeping import Kept, route_values, visit_values
from app.planning.measures import measure
from app.planning.models import Plan, PlannedVisit, PlanRoute, PlanState, UnservedVisit
from app.planning.places import Places
from app.planning.problems import RulesBroken, UnknownVisit, WrongPlanState
from app.planning.schemas import MoveIn, PinIn, SwapIn, WhyNotIn
from app.planning.travel import travel_minutes
from app.planning.why_not import why_not as forbidden_by

STEP_MINUTES = 5  # between the hours that are tried for a visit moved to another day


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
    _require_known(draft, crew)
    hours = _hours(demanded.outlet, on, wanted.arrive, now_planned)
    broken: list[Violation] = []
    for arrive in hours:
        candidate = _placed(demanded, crew, on, arrive)
        found = new_violations(draft.kept, [candidate])
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
    if broken := new_violations(draft.kept, changed):
        raise _refusal(broken)
    return await _keep(session, actor, draft, changed, now=now)


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


def new_violations(kept: Kept, changed: Sequence[documents.PlannedVisit]) -> list[Violation]:
    """What the changed visits break that was whole before. Only what they could touch is looked at."""
    names = {one.visit for one in changed}
    old = [one for one in kept.plan.visits if one.visit in names]
    outlets = {one.outlet for one in (*changed, *old)}
    people = {name for one in (*changed, *old) for name in (*one.inspectors, *one.backups)}
    near = [
        one
        for one in kept.plan.visits
        if one.visit not in names and (one.outlet in outlets or people & {*one.inspectors, *one.backups})
    ]
    some = _part_of(kept.instance, [*near, *old, *changed])
    known = {str(one) for one in examine(some, [*near, *old])}
    return [one for one in examine(some, [*near, *changed]) if str(one) not in known]


def _part_of(instance: Instance, visits: Iterable[documents.PlannedVisit]) -> Instance:
    """The month with nothing in it but these visits' outlets, those of their brands, and people: quick to check."""
    names = {one.outlet for one in visits}
    people = {name for one in visits for name in (*one.inspectors, *one.backups)}
    places = Places(instance)
    here = {places.of(one) for one in instance.outlets if one.id in names}
    return instance.model_copy(
        update={
            "outlets": tuple(one for one in instance.outlets if places.of(one) in here),
            "inspectors": tuple(one for one in instance.inspectors if one.id in people),
            "history": tuple(one for one in instance.history if places.of_exposure(one) & here),
        }
    )


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
    now: datetime,
) -> Plan:
    """Write the changed visits and the days they touch."""
    plan, kept = draft.plan, draft.kept
    names = [one.visit for one in changed]
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
    fresh = [one for one in (_route(kept.instance, visits, *key) for key in touched) if one is not None]
    for table in (PlannedVisit, UnservedVisit):
        await session.execute(sa.delete(table).where(table.plan_id == plan.id, table.name.in_(names)))
    await session.execute(sa.insert(PlannedVisit), [visit_values(plan.id, one) for one in changed])
    if fresh:
        await session.execute(sa.insert(PlanRoute), [route_values(plan.id, one) for one in fresh])
    result = kept.plan.model_copy(
        update={
            "visits": tuple(visits),
            "unserved": tuple(one for one in kept.plan.unserved if one.visit not in names),
            "routes": (*routes.values(), *fresh),
        }
    )
    plan.measures, plan.costs = asdict(measure(kept.instance, result)), None
    details = {"visits": ", ".join(names)}
    record(session, actor, "plan.changed_by_hand", subject_id=plan.id, details=details, now=now)
    await session.flush()
    return plan


def _route(
    instance: Instance, visits: Iterable[documents.PlannedVisit], name: str, on: date
) -> documents.Route | None:
    stops = sorted(
        (one for one in visits if one.on == on and name in one.inspectors), key=lambda one: one.arrive
    )
    if not stops:
        return None
    outlets = {one.id: one for one in instance.outlets}
    home = next(one.home for one in instance.inspectors if one.id == name)
    drive = travel_minutes(instance)
    places = [home, *(outlets[stop.outlet].at for stop in stops), home]
    legs = [drive(here, there) for here, there in pairwise(places)]
    return documents.Route(
        inspector=name,
        on=on,
        leaves_home=stops[0].arrive - legs[0],
        returns_home=stops[-1].leave + legs[-1],
        travel_minutes=sum(legs),
        visits=tuple(stop.visit for stop in stops),
    )


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


def _hours(
    outlet: Outlet, on: date, asked: str | None, now_planned: documents.PlannedVisit | None
) -> list[int]:
    """The hours to try, the wanted one alone or else the present one first. Never empty."""
    if asked is not None:
        return [clock_minutes(asked)]
    open_hours = hours_on(outlet, on)
    if open_hours is None:
        return [now_planned.arrive if now_planned else 0]
    last = open_hours.closes - outlet.service_minutes
    spread = list(range(open_hours.opens, last + 1, STEP_MINUTES)) or [open_hours.opens]
    return ([now_planned.arrive] if now_planned else []) + spread


def _placed(demanded: DemandedVisit, crew: tuple[str, ...], on: date, arrive: int) -> documents.PlannedVisit:
    return documents.PlannedVisit(
        visit=demanded.id,
        outlet=demanded.outlet.id,
        number=demanded.number,
        kind=demanded.kind,
        purpose=demanded.purpose,
        inspectors=crew,
        on=on,
        arrive=arrive,
        leave=min(24 * 60, arrive + demanded.outlet.service_minutes),
    )


def _refusal(broken: Sequence[Violation]) -> RulesBroken:
    told = [asdict(one) | {"on": one.on.isoformat() if one.on else None} for one in broken]
    return RulesBroken(f"{len(broken)} rules, first: {broken[0]}", broken=told)
