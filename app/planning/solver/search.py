"""The compiled search: ruin a neighbourhood, recreate it greedily, accept by simulated annealing.

After Schrimpf et al. 2000 and Christiaens & Vanden Berghe 2020 (SISR), on a whole month at once.
"""

import numpy as np

from app.planning.solver.compiled import compiled, inlined
from app.planning.solver.insertion import below, best_place, draw, slot_cost
from app.planning.solver.layout import (
    CLOCK,
    LEG,
    MAX_REMOVED,
    NOWHERE,
    REMOVED,
    TASK,
    TOUCHED,
    Facts,
    Ints,
    Scratch,
    Small,
    State,
)
from app.planning.solver.routes import minutes, put, take

SPARE = 0.35  # chance to leave a neighbour where it is
WHOLE = 0.35  # chance to take a neighbour's whole route away
RETRY = 0.5  # chance to try an unserved neighbour again
THOROUGH = 0.03  # chance to look everywhere for one insertion
AMONG_UNSERVED = 0.05  # chance to start at an unserved visit
KIN = 3  # visits at other outlets of the same brand that make room for an unserved one
MAKE_ROOM = 0.6  # chance to empty days of somebody who might take an unserved visit
RELIST = 2048  # iterations between two lists of the unserved


@inlined
def _mine(f: Facts, s: State, x: Scratch, task: int) -> bool:
    """Whether this thread may move the task."""
    if f.tasks[task].frozen or x.outlet_group[f.tasks[task].outlet] != x.mine:
        return False
    slot = s.tasks[task].slot
    return bool(slot == NOWHERE or x.staff[slot // f.days].group == x.mine)


@compiled
def _copy(source: Small, target: Small) -> None:
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            target[row, column] = source[row, column]


@inlined
def _touch(s: State, x: Scratch, slot: int, step: int) -> None:
    """Remembers a route before its first change in this iteration."""
    if x.slots[slot].touched == step:
        return
    x.slots[slot].touched = step
    n = x.counters[TOUCHED]
    x.touched[n].slot = slot
    x.touched[n].count = s.filled[slot]
    _copy(s.stops[slot], x.was_stops[n])
    x.counters[TOUCHED] += 1


@compiled
def _remove(f: Facts, s: State, x: Scratch, task: int, step: int) -> float:
    """Takes the task out of its route, if it has one; returns the change of cost."""
    n = x.counters[REMOVED]
    x.removed[n].task = task
    x.removed[n].slot = s.tasks[task].slot
    x.removed[n].pair = s.tasks[task].pair
    x.counters[REMOVED] += 1
    slot, pair = s.tasks[task].slot, s.tasks[task].pair
    if slot == NOWHERE:
        return 0.0
    _touch(s, x, slot, step)
    saved = take(f, s, task)
    return float(f.tasks[task].prize - f.per_minute * saved - slot_cost(f, s, task, slot, pair))


@inlined
def _is_removed(x: Scratch, task: int) -> bool:
    for n in range(x.counters[REMOVED]):  # noqa: SIM110 - a generator costs the compiler more than the loop
        if x.removed[n].task == task:
            return True
    return False


@compiled
def _remove_route(f: Facts, s: State, x: Scratch, slot: int, step: int) -> float:
    delta = 0.0
    p = 1
    while p <= s.filled[slot] and x.counters[REMOVED] < MAX_REMOVED:
        task = int(s.stops[slot, p, TASK])
        if _mine(f, s, x, task):
            delta += _remove(f, s, x, task, step)
        else:
            p += 1
    return delta


@compiled
def _ruin(f: Facts, s: State, x: Scratch, seed: int, target: int, step: int) -> float:
    """Takes visits around the seed's outlet away, some with their whole routes."""
    delta = 0.0
    near = f.nearest[f.tasks[seed].outlet]
    for rank in range(len(near)):
        for task in range(f.outlets[near[rank]].tasks, f.outlets[near[rank] + 1].tasks):
            if x.counters[REMOVED] >= target:
                return delta
            if not _mine(f, s, x, task):
                continue
            if s.tasks[task].slot == NOWHERE:
                if draw(x.random) < RETRY and not _is_removed(x, task):
                    delta += _remove(f, s, x, task, step)
            elif draw(x.random) >= SPARE:
                if draw(x.random) < WHOLE:
                    delta += _remove_route(f, s, x, s.tasks[task].slot, step)
                else:
                    delta += _remove(f, s, x, task, step)
    return delta


@compiled
def _ruin_for(f: Facts, s: State, x: Scratch, seed: int, step: int) -> float:
    """Makes room for an unserved task: its outlet's other visits go, and days of one or two who might take it."""
    delta = _remove(f, s, x, seed, step)
    outlet = f.tasks[seed].outlet
    tasks = f.outlets[outlet + 1].tasks - f.outlets[outlet].tasks
    for task in range(f.outlets[outlet].tasks, f.outlets[outlet + 1].tasks):
        if x.counters[REMOVED] < MAX_REMOVED and task != seed and s.tasks[task].slot != NOWHERE:
            delta += _remove(f, s, x, task, step) if _mine(f, s, x, task) else 0.0
    kin = f.outlets[outlet].kin_end - f.outlets[outlet].kin
    for _ in range(min(KIN, kin - tasks)):  # somebody of those who are at the brand's other outlets
        task = f.outlets[outlet].kin + below(x.random, kin)
        if x.counters[REMOVED] < MAX_REMOVED and s.tasks[task].slot != NOWHERE and _mine(f, s, x, task):
            delta += _remove(f, s, x, task, step)
    first = f.outlets[outlet].pairs
    pairs = f.outlets[outlet + 1].pairs - first
    for _ in range(1 + below(x.random, 2)):
        if pairs == 0:
            break
        inspector = f.pairs[first + below(x.random, pairs)].inspector
        start = below(x.random, f.days)
        for ahead in range(f.days):
            slot = inspector * f.days + (start + ahead) % f.days
            if s.filled[slot] > 0 and x.staff[inspector].group == x.mine:
                delta += _remove_route(f, s, x, slot, step)
                break
    return delta


@compiled
def _sort(f: Facts, x: Scratch, outlet: int) -> None:
    """Orders the removed tasks: at random, dearest first, fewest inspectors first, or farthest first."""
    mode = below(x.random, 4)
    for n in range(x.counters[REMOVED]):
        task = x.removed[n].task
        here = f.tasks[task].outlet
        if mode == 0:
            key = draw(x.random)
        elif mode == 1:
            key = draw(x.random) * 300.0 - f.tasks[task].prize
        elif mode == 2:
            key = f.outlets[here + 1].pairs - f.outlets[here].pairs + draw(x.random)
        else:
            key = draw(x.random) - minutes(f, here, outlet)
        rank = n
        while rank > 0 and x.keys[rank - 1] > key:
            x.keys[rank] = x.keys[rank - 1]
            x.order[rank] = x.order[rank - 1]
            rank -= 1
        x.keys[rank] = key
        x.order[rank] = task


@compiled
def _recreate(f: Facts, s: State, x: Scratch, outlet: int, step: int) -> float:
    """Puts the removed tasks back, each at its cheapest place; returns the change of cost."""
    delta = 0.0
    _sort(f, x, outlet)
    for n in range(x.counters[REMOVED]):
        task = x.order[n]
        cost, slot, position = best_place(f, s, x, task, THOROUGH)
        if slot == NOWHERE or x.counters[TOUCHED] >= len(x.touched):
            continue
        _touch(s, x, slot, step)
        put(f, s, task, slot, position, x.staff[slot // f.days].pair)
        delta += cost - f.tasks[task].prize
    return delta


@compiled
def _undo(f: Facts, s: State, x: Scratch) -> None:
    for n in range(x.counters[REMOVED]):
        s.tasks[x.removed[n].task].slot = x.removed[n].slot
        s.tasks[x.removed[n].task].pair = x.removed[n].pair
    for n in range(x.counters[TOUCHED]):
        slot = x.touched[n].slot
        inspector = slot // f.days
        s.staff[inspector].load += x.touched[n].count - s.filled[slot]
        s.staff[inspector].opened += int(x.touched[n].count > 0) - int(s.filled[slot] > 0)
        s.filled[slot] = x.touched[n].count
        _copy(x.was_stops[n], s.stops[slot])


@compiled
def _unserved(f: Facts, s: State, x: Scratch, tasks: Ints) -> int:
    """Lists the thread's unserved tasks in `x.waiting`; returns how many."""
    count = 0
    for task in tasks:
        if s.tasks[task].slot == NOWHERE and _mine(f, s, x, task):
            x.waiting[count] = task
            count += 1
    return count


@compiled
def anneal(
    f: Facts, s: State, x: Scratch, tasks: Ints, iterations: int, hot: float, cold: float, most: int
) -> float:
    """Runs `iterations` steps from temperature `hot` to `cold` on this thread's `tasks`.

    Removes up to `most` tasks by design (whole routes may add some) a step. Returns the change of cost.
    """
    total = 0.0
    if len(tasks) == 0:
        return total
    cooling = (cold / hot) ** (1.0 / max(1, iterations))
    temperature = hot
    unserved = _unserved(f, s, x, tasks)
    for iteration in range(iterations):
        temperature *= cooling
        if iteration % RELIST == RELIST - 1:
            unserved = _unserved(f, s, x, tasks)
        seed = tasks[below(x.random, len(tasks))]
        if unserved > 0 and draw(x.random) < AMONG_UNSERVED:
            seed = x.waiting[below(x.random, unserved)]
        x.counters[CLOCK] += 1
        step = x.counters[CLOCK]
        x.counters[REMOVED] = 0
        x.counters[TOUCHED] = 0
        if s.tasks[seed].slot == NOWHERE and draw(x.random) < MAKE_ROOM:
            delta = _ruin_for(f, s, x, seed, step)
        else:
            delta = _ruin(f, s, x, seed, 1 + below(x.random, most), step)
        if x.counters[REMOVED] == 0:
            continue
        delta += _recreate(f, s, x, f.tasks[seed].outlet, step)
        if delta <= -temperature * np.log(draw(x.random) + 1e-300):
            total += delta
        else:
            _undo(f, s, x)
    return total


@compiled
def insert_all(f: Facts, s: State, x: Scratch, tasks: Ints, thorough: float) -> int:
    """Puts each task at its cheapest place, in the given order; returns how many found one."""
    served = 0
    for task in tasks:
        _, slot, position = best_place(f, s, x, task, thorough)
        if slot != NOWHERE:
            put(f, s, task, slot, position, x.staff[slot // f.days].pair)
            served += 1
    return served


@compiled
def cost_of(f: Facts, s: State) -> float:
    """The whole cost of a plan, from nothing."""
    cost = 0.0
    for task in range(len(f.tasks)):
        slot = s.tasks[task].slot
        if slot == NOWHERE:
            cost += f.tasks[task].prize
            continue
        cost += f.draw[f.tasks[task].outlet, slot % f.days] + f.pairs[s.tasks[task].pair].cost
        if f.tasks[task].keep != NOWHERE and f.tasks[task].keep != slot:
            cost += f.change
    for inspector in range(len(f.staff)):
        cost += f.staff[inspector].unfair * s.staff[inspector].load ** 2
    for slot in range(len(s.filled)):
        if s.filled[slot] > 0:
            for p in range(s.filled[slot] + 1):
                cost += f.per_minute * s.stops[slot, p, LEG]
    return cost
