"""Compiled search for the cheapest place of one task among all inspectors and days, every hard rule included."""

import numpy as np

from app.planning.solver.compiled import compiled, inlined
from app.planning.solver.layout import CLOCK, NOWHERE, Facts, Scratch, State
from app.planning.solver.routes import best_position

SKIP = 0.02  # a chance to overlook a route ("blink"): keeps greedy insertion from always repeating itself
HOMES = 14  # how many near inspectors are asked whether they would start a new day


@inlined
def draw(x: Scratch) -> float:
    """The next random number in [0, 1): xorshift64."""
    z = x.random[0]
    z ^= z << np.uint64(13)
    z ^= z >> np.uint64(7)
    z ^= z << np.uint64(17)
    x.random[0] = z
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(x: Scratch, bound: int) -> int:
    return int(draw(x) * bound)


@compiled
def busy_days(f: Facts, s: State, task: int) -> int:
    """Days too near to the outlet's other visits, as a bit set."""
    outlet = f.tasks[task].outlet
    busy = 0
    for other in range(f.outlets[outlet].tasks, f.outlets[outlet + 1].tasks):
        if s.tasks[other].slot != NOWHERE and f.tasks[other].visit != f.tasks[task].visit:
            busy |= f.calendar[s.tasks[other].slot % f.days].near
    return busy


@compiled
def mark_pairs(f: Facts, s: State, x: Scratch, task: int) -> int:
    """Stamps the inspectors of this thread who may take the task; returns the stamp."""
    x.counters[CLOCK] += 1
    stamp = x.counters[CLOCK]
    outlet = f.tasks[task].outlet
    for pair in range(f.outlets[outlet].pairs, f.outlets[outlet + 1].pairs):
        inspector = f.pairs[pair].inspector
        if x.staff[inspector].group != x.mine:
            continue
        if f.tasks[task].covert and not f.pairs[pair].covert:
            continue
        if f.tasks[task].certificates & ~f.staff[inspector].holds:
            continue
        if f.tasks[task].inspector != NOWHERE and f.tasks[task].inspector != inspector:
            continue
        x.staff[inspector].stamp = stamp
        x.staff[inspector].pair = pair
    for other in range(f.outlets[outlet].tasks, f.outlets[outlet + 1].tasks):
        if s.tasks[other].slot != NOWHERE and other != task:
            x.staff[s.tasks[other].slot // f.days].stamp = -1  # once a month at most (D5.1)
    return int(stamp)


@inlined
def slot_cost(f: Facts, s: State, task: int, slot: int, pair: int) -> float:
    """What the slot costs besides travel: the draw, the community, fairness, a change."""
    inspector = slot // f.days
    cost = f.draw[f.tasks[task].outlet, slot % f.days] + f.pairs[pair].cost
    cost += f.staff[inspector].unfair * (2 * s.staff[inspector].load + 1)
    if f.tasks[task].keep != NOWHERE and f.tasks[task].keep != slot:
        cost += f.change
    return float(cost)


@inlined
def open_to(f: Facts, s: State, task: int, slot: int, pair: int, busy: int) -> bool:
    """Whether day, count of visits and count of days allow the slot."""
    day = slot % f.days
    if not (f.pairs[pair].days & ~busy) >> day & 1:
        return False
    if f.tasks[task].day != NOWHERE and f.tasks[task].day != day:
        return False
    inspector = slot // f.days
    if s.filled[slot] == 0:
        return bool(s.staff[inspector].opened < f.staff[inspector].max_days)
    return bool(s.filled[slot] < f.staff[inspector].per_day)


@compiled
def _among_neighbours(
    f: Facts, s: State, x: Scratch, task: int, stamp: int, busy: int, best: float
) -> tuple[float, int, int]:
    """The best place in routes that pass one of the nearest outlets."""
    slot_found, position_found = NOWHERE, NOWHERE
    near = f.nearest[f.tasks[task].outlet]
    for rank in range(len(near)):
        for other in range(f.outlets[near[rank]].tasks, f.outlets[near[rank] + 1].tasks):
            slot = s.tasks[other].slot
            if slot == NOWHERE or x.slots[slot].seen == stamp:
                continue
            x.slots[slot].seen = stamp
            if x.staff[slot // f.days].stamp != stamp or draw(x) < SKIP:
                continue
            pair = x.staff[slot // f.days].pair
            if not open_to(f, s, task, slot, pair, busy):
                continue
            base = slot_cost(f, s, task, slot, pair)
            cost, position = best_position(f, s, slot, task, base, best)
            if position != NOWHERE:
                best, slot_found, position_found = cost, slot, position
    return best, slot_found, position_found


@compiled
def _among_homes(
    f: Facts, s: State, x: Scratch, task: int, stamp: int, busy: int, best: float
) -> tuple[float, int, int]:
    """The best new day for one of the nearest inspectors."""
    slot_found, position_found = NOWHERE, NOWHERE
    outlet = f.tasks[task].outlet
    asked = 0
    for pair in range(f.outlets[outlet].pairs, f.outlets[outlet + 1].pairs):
        if asked == HOMES or 2 * f.per_minute * f.pairs[pair].way >= best:
            break
        inspector = f.pairs[pair].inspector
        if x.staff[inspector].stamp != stamp or s.staff[inspector].opened >= f.staff[inspector].max_days:
            continue
        asked += 1
        start = below(x, f.days)
        tried = 0
        for step in range(f.days):
            slot = inspector * f.days + (start + step) % f.days
            if s.filled[slot] > 0 or not open_to(f, s, task, slot, pair, busy):
                continue
            base = slot_cost(f, s, task, slot, pair)
            cost, position = best_position(f, s, slot, task, base, best)
            if position != NOWHERE:
                best, slot_found, position_found = cost, slot, position
            tried += 1
            if tried == 2:
                break
    return best, slot_found, position_found


@compiled
def best_anywhere(
    f: Facts, s: State, x: Scratch, task: int, stamp: int, busy: int, best: float
) -> tuple[float, int, int]:
    """The best place of all: every allowed inspector, every day."""
    slot_found, position_found = NOWHERE, NOWHERE
    outlet = f.tasks[task].outlet
    for pair in range(f.outlets[outlet].pairs, f.outlets[outlet + 1].pairs):
        inspector = f.pairs[pair].inspector
        if x.staff[inspector].stamp != stamp:
            continue
        for day in range(f.days):
            slot = inspector * f.days + day
            if not open_to(f, s, task, slot, pair, busy):
                continue
            base = slot_cost(f, s, task, slot, pair)
            cost, position = best_position(f, s, slot, task, base, best)
            if position != NOWHERE:
                best, slot_found, position_found = cost, slot, position
    return best, slot_found, position_found


@compiled
def best_place(f: Facts, s: State, x: Scratch, task: int, thorough: float) -> tuple[float, int, int]:
    """(cost, slot, position) of the cheapest feasible place under the task's prize; slot NOWHERE when none.

    Looks near first; everywhere when that finds nothing, and by chance `thorough` anyway.
    """
    limit = f.tasks[task].prize
    stamp = mark_pairs(f, s, x, task)
    busy = busy_days(f, s, task)
    if thorough < 1.0 and draw(x) >= thorough:
        best, slot, position = _among_neighbours(f, s, x, task, stamp, busy, limit)
        cost, slot_new, position_new = _among_homes(f, s, x, task, stamp, busy, best)
        if slot_new != NOWHERE:
            best, slot, position = cost, slot_new, position_new
        if slot != NOWHERE:
            return best, slot, position
    return best_anywhere(f, s, x, task, stamp, busy, limit)
