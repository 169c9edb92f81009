"""Why not this inspector, there, on that day (D5.8)? Every rule that forbids it, with its dates.

Independent of the solver, as the check is: it may be asked of any plan, made by whomever.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from app.kit.sentences import counted
from app.planning.check import examine, hours_on
from app.planning.clocktimes import clock
from app.planning.demand import DemandedVisit, demanded_visits
from app.planning.hard_rules import Fact, Rule, Violation, Why
from app.planning.instance import Instance
from app.planning.parts import Inspector, Outlet
from app.planning.places import Places
from app.planning.plan import Plan, PlannedVisit
from app.planning.schedule import Day, Stop, span
from app.planning.travel import travel_minutes

# What a hypothetical hour cannot show: the route is judged by what any hour would allow.
OF_THE_HOUR = {Rule.TRAVEL, Rule.SHIFT, Rule.DAY_LENGTH, Rule.VARIATION, Rule.PIN}


def why_not(instance: Instance, plan: Plan, *, visit: str, inspector: str, on: date) -> list[Violation]:
    """All hard rules that `inspector` making `visit` on that day would break, everything else as planned.

    An empty list means it may be done. Other visits of that day may shift in time, but keep their order.
    Raises ValueError for an unknown visit or inspector.
    """
    demanded = {one.id: one for one in demanded_visits(instance)}.get(visit)
    person = {one.id: one for one in instance.inspectors}.get(inspector)
    if demanded is None:
        raise ValueError(f"the month asks for no visit {visit!r}")
    if person is None:
        raise ValueError(f"nobody has the id {inspector!r}")
    others = [one for one in plan.visits if one.visit != visit]
    moved = _moved(plan, demanded, person, on)
    kin = _kin(instance, demanded.outlet)
    near = [
        one
        for one in others
        if one.outlet == demanded.outlet.id
        or inspector in _people(one)
        or (one.outlet in kin and set(moved.inspectors) & set(_people(one)))
    ]
    broken = [found for found in examine(instance, [*near, moved]) if _concerns(found, visit, inspector, on)]
    if not any(found.rule in {Rule.OPENING, Rule.MONTH} for found in broken):
        broken += _route(instance, near, demanded.outlet, person, on)
    broken += _pinned(instance, demanded, inspector, on)
    return broken


def _kin(instance: Instance, outlet: Outlet) -> set[str]:
    """The outlets that share the rotation of this one (D5.7)."""
    places = Places(instance)
    return {one.id for one in instance.outlets if places.of(one) == places.of(outlet)}


def _people(visit: PlannedVisit) -> tuple[str, ...]:
    return (*visit.inspectors, *visit.backups)


def _moved(plan: Plan, demanded: DemandedVisit, person: Inspector, on: date) -> PlannedVisit:
    """The visit as asked for, with the rest of its crew if it has one."""
    now = next((one for one in plan.visits if one.visit == demanded.id), None)
    rest = [name for name in (now.inspectors if now else ()) if name != person.id][: demanded.outlet.crew - 1]
    hours = hours_on(demanded.outlet, on)
    arrive = hours.opens if hours else 0
    return PlannedVisit(
        visit=demanded.id,
        outlet=demanded.outlet.id,
        number=demanded.number,
        kind=demanded.kind,
        purpose=demanded.purpose,
        inspectors=(person.id, *rest),
        on=on,
        arrive=arrive,
        leave=min(24 * 60, arrive + demanded.outlet.service_minutes),
    )


def _concerns(found: Violation, visit: str, inspector: str, on: date) -> bool:
    if found.rule in OF_THE_HOUR or (found.rule is Rule.CREW and "crew of" in found.says):
        return False
    if found.rule is Rule.WORK_DAYS:
        return found.inspector == inspector
    if found.rule in {Rule.GAP, Rule.ROTATION}:
        return True  # `examine` saw only visits that this one could be in conflict with
    return found.visit == visit or (found.inspector == inspector and found.on in {None, on})


def _route(
    instance: Instance, near: Iterable[PlannedVisit], outlet: Outlet, person: Inspector, on: date
) -> Iterator[Violation]:
    """Whether the day's stops, in their order, leave room for one more anywhere."""
    outlets = {one.id: one for one in instance.outlets}
    fixed = {f"{pin.outlet}#{pin.number}": pin.arrive for pin in instance.pins}
    planned = sorted(
        (one for one in near if one.on == on and person.id in one.inspectors), key=lambda one: one.arrive
    )
    stops = [(outlets[one.outlet], fixed.get(one.visit)) for one in planned]
    drive = travel_minutes(instance)
    day = Day(person.starts, person.ends, person.max_day_minutes)
    least: int | None = None
    for place in range(len(stops) + 1):
        route = [*stops[:place], (outlet, None), *stops[place:]]
        places = [person.home, *(one.at for one, _ in route), person.home]
        legs = [drive(here, there) for here, there in pairwise(places)]
        found = span(day, [_stop(one, at, on) for one, at in route], legs)
        if found is not None:
            least = min(least or found.least, found.least)
    if least is None:
        says = f"with {counted(len(stops), 'other visit')} that day the ways, opening hours and shift leave no time"
        starts, ends = clock(person.starts), clock(person.ends)
        facts: dict[str, Fact] = {"others": len(stops), "starts": starts, "ends": ends}
        yield Violation(
            Rule.SHIFT, "", person.id, on, f"{says} ({starts}–{ends})", why=Why.NO_HOUR, facts=facts
        )
    elif least > person.max_day_minutes:
        says = f"the day would take {least} min, at most {person.max_day_minutes}"
        facts = {"minutes": least, "most": person.max_day_minutes}
        yield Violation(Rule.DAY_LENGTH, "", person.id, on, says, facts=facts)


def _stop(outlet: Outlet, at: int | None, on: date) -> Stop:
    hours = hours_on(outlet, on)
    if at is not None or hours is None:
        return Stop(at or 0, at or 0, outlet.service_minutes)
    return Stop(hours.opens, hours.closes - outlet.service_minutes, outlet.service_minutes)


def _pinned(instance: Instance, demanded: DemandedVisit, inspector: str, on: date) -> Iterator[Violation]:
    for pin in instance.pins:
        if (pin.outlet, pin.number) != (demanded.outlet.id, demanded.number):
            continue
        if pin.inspectors is not None and inspector not in pin.inspectors:
            says = f"pinned to {', '.join(pin.inspectors)}"
            yield Violation(Rule.PIN, demanded.id, inspector, on, says, why=Why.PINNED)
        if pin.on not in {None, on}:
            yield Violation(Rule.PIN, demanded.id, inspector, on, f"pinned to {pin.on}", why=Why.PINNED)
