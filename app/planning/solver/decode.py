"""From the arrays back to the document: visits, routes, reasons, costs."""

import math
from itertools import pairwise

import numpy as np

from app.planning.cells import part_of
from app.planning.plan import Costs, Plan, PlannedVisit, Route
from app.planning.solver.encode import Month
from app.planning.solver.explain import Explainer
from app.planning.solver.layout import LEG, NOWHERE, State
from app.planning.solver.routes import minutes
from app.planning.solver.timing import Timetable


def plan_of(
    month: Month,
    state: State,
    table: Timetable,
    *,
    seed: int,
    iterations: int,
    backups: dict[int, tuple[str, ...]],
    given_up: set[int],
) -> Plan:
    """`given_up` are visits left out because every time for them would repeat a cell."""
    explainer = Explainer(month, state)
    open_visits = [visit for visit in range(len(month.visits)) if not is_served(month, state, visit)]
    visits = [_visit(month, state, table, visit, backups) for visit in _served(month, state)]
    visits.sort(key=lambda one: (one.on, one.arrive, one.visit))
    return Plan(
        instance=month.instance.name,
        month=month.instance.month,
        seed=seed,
        iterations=iterations,
        visits=tuple(visits),
        unserved=tuple(explainer.unserved(visit, repeats=visit in given_up) for visit in open_visits),
        routes=tuple(_routes(month, state, table)),
        costs=_costs(month, state, visits, sum(month.prizes[visit] for visit in open_visits)),
    )


def is_served(month: Month, state: State, visit: int) -> bool:
    return all(state.tasks["slot"][task] != NOWHERE for task in month.tasks_of[visit])


def _served(month: Month, state: State) -> list[int]:
    return [visit for visit in range(len(month.visits)) if is_served(month, state, visit)]


def _visit(
    month: Month, state: State, table: Timetable, visit: int, backups: dict[int, tuple[str, ...]]
) -> PlannedVisit:
    demanded = month.visits[visit]
    tasks = month.tasks_of[visit]
    slots = [int(state.tasks["slot"][task]) for task in tasks]
    start = int(table.start[tasks[0]])
    return PlannedVisit(
        visit=demanded.id,
        outlet=demanded.outlet.id,
        number=demanded.number,
        kind=demanded.kind,
        purpose=demanded.purpose,
        inspectors=tuple(month.instance.inspectors[slot // month.facts.days].id for slot in slots),
        backups=backups.get(visit, ()),
        on=month.days[slots[0] % month.facts.days],
        arrive=start,
        leave=start + demanded.outlet.service_minutes,
        pinned=visit in month.pins,
    )


def _routes(month: Month, state: State, table: Timetable) -> list[Route]:
    facts = month.facts
    routes = []
    for slot in map(int, np.flatnonzero(state.filled > 0)):
        tasks = table.order[slot]
        home = len(facts.outlets) - 1 + slot // facts.days
        nodes = [home, *(int(facts.tasks["outlet"][task]) for task in tasks), home]
        legs = [int(minutes(facts, here, there)) for here, there in pairwise(nodes)]
        first, last = tasks[0], tasks[-1]
        leaves = int(table.start[first]) - legs[0]
        service = int(facts.outlets["service"][facts.tasks["outlet"][last]])
        routes.append(
            Route(
                inspector=month.instance.inspectors[slot // facts.days].id,
                on=month.days[slot % facts.days],
                leaves_home=leaves,
                returns_home=int(table.start[last]) + service + legs[-1],
                travel_minutes=sum(legs),
                visits=tuple(month.visits[int(facts.tasks["visit"][task])].id for task in tasks),
            )
        )
    return sorted(routes, key=lambda route: (route.on, route.inspector))


def _costs(month: Month, state: State, visits: list[PlannedVisit], unserved: float) -> Costs:
    facts = month.facts
    tasks = np.flatnonzero(state.tasks["slot"] != NOWHERE)
    slots, rows = state.tasks["slot"][tasks], facts.tasks[tasks]
    kept = rows["keep"] != NOWHERE
    terms = {
        "unserved": unserved,
        "travel": facts.per_minute * _travel(state),
        "fair_load": float((facts.staff["unfair"] * state.staff["load"] ** 2).sum()),
        "off_peak": month.instance.weights.off_peak * _off_peak_missing(month, visits),
        "community": float(facts.pairs["cost"][state.tasks["pair"][tasks]].sum()),
        "variation": float(facts.draw[rows["outlet"], slots % facts.days].sum()),
        "stability": facts.change * float((kept & (rows["keep"] != slots)).sum()),
    }
    rounded = {name: round(cost, 3) for name, cost in terms.items()}
    return Costs(**rounded, total=round(sum(terms.values()), 3))


def _travel(state: State) -> int:
    position = np.arange(state.stops.shape[1])
    used = (state.filled[:, None] > 0) & (position[None, :] <= state.filled[:, None])
    return int(state.stops[:, :, LEG][used].sum())


def _off_peak_missing(month: Month, visits: list[PlannedVisit]) -> int:
    rules = month.instance.rules
    off_peak = sum(
        rules.day_parts[part_of(rules, visit.arrive)].name in rules.off_peak_parts for visit in visits
    )
    return max(0, math.ceil(rules.off_peak_share * len(visits)) - off_peak)
