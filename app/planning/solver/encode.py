"""From the document to the arrays of the search, and the names behind the indices."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np

from app.planning.demand import DemandedVisit, Kind, demanded_visits
from app.planning.instance import Instance
from app.planning.parts import Outlet, Pin
from app.planning.places import Places
from app.planning.priority import prizes
from app.planning.solver.eligibility import Bits, pairs_of
from app.planning.solver.geometry import nearest, ways_of
from app.planning.solver.layout import (
    DAY,
    INSPECTOR,
    LATEST,
    NEIGHBOURS,
    NOWHERE,
    OUTLET,
    TASK_FACTS,
    Facts,
    Records,
    Small,
)


@dataclass(frozen=True, slots=True)
class Month:
    """An encoded month. `tasks_of[visit]` are the visit's tasks, `prizes[visit]` its cost when unserved.

    The outlets of one place stand together in `instance`, whatever their order in the document.
    """

    instance: Instance
    days: list[date]
    visits: list[DemandedVisit]
    prizes: list[float]
    pins: dict[int, Pin]
    tasks_of: list[list[int]]
    facts: Facts


def encode(instance: Instance, *, seed: int) -> Month:
    """The arrays of `instance`. `seed` decides the draws between equal visits and of the variation.

    Raises ValueError when a pin is for a visit that the month does not ask for.
    """
    instance = _by_place(instance)
    days = instance.days()
    visits = demanded_visits(instance)
    numbers = {visit.id: number for number, visit in enumerate(visits)}
    unknown = [pin for pin in instance.pins if f"{pin.outlet}#{pin.number}" not in numbers]
    if unknown:
        raise ValueError(f"the pin of {unknown[0].outlet}#{unknown[0].number} is for a visit nobody asks for")
    pins = {numbers[f"{pin.outlet}#{pin.number}"]: pin for pin in instance.pins}
    tasks_of: list[list[int]] = []
    count = 0
    for visit in visits:
        tasks_of.append(list(range(count, count + visit.outlet.crew)))
        count += visit.outlet.crew
    costs = prizes(instance, visits, seed=seed)
    facts = _facts(instance, days, visits, costs, pins, seed)
    return Month(instance, days, visits, costs, pins, tasks_of, facts)


def _by_place(instance: Instance) -> Instance:
    """The same month with the outlets of each brand together, so that the tasks of a place are one range."""
    places = Places(instance)
    rank: dict[str, int] = {}
    for outlet in instance.outlets:
        rank.setdefault(places.of(outlet), len(rank))
    if len(rank) == len(instance.outlets):
        return instance
    outlets = sorted(instance.outlets, key=lambda one: rank[places.of(one)])
    return instance.model_copy(update={"outlets": tuple(outlets)})


def _facts(
    instance: Instance,
    days: list[date],
    visits: list[DemandedVisit],
    costs: list[float],
    pins: dict[int, Pin],
    seed: int,
) -> Facts:
    outlets = instance.outlets
    ways = ways_of(instance.travel, [one.at for one in outlets] + [one.home for one in instance.inspectors])
    certificates = Bits()
    pairs = pairs_of(instance, days, ways, certificates)
    tasks = _tasks(instance, days, visits, costs, pins, certificates)
    asked = np.zeros(len(outlets), np.bool_)
    asked[tasks["outlet"]] = True
    draws = np.random.default_rng([seed, 1]).random((len(outlets), len(days)))
    return Facts(
        days=len(days),
        calendar=_calendar(days, instance.rules.min_gap_days),
        nodes=ways.nodes,
        matrix=ways.matrix,
        roads=ways.roads,
        outlets=_outlets(instance, tasks, pairs),
        hours=_hours(outlets),
        nearest=nearest(ways, asked, NEIGHBOURS),
        tasks=tasks,
        pairs=pairs,
        staff=_staff(instance, certificates),
        per_minute=float(instance.weights.travel),
        change=float(instance.weights.stability),
        draw=draws * instance.weights.variation,
    )


def _calendar(days: list[date], gap: int) -> Records:
    calendar = np.zeros(len(days), DAY)
    calendar["weekday"] = [day.weekday() for day in days]
    near = (sum(1 << m for m in range(len(days)) if abs(n - m) < gap) for n in range(len(days)))
    calendar["near"] = list(near)
    return calendar


def _outlets(instance: Instance, tasks: Records, pairs: Records) -> Records:
    """One more row than outlets: where the last one's tasks and pairs end."""
    outlets = instance.outlets
    table = np.zeros(len(outlets) + 1, OUTLET)
    table["service"][:-1] = [outlet.service_minutes for outlet in outlets]
    table["tasks"] = np.searchsorted(tasks["outlet"], np.arange(len(outlets) + 1))
    table["pairs"] = np.searchsorted(pairs["outlet"], np.arange(len(outlets) + 1))
    places = Places(instance)
    first = 0
    for _, group in groupby(outlets, key=places.of):
        after = first + sum(1 for _ in group)
        table["kin"][first:after], table["kin_end"][first:after] = (
            table["tasks"][first],
            table["tasks"][after],
        )
        first = after
    return table


def _hours(outlets: tuple[Outlet, ...]) -> Small:
    """Earliest and latest start per outlet and weekday; closed days never get that far."""
    table = np.zeros((len(outlets), 7, 2), np.int32)
    table[:, :, LATEST] = -1
    for number, outlet in enumerate(outlets):
        for hours in outlet.hours:
            for weekday in hours.weekdays:
                table[number, weekday - 1] = (hours.opens, hours.closes - outlet.service_minutes)
    return table


def _staff(instance: Instance, certificates: Bits) -> Records:
    table = np.zeros(len(instance.inspectors), INSPECTOR)
    for row, one in zip(table, instance.inspectors, strict=True):
        row["starts"], row["ends"], row["longest"] = one.starts, one.ends, one.max_day_minutes
        row["per_day"], row["max_days"] = one.max_visits_per_day, one.max_days
        row["holds"] = certificates.of(one.certificates)
        row["unfair"] = instance.weights.fair_load / max(1, one.max_days * one.max_visits_per_day)
    return table


def _tasks(
    instance: Instance,
    days: list[date],
    visits: list[DemandedVisit],
    costs: list[float],
    pins: dict[int, Pin],
    certificates: Bits,
) -> Records:
    inspectors = {inspector.id: number for number, inspector in enumerate(instance.inspectors)}
    outlets = {outlet.id: number for number, outlet in enumerate(instance.outlets)}
    purposes = {name: certificates.of(rule.certificates) for name, rule in instance.rules.purposes.items()}
    table = np.zeros(sum(visit.outlet.crew for visit in visits), TASK_FACTS)
    for field in ("inspector", "day", "start", "keep"):
        table[field] = NOWHERE
    task = 0
    for number, visit in enumerate(visits):
        crew = visit.outlet.crew
        rows = table[task : task + crew]
        rows["outlet"], rows["visit"] = outlets[visit.outlet.id], number
        rows["prize"] = costs[number]  # whole for each: a crew without one of its people is no visit
        rows["leads"][0] = 1
        rows["covert"] = visit.kind is Kind.COVERT
        rows["certificates"] = purposes.get(visit.purpose, 0) if visit.purpose else 0
        if number in pins:
            _fix(rows, pins[number], days, inspectors)
        task += crew
    return table


def _fix(rows: Records, pin: Pin, days: list[date], inspectors: dict[str, int]) -> None:
    rows["frozen"] = pin.confirmed
    if pin.inspectors is not None:
        rows["inspector"] = [inspectors[name] for name in pin.inspectors]
    if pin.on is not None:
        rows["day"] = days.index(pin.on)
    if pin.arrive is not None:
        rows["start"] = pin.arrive
