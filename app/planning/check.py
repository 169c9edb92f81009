"""An independent check of a plan against every hard rule, in plain Python and without the solver's code.

Each violation names its rule and the dates or minutes that show it. An empty list is the promise of D6.4.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise

from app.kit.sentences import counted
from app.planning.check_books import Books, open_books
from app.planning.check_rotation import rotation
from app.planning.clocktimes import clock
from app.planning.demand import DemandedVisit, Kind
from app.planning.hard_rules import Fact, Rule, Violation, Why
from app.planning.instance import Instance
from app.planning.parts import Inspector, OpenHours, Outlet
from app.planning.plan import Plan, PlannedVisit, Unserved


def check(instance: Instance, plan: Plan) -> list[Violation]:
    """Every violation of a hard rule, ordered by rule group; none means the plan may be published."""
    books = open_books(instance, plan.visits)
    found = list(_accounting(books, plan))
    if any(violation.rule is Rule.UNKNOWN for violation in found):
        return found  # the other rules could not even look things up
    return [*found, *_all_rules(books), *_pins(books), *_routes(books, plan)]


def examine(instance: Instance, visits: Sequence[PlannedVisit]) -> list[Violation]:
    """The rules of D5 and D6 on some visits, whatever else is or is not planned."""
    return _all_rules(open_books(instance, visits))


def _all_rules(books: Books) -> list[Violation]:
    rules = (_each_visit, rotation, _gaps, _cells, _each_day, _work_days)
    return [violation for rule in rules for violation in rule(books)]


def _accounting(books: Books, plan: Plan) -> Iterator[Violation]:
    seen: set[str] = set()
    listed: list[PlannedVisit | Unserved] = [*plan.visits, *plan.unserved]
    for entry in listed:
        if entry.visit not in books.demanded or entry.visit != f"{entry.outlet}#{entry.number}":
            yield Violation(Rule.UNKNOWN, entry.visit, says="the month does not ask for this visit")
        if entry.visit in seen:
            yield Violation(Rule.ACCOUNTING, entry.visit, says="it is listed twice")
        seen.add(entry.visit)
    for missing in books.demanded.keys() - seen:
        yield Violation(
            Rule.ACCOUNTING, missing, says="it is neither planned nor reported as unserved (D6.1)"
        )
    for visit in books.visits:
        for name in (*visit.inspectors, *visit.backups):
            if name not in books.inspectors:
                yield Violation(Rule.UNKNOWN, visit.visit, name, says="nobody has this id")


def _each_visit(books: Books) -> Iterator[Violation]:
    days = set(books.instance.days())
    for visit in books.visits:
        if visit.on not in days:
            yield Violation(Rule.MONTH, visit.visit, on=visit.on, says=f"outside {books.instance.month}")
        demanded = books.demanded[visit.visit]
        if (visit.kind, visit.purpose) != (demanded.kind, demanded.purpose):
            yield Violation(Rule.ACCOUNTING, visit.visit, says="kind or purpose is not the demanded one")
        yield from _crew(visit, demanded)
        yield from _opening(visit, demanded.outlet)
        yield from _devices(books, visit, demanded.outlet)
        for name in (*visit.inspectors, *visit.backups):
            yield from _person(books, visit, demanded, books.inspectors[name])


def _crew(visit: PlannedVisit, demanded: DemandedVisit) -> Iterator[Violation]:
    everybody = (*visit.inspectors, *visit.backups)
    if len(visit.inspectors) != demanded.outlet.crew:
        says = f"{counted(len(visit.inspectors), 'inspector')} for a crew of {demanded.outlet.crew}"
        facts = {"inspectors": len(visit.inspectors), "crew": demanded.outlet.crew}
        yield Violation(Rule.CREW, visit.visit, on=visit.on, says=says, why=Why.CREW_SIZE, facts=facts)
    if len(set(everybody)) != len(everybody):
        says = "somebody is named twice (D5.2)"
        yield Violation(Rule.CREW, visit.visit, on=visit.on, says=says, why=Why.CREW_TWICE)


def _devices(books: Books, visit: PlannedVisit, outlet: Outlet) -> Iterator[Violation]:
    """The lead carries them. A backup who takes over the lead takes over the devices (D6.7)."""
    if not visit.inspectors:
        return
    lead = books.inspectors[visit.inspectors[0]]
    for kind, needed in sorted(outlet.devices.items()):
        spells = [one for one in lead.devices if one.kind == kind]
        held = sum(
            one.count
            for one in spells
            if (one.first or visit.on) <= visit.on and (one.last or visit.on) >= visit.on
        )
        if held < needed:
            times = ", ".join(f"{one.count} from {one.first or '…'} to {one.last or '…'}" for one in spells)
            says = f"the lead holds {held} of {needed} {kind} on that day (D6.7): {times or 'none ever'}"
            facts: dict[str, Fact] = {"kind": kind, "held": held, "needed": needed}
            yield Violation(Rule.DEVICE, visit.visit, lead.id, visit.on, says, facts=facts)


def _opening(visit: PlannedVisit, outlet: Outlet) -> Iterator[Violation]:
    if visit.leave - visit.arrive != outlet.service_minutes:
        says = "the stay is not the outlet's service time"
        yield Violation(Rule.OPENING, visit.visit, on=visit.on, says=says, why=Why.STAY)
    hours = hours_on(outlet, visit.on)
    if visit.on in outlet.closures or hours is None:
        says = "the outlet is closed on that day"
        yield Violation(Rule.OPENING, visit.visit, on=visit.on, says=says, why=Why.CLOSED)
    elif visit.arrive < hours.opens or visit.leave > hours.closes:
        facts = {
            "arrive": clock(visit.arrive),
            "leave": clock(visit.leave),
            "opens": clock(hours.opens),
            "closes": clock(hours.closes),
        }
        says = "{arrive}–{leave} outside {opens}–{closes}".format_map(facts)
        yield Violation(Rule.OPENING, visit.visit, on=visit.on, says=says, why=Why.HOURS, facts=facts)


def hours_on(outlet: Outlet, on: date) -> OpenHours | None:
    return next((hours for hours in outlet.hours if on.isoweekday() in hours.weekdays), None)


def _person(
    books: Books, visit: PlannedVisit, demanded: DemandedVisit, inspector: Inspector
) -> Iterator[Violation]:
    outlet = demanded.outlet

    def broken(rule: Rule, says: str, why: Why | None = None, **facts: Fact) -> Violation:
        return Violation(rule, visit.visit, inspector.id, visit.on, says, why, facts)

    missing = set(outlet.languages) - set(inspector.languages)
    if missing:
        languages = ", ".join(sorted(missing))
        yield broken(Rule.LANGUAGE, f"does not speak {languages}", languages=languages)
    lacking = _certificates(books.instance, demanded) - set(inspector.certificates)
    if lacking:
        certificates = ", ".join(sorted(lacking))
        yield broken(Rule.CERTIFICATE, f"has no certificate {certificates}", certificates=certificates)
    way = books.drive(inspector.home, outlet.at)
    if inspector.reach_minutes is not None and way > inspector.reach_minutes:
        says = f"{way} min from home, at most {inspector.reach_minutes}"
        yield broken(Rule.REACH, says, minutes=way, most=inspector.reach_minutes)
    if inspector.regions is not None and outlet.region not in inspector.regions:
        yield broken(Rule.REACH, f"does not serve region {outlet.region!r}", Why.REGION)
    if outlet.id in inspector.not_at:
        yield broken(Rule.BARRED, "must not visit this outlet", Why.NOT_THERE)
    if visit.kind is Kind.COVERT and outlet.id in inspector.not_covert_at:
        yield broken(Rule.BARRED, "is known there, so not covert (D5.6)", Why.KNOWN_THERE)
    if visit.on in inspector.unavailable or visit.on.isoweekday() not in inspector.weekdays:
        yield broken(Rule.UNAVAILABLE, "does not work on that day")


def _certificates(instance: Instance, demanded: DemandedVisit) -> set[str]:
    rule = instance.rules.purposes.get(demanded.purpose) if demanded.purpose else None
    return set(demanded.outlet.certificates) | set(rule.certificates if rule else ())


def _gaps(books: Books) -> Iterator[Violation]:
    gap = books.instance.rules.min_gap_days
    past: dict[str, set[date]] = defaultdict(set)
    for exposure in books.instance.history:
        past[exposure.outlet].add(exposure.on)
    for outlet, visits in books.by_outlet.items():
        dates = [(visit.on, visit.visit) for visit in visits]
        for (one, _), (other, second) in combinations(dates, 2):
            if abs((one - other).days) < gap:
                says = f"another visit on {one}, at least {gap} days apart"
                facts: dict[str, Fact] = {"other": one.isoformat(), "days": gap}
                yield Violation(Rule.GAP, second, on=other, says=says, facts=facts)
        for on, visit in dates:
            near = [day for day in past[outlet] if abs((on - day).days) < gap]
            if near:
                says = f"visited on {near[0]}, at least {gap} days apart"
                facts = {"other": near[0].isoformat(), "days": gap}
                yield Violation(Rule.GAP, visit, on=on, says=says, facts=facts)


def _cells(books: Books) -> Iterator[Violation]:
    run = books.instance.rules.same_cell_run
    if not run:
        return
    # Where a person has decided the hour, the rule gives way: it is hard where feasible.
    decided = {f"{pin.outlet}#{pin.number}" for pin in books.instance.pins if pin.arrive is not None}
    past: dict[str, list[tuple[date, int, str]]] = defaultdict(list)
    for exposure in books.instance.history:
        if exposure.at is not None:
            past[exposure.outlet].append((exposure.on, exposure.at, ""))
    for outlet, visits in books.by_outlet.items():
        all_times = sorted({*past[outlet], *((visit.on, visit.arrive, visit.visit) for visit in visits)})
        for start in range(len(all_times) - run + 1):
            stretch = all_times[start : start + run]
            cells = {(on.isoweekday(), _part(books.instance, at)) for on, at, _ in stretch}
            ours = [(on, visit) for on, _, visit in stretch if visit and visit not in decided]
            if len(cells) == 1 and ours:
                on, visit = ours[-1]
                says = f"{run} times running in one cell (D6.3)"
                yield Violation(Rule.VARIATION, visit, on=on, says=says, facts={"times": run})


def _part(instance: Instance, minute: int) -> str:
    return next(part.name for part in instance.rules.day_parts if minute < part.until)


def _each_day(books: Books) -> Iterator[Violation]:
    for (name, on), visits in books.days.items():
        inspector = books.inspectors[name]
        stops = sorted(visits, key=lambda visit: visit.arrive)
        if len(stops) > inspector.max_visits_per_day:
            says = f"{counted(len(stops), 'visit')}, at most {inspector.max_visits_per_day}"
            facts: dict[str, Fact] = {"visits": len(stops), "most": inspector.max_visits_per_day}
            yield Violation(Rule.VISITS_PER_DAY, stops[-1].visit, name, on, says, facts=facts)
        for before, after in pairwise(stops):
            way = books.drive(books.outlets[before.outlet].at, books.outlets[after.outlet].at)
            if before.leave + way > after.arrive:
                says = f"leaves {before.visit} at {clock(before.leave)}, {way} min away, due {clock(after.arrive)}"
                facts = {"leaves": clock(before.leave), "minutes": way, "due": clock(after.arrive)}
                yield Violation(Rule.TRAVEL, after.visit, name, on, says, facts=facts)
        yield from _day_length(books, inspector, on, stops)


def _day_length(
    books: Books, inspector: Inspector, on: date, stops: list[PlannedVisit]
) -> Iterator[Violation]:
    first, last = books.outlets[stops[0].outlet], books.outlets[stops[-1].outlet]
    leaves = stops[0].arrive - books.drive(inspector.home, first.at)
    returns = stops[-1].leave + books.drive(last.at, inspector.home)
    if leaves < inspector.starts or returns > inspector.ends:
        says = f"{leaves}–{returns} min of the day, the shift is {inspector.starts}–{inspector.ends}"
        facts: dict[str, Fact] = {
            "early": max(0, inspector.starts - leaves),
            "late": max(0, returns - inspector.ends),
            "starts": clock(inspector.starts),
            "ends": clock(inspector.ends),
        }
        yield Violation(Rule.SHIFT, stops[0].visit, inspector.id, on, says, facts=facts)
    if returns - leaves > inspector.max_day_minutes:
        says = f"{returns - leaves} min from home to home, at most {inspector.max_day_minutes}"
        facts = {"minutes": returns - leaves, "most": inspector.max_day_minutes}
        yield Violation(Rule.DAY_LENGTH, stops[0].visit, inspector.id, on, says, facts=facts)


def _work_days(books: Books) -> Iterator[Violation]:
    worked: dict[str, set[date]] = defaultdict(set)
    for name, on in (*books.days, *books.on_call):
        worked[name].add(on)
    for name, dates in worked.items():
        most = books.inspectors[name].max_days
        if len(dates) > most:
            says = f"{counted(len(dates), 'working day')}, at most {most}"
            facts: dict[str, Fact] = {"days": len(dates), "most": most}
            yield Violation(Rule.WORK_DAYS, "", name, max(dates), says, facts=facts)
    for (name, on), calls in books.on_call.items():
        if (name, on) in books.days or len(calls) > 1:
            says = "a backup is free for one visit only"
            yield Violation(Rule.BACKUP, calls[0].visit, name, on, says)


def _pins(books: Books) -> Iterator[Violation]:
    planned = {visit.visit: visit for visit in books.visits}
    for pin in books.instance.pins:
        visit = planned.get(f"{pin.outlet}#{pin.number}")
        if visit is None:
            if pin.confirmed:
                yield Violation(
                    Rule.PIN,
                    f"{pin.outlet}#{pin.number}",
                    says="a confirmed visit was dropped (D6.5)",
                    why=Why.CONFIRMED,
                )
            continue
        if pin.inspectors is not None and set(pin.inspectors) != set(visit.inspectors):
            yield Violation(
                Rule.PIN, visit.visit, on=visit.on, says="not the pinned inspectors", why=Why.PINNED
            )
        if pin.on not in {None, visit.on} or pin.arrive not in {None, visit.arrive}:
            yield Violation(Rule.PIN, visit.visit, on=visit.on, says="not the pinned time", why=Why.PINNED)


def _routes(books: Books, plan: Plan) -> Iterator[Violation]:
    told = {(route.inspector, route.on): route for route in plan.routes}
    for key in told.keys() ^ books.days.keys():
        yield Violation(Rule.ROUTES, "", key[0], key[1], "the routes and the visits name different days")
    for (name, on), visits in books.days.items():
        route = told.get((name, on))
        stops = sorted(visits, key=lambda visit: visit.arrive)
        if route is None:
            continue
        home = books.inspectors[name].home
        places = [home, *(books.outlets[stop.outlet].at for stop in stops), home]
        legs = [books.drive(here, there) for here, there in pairwise(places)]
        times = (stops[0].arrive - legs[0], stops[-1].leave + legs[-1], sum(legs))
        if (route.leaves_home, route.returns_home, route.travel_minutes) != times or route.visits != tuple(
            stop.visit for stop in stops
        ):
            yield Violation(
                Rule.ROUTES, stops[0].visit, name, on, "the route does not follow from its visits"
            )
