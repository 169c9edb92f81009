"""A peer for the planner: the month cut into weeks and regions, each solved by PyVRP, days matched afterwards.

As good a plan as a general routing library gives without knowing about months: optional visits with prizes, one
travel profile per inspector in which those who may not come are far away, then the routes of a week dealt to days.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise, permutations

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from app.planning.demand import Kind, demanded_visits
from app.planning.instance import Instance
from app.planning.parts import Inspector, Outlet
from app.planning.plan import PlannedVisit
from app.planning.schedule import Day, Stop, arrivals, span
from app.planning.solver.encode import Month, encode
from app.planning.solver.geometry import minutes_from, ways_of
from app.planning.solver.layout import Ints

FORBIDDEN = 100_000  # minutes
REGION = 200  # outlets solved together
WEEKS = 4


class Weekly:
    """Plans one month; `plan` gives the visits, `per_region_s` is PyVRP's time for each region and week."""

    def __init__(self, instance: Instance, *, per_region_s: float, seed: int = 1) -> None:
        self.instance = instance
        self.month: Month = encode(instance, seed=seed)
        self.per_region_s = per_region_s
        self.rng = np.random.default_rng(seed)
        self.done: dict[int, list[tuple[int, int]]] = defaultdict(list)  # outlet → (inspector, day)
        self.used: Counter[int] = Counter()
        self.visits: list[PlannedVisit] = []
        places = [one.at for one in instance.outlets] + [one.home for one in instance.inspectors]
        self.ways = ways_of(instance.travel, places)
        self.work = [
            [n for n, day in enumerate(self.month.days) if _works(one, day)] for one in instance.inspectors
        ]
        self.allowed = {
            (int(pair["outlet"]), int(pair["inspector"])): int(pair["days"])
            for pair in self.month.facts.pairs
        }

    def plan(self) -> list[PlannedVisit]:
        working = sorted({day for days in self.work for day in days})
        weeks = np.array_split(np.array(working), WEEKS)
        asked = Counter(visit.outlet.id for visit in demanded_visits(self.instance))
        first = self.rng.permutation(len(self.instance.outlets)) % WEEKS
        late: set[int] = set()
        for week, days in enumerate(weeks):
            wanted = [
                number
                for number, outlet in enumerate(self.instance.outlets)
                if len(self.done[number]) < asked[outlet.id]
                and (asked[outlet.id] >= WEEKS or first[number] == week or number in late)
            ]
            for outlets, staff in self._regions(wanted, days):
                self._solve(outlets, staff, days, week)
            late = {number for number in wanted if not any(day in days for _, day in self.done[number])}
        return self.visits

    def _regions(self, wanted: list[int], days: Ints) -> Iterator[tuple[list[int], list[int]]]:
        """Outlets of one region, cut along a line when there are many, with the inspectors nearest to them."""
        by_region: dict[str, list[int]] = defaultdict(list)
        for number in wanted:
            by_region[self.instance.outlets[number].region].append(number)
        groups = []
        for members in by_region.values():
            members.sort(key=lambda number: float(self.ways.nodes["x"][number]))
            parts = max(1, round(len(members) / REGION))
            groups += [list(map(int, part)) for part in np.array_split(np.array(members), parts)]
        staff: list[list[int]] = [[] for _ in groups]
        load = [float(len(group)) for group in groups]
        for one in range(len(self.instance.inspectors)):
            way = minutes_from(self.ways, len(self.instance.outlets) + one, len(self.instance.outlets))
            free = len([day for day in self.work[one] if day in days])
            if free and groups:
                near = [
                    float(np.mean(way[group])) - 25 * load[n] / len(group) for n, group in enumerate(groups)
                ]
                chosen = int(np.argmin(near))
                staff[chosen].append(one)
                load[chosen] -= (
                    self._days_left(one, free, 1) * self.instance.inspectors[one].max_visits_per_day
                )
        yield from ((group, people) for group, people in zip(groups, staff, strict=True) if people)

    def _days_left(self, one: int, free: int, weeks_left: int) -> int:
        left = self.instance.inspectors[one].max_days - self.used[one]
        return max(0, min(free, -(-left // weeks_left)))

    def _solve(self, outlets: list[int], staff: list[int], days: Ints, week: int) -> None:
        free = {one: [day for day in self.work[one] if day in days] for one in staff}
        vehicles = {one: self._days_left(one, len(free[one]), WEEKS - week) for one in staff}
        staff = [one for one in staff if vehicles[one]]
        if not staff:
            return
        data = self._data(outlets, staff, vehicles, days)
        stop = MaxRuntime(self.per_region_s)
        best = pyvrp.solve(data, stop=stop, seed=1, collect_stats=False, display=False).best
        routes: dict[int, list[list[int]]] = defaultdict(list)
        for route in best.routes():
            stops = [outlets[visit.idx] for visit in route if visit.is_client()]
            if stops:
                routes[staff[route.vehicle_type()]].append(stops)
        for one, tours in routes.items():
            self._deal(one, tours, free[one])

    def _data(
        self, outlets: list[int], staff: list[int], vehicles: dict[int, int], days: Ints
    ) -> pyvrp.ProblemData:
        homes = [len(self.instance.outlets) + one for one in staff]
        nodes = np.array(homes + outlets)
        table = np.array([minutes_from(self.ways, int(node), len(self.ways.nodes))[nodes] for node in nodes])
        np.fill_diagonal(table, 0)
        week = sum(1 << int(day) for day in days)
        profiles = []
        for one in staff:
            profile = table.copy()
            closed = [
                len(staff) + place
                for place, outlet in enumerate(outlets)
                if not self.allowed.get((outlet, one), 0) & week
                or any(who == one for who, _ in self.done[outlet])
            ]
            profile[:, closed] = FORBIDDEN
            profile[closed, closed] = 0
            profiles.append(profile)
        people = [self.instance.inspectors[one] for one in staff]
        return pyvrp.ProblemData(
            [
                pyvrp.Location(int(self.ways.nodes["x"][node] * 100), int(self.ways.nodes["y"][node] * 100))
                for node in nodes
            ],
            [self._client(place, outlet, len(staff)) for place, outlet in enumerate(outlets)],
            [pyvrp.Depot(place) for place in range(len(staff))],
            [
                pyvrp.VehicleType(
                    vehicles[one],
                    [person.max_visits_per_day],
                    place,
                    place,
                    tw_early=person.starts,
                    tw_late=person.ends,
                    shift_duration=person.max_day_minutes,
                    profile=place,
                )
                for place, (one, person) in enumerate(zip(staff, people, strict=True))
            ],
            profiles,
            profiles,
        )

    def _client(self, place: int, outlet: int, depots: int) -> pyvrp.Client:
        one = self.instance.outlets[outlet]
        weights = self.instance.weights
        return pyvrp.Client(
            depots + place,
            delivery=[1],
            service_duration=one.service_minutes,
            tw_early=one.hours[0].opens,
            tw_late=one.hours[0].closes - one.service_minutes,
            prize=int(weights.tiers[one.tier] + (weights.central if one.central else 0)),
            required=False,
        )

    def _deal(self, one: int, tours: list[list[int]], free: list[int]) -> None:
        """Gives an inspector's routes of the week the days on which fewest stops are forbidden."""
        tours = tours[: len(free)]
        ways = list(permutations(free, len(tours)))
        best = min(
            ways,
            key=lambda days: sum(
                self._refused(one, tour, day) for tour, day in zip(tours, days, strict=True)
            ),
        )
        for tour, day in zip(tours, best, strict=True):
            stops = [outlet for outlet in tour if self._may(one, outlet, day)]
            self._drive(one, stops, day)

    def _refused(self, one: int, tour: list[int], day: int) -> int:
        return sum(not self._may(one, outlet, day) for outlet in tour)

    def _may(self, one: int, outlet: int, day: int) -> bool:
        gap = self.instance.rules.min_gap_days
        near = any(abs(day - other) < gap for _, other in self.done[outlet])
        return bool(self.allowed.get((outlet, one), 0) >> day & 1) and not near

    def _drive(self, one: int, stops: list[int], day: int) -> None:
        person = self.instance.inspectors[one]
        frame = Day(person.starts, person.ends, person.max_day_minutes)
        nodes = [len(self.instance.outlets) + one, *stops, len(self.instance.outlets) + one]
        legs = [
            int(minutes_from(self.ways, here, len(self.ways.nodes))[there]) for here, there in pairwise(nodes)
        ]
        windows = [_window(self.instance.outlets[outlet]) for outlet in stops]
        found = span(frame, windows, legs)
        if not stops or found is None or found.least > frame.longest:
            return
        self.used[one] += 1
        for outlet, start in zip(stops, arrivals(found.last, windows, legs), strict=True):
            self.done[outlet].append((one, day))
            self.visits.append(self._visit(outlet, one, day, start))

    def _visit(self, outlet: int, one: int, day: int, start: int) -> PlannedVisit:
        place = self.instance.outlets[outlet]
        number = len(self.done[outlet])
        return PlannedVisit(
            visit=f"{place.id}#{number}",
            outlet=place.id,
            number=number,
            kind=Kind.COVERT,
            inspectors=(self.instance.inspectors[one].id,),
            on=self.month.days[day],
            arrive=start,
            leave=start + place.service_minutes,
        )


def _works(one: Inspector, day: date) -> bool:
    return day.isoweekday() in one.weekdays and day not in one.unavailable


def _window(outlet: Outlet) -> Stop:
    return Stop(
        outlet.hours[0].opens, outlet.hours[0].closes - outlet.service_minutes, outlet.service_minutes
    )
