"""The routing core with the special rules off, on public periodic vehicle-routing instances, as a yardstick.

The same ruin, greedy recreation and annealing as the planner, on linked routes: a customer's visits of all days
leave together and come back in the cheapest of its allowed day patterns. Distances are Euclidean, not rounded.
"""

import csv
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from app.planning.solver.compiled import inlined
from app.planning.solver.compiled import uncached as native
from app.planning.solver.layout import Bools, Floats, Ints, Words

NEAR = 30
REMOVED = 64
LOGGED = 2048
UNSERVED = 20.0  # longest distances
ABSENT = -1


class Problem(NamedTuple):
    """`patterns[customer, choice, day]`; nodes from `customers + 1` on are the depots of the vehicles."""

    customers: int
    days: int
    vehicles: int
    longest: float
    capacity: float
    distance: Floats  # [node, node], depots repeated
    service: Floats
    demand: Floats
    patterns: Bools
    choices: Ints
    wanted: Bools  # [customer, day] in any pattern
    near: Ints


class Routes(NamedTuple):
    """Circular lists per day and vehicle through the vehicle's depot node."""

    after: Ints  # [day, node]
    before: Ints
    route: Ints  # [day, node] or ABSENT
    load: Floats  # [day, vehicle]
    span: Floats  # way and service
    choice: Ints  # [customer] or ABSENT
    cost: Floats  # [1] way of all routes


class Work(NamedTuple):
    random: Words
    place: Ints  # [day] the node to insert behind
    price: Floats  # [day]
    removed: Ints
    old: Ints
    log: Ints  # [step, (day, node, behind or ABSENT)]
    sizes: Ints  # removed, logged
    order: Ints
    keys: Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    cost: float
    best_known: float
    seconds: float

    @property
    def gap_percent(self) -> float:
        return 100 * (self.cost - self.best_known) / self.best_known


def read(path: Path) -> Problem:
    """An instance of the collection of Cordeau, Gendreau and Laporte."""
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    vehicles, customers, days = (int(word) for word in rows[0][1:4])
    longest, capacity = (float(word) for word in rows[1][:2])
    nodes = rows[1 + days : 2 + days + customers]
    points = np.array([[float(row[1]), float(row[2])] for row in nodes])
    codes = [[int(code) for code in row[7 : 7 + int(row[6])]] if len(row) > 6 else [] for row in nodes]
    patterns = np.zeros((customers + 1, max(map(len, codes)), days), np.bool_)
    for customer, choices in enumerate(codes):
        for choice, code in enumerate(choices):
            patterns[customer, choice] = [bool(code >> (days - 1 - day) & 1) for day in range(days)]
    index = np.array([*range(customers + 1), *([0] * vehicles)])
    apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    inner = apart[1:, 1:].copy()
    near = 1 + np.argsort(inner, axis=1, kind="stable")[:, : min(NEAR + 1, customers)]
    return Problem(
        customers=customers,
        days=days,
        vehicles=vehicles,
        longest=longest or 1e12,
        capacity=capacity or 1e12,
        distance=apart[np.ix_(index, index)].copy(),
        service=np.array([float(row[3]) for row in nodes]),
        demand=np.array([float(row[4]) for row in nodes]),
        patterns=patterns,
        choices=np.array([len(choices) for choices in codes], np.int64),
        wanted=np.asarray(patterns.any(axis=1)),
        near=np.vstack([np.zeros((1, near.shape[1]), np.int64), near]).astype(np.int64),
    )


def _empty(p: Problem) -> Routes:
    nodes = p.customers + 1 + p.vehicles
    routes = Routes(
        np.zeros((p.days, nodes), np.int64),
        np.zeros((p.days, nodes), np.int64),
        np.full((p.days, nodes), ABSENT, np.int64),
        np.zeros((p.days, p.vehicles)),
        np.zeros((p.days, p.vehicles)),
        np.full(p.customers + 1, ABSENT, np.int64),
        np.zeros(1),
    )
    for vehicle in range(p.vehicles):
        depot = p.customers + 1 + vehicle
        routes.after[:, depot] = routes.before[:, depot] = depot
        routes.route[:, depot] = vehicle
    return routes


@inlined
def _draw(w: Work) -> float:
    z = w.random[0]
    z ^= z << np.uint64(13)
    z ^= z >> np.uint64(7)
    z ^= z << np.uint64(17)
    w.random[0] = z
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@native
def _link(p: Problem, r: Routes, day: int, node: int, behind: int) -> None:
    onward = r.after[day, behind]
    route = r.route[day, behind]
    more = p.distance[behind, node] + p.distance[node, onward] - p.distance[behind, onward]
    r.after[day, behind] = node
    r.before[day, node] = behind
    r.after[day, node] = onward
    r.before[day, onward] = node
    r.route[day, node] = route
    r.load[day, route] += p.demand[node]
    r.span[day, route] += more + p.service[node]
    r.cost[0] += more


@native
def _unlink(p: Problem, r: Routes, day: int, node: int) -> int:
    behind, onward, route = r.before[day, node], r.after[day, node], r.route[day, node]
    less = p.distance[behind, node] + p.distance[node, onward] - p.distance[behind, onward]
    r.after[day, behind] = onward
    r.before[day, onward] = behind
    r.route[day, node] = ABSENT
    r.load[day, route] -= p.demand[node]
    r.span[day, route] -= less + p.service[node]
    r.cost[0] -= less
    return int(behind)


@native
def _note(w: Work, day: int, node: int, behind: int) -> None:
    n = w.sizes[1]
    w.log[n, 0] = day
    w.log[n, 1] = node
    w.log[n, 2] = behind
    w.sizes[1] += 1


@native
def _remove(p: Problem, r: Routes, w: Work, node: int) -> None:
    n = w.sizes[0]
    for other in range(n):
        if w.removed[other] == node:
            return
    w.removed[n] = node
    w.old[n] = r.choice[node]
    w.sizes[0] += 1
    if r.choice[node] == ABSENT:
        return
    for day in range(p.days):
        if p.patterns[node, r.choice[node], day]:
            _note(w, day, node, _unlink(p, r, day, node))
    r.choice[node] = ABSENT


@native
def _best_of_day(p: Problem, r: Routes, w: Work, day: int, node: int) -> None:
    """The cheapest feasible place of one day: behind which node, and its price."""
    distance, near, after, before = p.distance[node], p.near[node], r.after[day], r.before[day]
    route, load, span, whole = r.route[day], r.load[day], r.span[day], p.distance
    room, longest = p.capacity + 1e-9 - p.demand[node], p.longest + 1e-9 - p.service[node]
    best, place = 1e15, ABSENT
    first_depot = p.customers + 1
    skip = int(_draw(w) * 100)
    ranks = len(near)
    for number in range(1, ranks + p.vehicles):
        other = near[number] if number < ranks else first_depot + number - ranks
        vehicle = route[other]
        if vehicle == ABSENT or load[vehicle] > room or number == skip:
            continue
        for behind in (other, before[other]):
            onward = after[behind]
            more = distance[behind] + distance[onward] - whole[behind, onward]
            if more < best and span[vehicle] + more <= longest:
                best, place = more, behind
        if number >= ranks and after[other] == other:
            break  # one empty vehicle is as good as another
    w.price[day] = best
    w.place[day] = place


@native
def _insert(p: Problem, r: Routes, w: Work, node: int, limit: float) -> bool:
    for day in range(p.days):
        if p.wanted[node, day]:
            _best_of_day(p, r, w, day, node)
    best, chosen = limit, ABSENT
    for choice in range(p.choices[node]):
        total = 0.0
        for day in range(p.days):
            if p.patterns[node, choice, day]:
                total += w.price[day]
        if total < best:
            best, chosen = total, choice
    if chosen == ABSENT:
        return False
    for day in range(p.days):
        if p.patterns[node, chosen, day]:
            _link(p, r, day, node, w.place[day])
            _note(w, day, node, ABSENT)
    r.choice[node] = chosen
    return True


@native
def _ruin(p: Problem, r: Routes, w: Work, most: int) -> int:
    """Neighbours of a random customer, or strings of neighbouring routes of one day."""
    seed = 1 + int(_draw(w) * p.customers)
    target = 1 + int(_draw(w) * most)
    strings = _draw(w) < 0.5 and r.choice[seed] != ABSENT
    day = int(_draw(w) * p.days)
    for rank in range(p.near.shape[1]):
        other = p.near[seed, rank]
        if w.sizes[0] >= target:
            break
        if not strings:
            if rank == 0 or _draw(w) >= 0.4:
                _remove(p, r, w, other)
            continue
        if r.route[day, other] == ABSENT or _draw(w) < 0.3:
            continue
        node = other
        for _ in range(1 + int(_draw(w) * 7)):
            following = r.after[day, node]
            _remove(p, r, w, node)
            node = following
            if node > p.customers or w.sizes[0] >= target:
                break
    return seed


@native
def _recreate(p: Problem, r: Routes, w: Work, seed: int, limit: float) -> int:
    mode = int(_draw(w) * 4)
    for n in range(w.sizes[0]):
        node = w.removed[n]
        key = _draw(w)
        if mode == 1:
            key -= p.demand[node] * 1e3
        elif mode == 2:
            key -= p.distance[0, node] * 1e3
        elif mode == 3:
            key -= p.distance[seed, node] * 1e3
        rank = n
        while rank > 0 and w.keys[rank - 1] > key:
            w.keys[rank] = w.keys[rank - 1]
            w.order[rank] = w.order[rank - 1]
            rank -= 1
        w.keys[rank] = key
        w.order[rank] = node
    missed = 0
    for n in range(w.sizes[0]):
        if not _insert(p, r, w, w.order[n], limit):
            missed += 1
    return missed


@native
def _undo(p: Problem, r: Routes, w: Work) -> None:
    for n in range(w.sizes[1] - 1, -1, -1):
        if w.log[n, 2] == ABSENT:
            _unlink(p, r, w.log[n, 0], w.log[n, 1])
        else:
            _link(p, r, w.log[n, 0], w.log[n, 1], w.log[n, 2])
    for n in range(w.sizes[0]):
        r.choice[w.removed[n]] = w.old[n]


@native
def _copy(a: Routes, b: Routes) -> None:
    for day in range(a.after.shape[0]):
        for node in range(a.after.shape[1]):
            b.after[day, node] = a.after[day, node]
            b.before[day, node] = a.before[day, node]
            b.route[day, node] = a.route[day, node]
        for vehicle in range(a.load.shape[1]):
            b.load[day, vehicle] = a.load[day, vehicle]
            b.span[day, vehicle] = a.span[day, vehicle]
    for node in range(len(a.choice)):
        b.choice[node] = a.choice[node]
    b.cost[0] = a.cost[0]


@native
def _anneal(
    p: Problem,
    r: Routes,
    best: Routes,
    w: Work,
    iterations: int,
    hot: float,
    cold: float,
    most: int,
    limit: float,
) -> None:
    cooling = (cold / hot) ** (1.0 / iterations)
    temperature = hot
    waiting = 0
    for node in range(1, p.customers + 1):
        waiting += r.choice[node] == ABSENT
    lowest = best.cost[0]
    for _ in range(iterations):
        temperature *= cooling
        w.sizes[0] = 0
        w.sizes[1] = 0
        cost = r.cost[0] + limit * waiting
        seed = _ruin(p, r, w, most)
        was_waiting = 0
        for n in range(w.sizes[0]):
            was_waiting += w.old[n] == ABSENT
        missed = _recreate(p, r, w, seed, limit)
        after = r.cost[0] + limit * (waiting - was_waiting + missed)
        if after - cost > -temperature * np.log(_draw(w) + 1e-300):
            _undo(p, r, w)
            continue
        waiting += missed - was_waiting
        if waiting == 0 and r.cost[0] < lowest - 1e-7:
            lowest = r.cost[0]
            _copy(r, best)


def _work(p: Problem, seed: int) -> Work:
    return Work(
        np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1),
        np.zeros(p.days, np.int64),
        np.zeros(p.days),
        np.zeros(REMOVED, np.int64),
        np.zeros(REMOVED, np.int64),
        np.zeros((LOGGED, 3), np.int64),
        np.zeros(2, np.int64),
        np.zeros(REMOVED, np.int64),
        np.zeros(REMOVED),
    )


def search(
    p: Problem, *, seconds: float, seed: int, hot: float = 0.3, cold: float = 0.003, most: int = 20
) -> Routes:
    """The best routes found in `seconds` on one thread. Temperatures are shares of the mean distance."""
    routes, best, w = _empty(p), _empty(p), _work(p, seed)
    best.cost[0] = 1e18
    scale = float(p.distance[p.distance > 0].mean())
    limit = UNSERVED * float(p.distance.max())
    _anneal(p, routes, best, w, 1, 1.0, 1.0, most, limit)
    started, done, rate = time.perf_counter(), 0.0, 2000.0
    while (elapsed := time.perf_counter() - started) < seconds:
        steps = max(50, int(rate * min(0.5, seconds - elapsed)))
        ends = min(1.0, (elapsed + steps / rate) / seconds)
        warm, cool = (scale * hot * (cold / hot) ** share for share in (done, ends))
        _anneal(p, routes, best, w, steps, warm, cool, most, limit)
        rate = steps / (time.perf_counter() - started - elapsed)
        done = ends
    return best


def verified_cost(p: Problem, r: Routes) -> float:
    """The cost from nothing; raises AssertionError when loads, lengths or patterns are wrong."""
    total = 0.0
    days: dict[int, set[int]] = {customer: set() for customer in range(1, p.customers + 1)}
    for day in range(p.days):
        for vehicle in range(p.vehicles):
            depot = p.customers + 1 + vehicle
            path, node = [depot], int(r.after[day, depot])
            while node != depot:
                assert day not in days[node]
                days[node].add(day)
                path.append(node)
                node = int(r.after[day, node])
            way = sum(float(p.distance[a, b]) for a, b in zip(path, [*path[1:], depot], strict=True))
            assert sum(p.demand[node] for node in path[1:]) <= p.capacity + 1e-6
            assert way + sum(p.service[node] for node in path[1:]) <= p.longest + 1e-6
            total += way
    for customer, visited in days.items():
        allowed = [set(np.flatnonzero(row)) for row in p.patterns[customer, : p.choices[customer]]]
        assert visited in allowed
    return total


def yardstick(folder: Path, *, seconds: float, workers: int, names: list[str] | None = None) -> list[Outcome]:
    """Every instance that `best_known.csv` lists, `seconds` each; `workers` threads search with different seeds."""
    outcomes = []
    with (folder / "best_known.csv").open() as file:
        known = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file)}
    for name in names or list(known):
        problem = read(folder / name)
        search(problem, seconds=0.01, seed=0)
        started = time.perf_counter()
        with ThreadPoolExecutor(workers) as threads:
            found = list(
                threads.map(lambda seed, p=problem: search(p, seconds=seconds, seed=seed), range(workers))
            )
        spent = time.perf_counter() - started
        cost = min(verified_cost(problem, one) for one in found if one.cost[0] < 1e17)
        outcomes.append(Outcome(name, cost, known[name], spent))
    return outcomes
