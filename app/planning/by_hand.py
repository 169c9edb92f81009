"""A visit put elsewhere by hand: where it could stand, and what that breaks which was whole before (D6.4)."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from app.planning import plan as documents
from app.planning.check import examine, hours_on
from app.planning.demand import DemandedVisit
from app.planning.hard_rules import Rule, Violation, Why
from app.planning.instance import Instance
from app.planning.parts import Outlet
from app.planning.places import Places
from app.planning.travel import travel_minutes

STEP_MINUTES = 5  # between the hours that are tried for a visit moved to another day


def new_violations(
    instance: Instance, plan: documents.Plan, changed: Sequence[documents.PlannedVisit]
) -> list[Violation]:
    """What the changed visits break that was whole before. Only what they could touch is looked at."""
    names = {one.visit for one in changed}
    old = [one for one in plan.visits if one.visit in names]
    outlets = {one.outlet for one in (*changed, *old)}
    people = {name for one in (*changed, *old) for name in (*one.inspectors, *one.backups)}
    near = [
        one
        for one in plan.visits
        if one.visit not in names and (one.outlet in outlets or people & {*one.inspectors, *one.backups})
    ]
    some = part_of(instance, [*near, *old, *changed])
    known = {str(one) for one in examine(some, [*near, *old])}
    found = [one for one in examine(some, [*near, *changed]) if str(one) not in known]
    return [*found, *_confirmed(instance, changed)]


def part_of(instance: Instance, visits: Iterable[documents.PlannedVisit]) -> Instance:
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


def _confirmed(instance: Instance, changed: Sequence[documents.PlannedVisit]) -> list[Violation]:
    """What somebody has confirmed or begun stays as it is, whoever drew up the rest anew (D6.5)."""
    pins = {f"{pin.outlet}#{pin.number}": pin for pin in instance.pins if pin.confirmed}
    says = "it is confirmed or has begun: reschedule or cancel the visit itself"
    return [
        Violation(Rule.PIN, one.visit, on=one.on, says=says, why=Why.CONFIRMED)
        for one in changed
        if (pin := pins.get(one.visit)) is not None
        and (
            {*(pin.inspectors or ())} != {*one.inspectors}
            or pin.on != one.on
            or pin.arrive not in {None, one.arrive}
        )
    ]


def is_confirmed(instance: Instance, visit: str) -> bool:
    return any(pin.confirmed and f"{pin.outlet}#{pin.number}" == visit for pin in instance.pins)


def hours_to_try(outlet: Outlet, day: date, now_planned: documents.PlannedVisit | None) -> list[int]:
    """The minutes at which the visit could begin, the present one first. Never empty."""
    open_hours = hours_on(outlet, day)
    if open_hours is None:
        return [now_planned.arrive if now_planned else 0]
    last = open_hours.closes - outlet.service_minutes
    spread = list(range(open_hours.opens, last + 1, STEP_MINUTES)) or [open_hours.opens]
    return ([now_planned.arrive] if now_planned else []) + spread


def placed(
    demanded: DemandedVisit,
    crew: Sequence[str],
    day: date,
    arrive: int,
    *,
    backups: Sequence[str] = (),
) -> documents.PlannedVisit:
    """The visit with this crew at that time."""
    return documents.PlannedVisit(
        visit=demanded.id,
        outlet=demanded.outlet.id,
        number=demanded.number,
        kind=demanded.kind,
        purpose=demanded.purpose,
        inspectors=tuple(crew),
        backups=tuple(backups),
        on=day,
        arrive=arrive,
        leave=min(24 * 60, arrive + demanded.outlet.service_minutes),
    )


def route_of(
    instance: Instance, visits: Iterable[documents.PlannedVisit], name: str, day: date
) -> documents.Route | None:
    """Somebody's way on a day from home to home, if there is anything to do."""
    stops = sorted(
        (one for one in visits if one.on == day and name in one.inspectors), key=lambda one: one.arrive
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
        on=day,
        leaves_home=stops[0].arrive - legs[0],
        returns_home=stops[-1].leave + legs[-1],
        travel_minutes=sum(legs),
        visits=tuple(stop.visit for stop in stops),
    )


def unserved_by_hand(demanded: DemandedVisit, was: documents.PlannedVisit) -> documents.Unserved:
    """What a visit taken out of a plan leaves there: the decision, and the way back."""
    return documents.Unserved(
        visit=demanded.id,
        outlet=demanded.outlet.id,
        number=demanded.number,
        tier=demanded.outlet.tier,
        cause=documents.Cause.BY_HAND,
        says="somebody took it out of the plan",
        fix=documents.Fix(
            remedy=documents.Remedy.PUT_BACK, inspector=was.inspectors[0], on=was.on, says="put it back"
        ),
        left={},
    )
