"""Compiled search for the cheapest place of one task among all inspectors and days, every hard rule included."""

import numpy as np

from app.planning.solver.compiled import compiled, inlined
from app.planning.solver.layout import CLOCK, NOWHERE, Facts, Scratch, State, Words
from app.planning.solver.routes import cheapest_position, closes_at, opens_at

SKIP = 0.02  # a chance to overlook a route ("blink"): keeps greedy insertion from always repeating itself
DAYS = 2  # how many free days of each are tried, at random: without draws all cost the same
HOMES = 14  # how many near inspectors are asked whether they would start a new day

Place = tuple[float, int, int]
"""Cost, slot, position; slot NOWHERE when there is none."""


@inlined
def draw(random: Words) -> float:
    """The next random number in [0, 1): xorshift64."""
    z = random[0]
    z ^= z << np.uint64(13)
    z ^= z >> np.uint64(7)
    z ^= z << np.uint64(17)
    random[0] = z
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(random: Words, bound: int) -> int:
    return int(draw(random) * bound)


@inlined
def _random_bit(bits: int, random: Words) -> int:
    """One of the days in a set, each as likely as the other."""
    count = 0
    rest = bits
    while rest:
        rest &= rest - 1
        count += 1
    skip = below(random, count)
    day = 0
    while skip > 0 or not bits >> day & 1:
        skip -= bits >> day & 1
        day += 1
    return day


@compiled
def busy_days(f: Facts, s: State, task: int) -> int:
    """Days too near to the outlet's other visits, as a bit set."""
    tasks, calendar, placed = f.tasks, f.calendar, s.tasks
    outlet, visit = tasks[task].outlet, tasks[task].visit
    busy = 0
    for other in range(f.outlets[outlet].tasks, f.outlets[outlet + 1].tasks):
        slot = placed[other].slot
        if slot != NOWHERE and tasks[other].visit != visit:
            busy |= calendar[slot % f.days].near
    return busy


@compiled
def mark_pairs(f: Facts, s: State, x: Scratch, task: int) -> int:
    """Stamps the inspectors of this thread who may take the task; returns the stamp."""
    pairs, staff, placed, marks = f.pairs, f.staff, s.tasks, x.staff
    x.counters[CLOCK] += 1
    stamp = x.counters[CLOCK]
    asked = f.tasks[task]
    outlet = asked.outlet
    for pair in range(f.outlets[outlet].pairs, f.outlets[outlet + 1].pairs):
        inspector = pairs[pair].inspector
        if marks[inspector].group != x.mine:
            continue
        if asked.covert and not pairs[pair].covert:
            continue
        if asked.certificates & ~staff[inspector].holds:
            continue
        if asked.inspector != NOWHERE and asked.inspector != inspector:
            continue
        marks[inspector].stamp = stamp
        marks[inspector].pair = pair
    for other in range(f.outlets[outlet].kin, f.outlets[outlet].kin_end):
        if placed[other].slot != NOWHERE and other != task:
            marks[placed[other].slot // f.days].stamp = -1  # once a month at most (D5.1, D5.7)
    return int(stamp)


@compiled
def slot_cost(f: Facts, s: State, task: int, slot: int, pair: int) -> float:
    """What the slot costs besides travel: the draw, the community, fairness, a change."""
    inspector = slot // f.days
    cost = f.draw[f.tasks[task].outlet, slot % f.days] + f.pairs[pair].cost
    cost += f.staff[inspector].unfair * (2 * s.staff[inspector].load + 1)
    if f.tasks[task].keep != NOWHERE and f.tasks[task].keep != slot:
        cost += f.change
    return float(cost)


@inlined
def _open(
    allowed: int, fixed_day: int, day: int, filled: int, opened: int, max_days: int, per_day: int
) -> bool:
    """Whether day, count of visits and count of days allow a slot."""
    if not allowed >> day & 1 or fixed_day not in (NOWHERE, day):
        return False
    return opened < max_days if filled == 0 else filled < per_day


@inlined
def _allowed(days: int, bare: int, leads: int, busy: int) -> int:
    """The days of a pair for a task: who leads comes on no day without the devices."""
    return days & ~busy & ~(bare * leads)


@compiled
def open_to(f: Facts, s: State, task: int, slot: int, pair: int, busy: int) -> bool:
    """As `_open`, for callers outside the hot loop."""
    inspector = slot // f.days
    one = f.staff[inspector]
    return _open(
        _allowed(f.pairs[pair].days, f.pairs[pair].bare, f.tasks[task].leads, busy),
        f.tasks[task].day,
        slot % f.days,
        s.filled[slot],
        s.staff[inspector].opened,
        one.max_days,
        one.per_day,
    )


@inlined
def _ask(f: Facts, s: State, task: int, slot: int, pair: int, busy: int, best: float) -> Place:
    """The cheapest place for the task in one slot, if it is open and cheaper than `best`."""
    tasks, pairs, outlets, staff = f.tasks, f.pairs, f.outlets, f.staff
    filled, opened, load = s.filled[slot], s.staff[slot // f.days].opened, s.staff[slot // f.days].load
    asked, one = tasks[task], staff[slot // f.days]
    day = slot % f.days
    allowed = _allowed(pairs[pair].days, pairs[pair].bare, asked.leads, busy)
    if not _open(allowed, asked.day, day, filled, opened, one.max_days, one.per_day):
        return best, NOWHERE, NOWHERE
    outlet = asked.outlet
    base = f.draw[outlet, day] + pairs[pair].cost + one.unfair * (2 * load + 1)
    if asked.keep != NOWHERE and asked.keep != slot:
        base += f.change
    weekday = f.calendar[day].weekday
    more, position = cheapest_position(
        f.roads,
        f.nodes,
        f.matrix,
        s.stops,
        slot,
        filled,
        outlet,
        opens_at(tasks, f.hours, task, weekday),
        closes_at(tasks, f.hours, task, weekday),
        outlets[outlet].service,
        one.longest,
        (best - base) / f.per_minute,
    )
    if position == NOWHERE:
        return best, NOWHERE, NOWHERE
    return base + f.per_minute * more, slot, position


@compiled
def _among_neighbours(f: Facts, s: State, x: Scratch, task: int, stamp: int, busy: int, best: float) -> Place:
    """The best place in routes that pass one of the nearest outlets."""
    outlets, nearest, placed, marks, slots, random = f.outlets, f.nearest, s.tasks, x.staff, x.slots, x.random
    slot_found, position_found = NOWHERE, NOWHERE
    outlet = f.tasks[task].outlet
    days = f.days
    for rank in range(nearest.shape[1]):
        near = nearest[outlet, rank]
        for other in range(outlets[near].tasks, outlets[near + 1].tasks):
            slot = placed[other].slot
            if slot == NOWHERE or slots[slot].seen == stamp:
                continue
            slots[slot].seen = stamp
            inspector = slot // days
            if marks[inspector].stamp != stamp or draw(random) < SKIP:
                continue
            cost, found, position = _ask(f, s, task, slot, marks[inspector].pair, busy, best)
            if found != NOWHERE:
                best, slot_found, position_found = cost, slot, position
    return best, slot_found, position_found


@compiled
def _among_homes(f: Facts, s: State, x: Scratch, task: int, stamp: int, busy: int, best: float) -> Place:
    """The best new day for one of the nearest inspectors."""
    pairs, staff, marks, working, filled = f.pairs, f.staff, x.staff, s.staff, s.filled
    slot_found, position_found = NOWHERE, NOWHERE
    outlet = f.tasks[task].outlet
    asked = 0
    for pair in range(f.outlets[outlet].pairs, f.outlets[outlet + 1].pairs):
        if asked == HOMES or 2 * f.per_minute * pairs[pair].way >= best:
            break
        inspector = pairs[pair].inspector
        if marks[inspector].stamp != stamp or working[inspector].opened >= staff[inspector].max_days:
            continue
        asked += 1
        free = _allowed(pairs[pair].days, pairs[pair].bare, f.tasks[task].leads, busy)
        for day in range(f.days):
            if filled[inspector * f.days + day] > 0:
                free &= ~(1 << day)
        for _ in range(DAYS):
            if free == 0:
                break
            day = _random_bit(free, x.random)
            free &= ~(1 << day)
            cost, found, position = _ask(f, s, task, inspector * f.days + day, pair, busy, best)
            if found != NOWHERE:
                best, slot_found, position_found = cost, found, position
    return best, slot_found, position_found


@compiled
def _anywhere(f: Facts, s: State, x: Scratch, task: int, stamp: int, busy: int, best: float) -> Place:
    """The best place of all: every allowed inspector, every day."""
    pairs, marks = f.pairs, x.staff
    slot_found, position_found = NOWHERE, NOWHERE
    outlet = f.tasks[task].outlet
    for pair in range(f.outlets[outlet].pairs, f.outlets[outlet + 1].pairs):
        inspector = pairs[pair].inspector
        if marks[inspector].stamp != stamp:
            continue
        allowed = _allowed(pairs[pair].days, pairs[pair].bare, f.tasks[task].leads, busy)
        for day in range(f.days):
            if not allowed >> day & 1:
                continue
            slot = inspector * f.days + day
            cost, found, position = _ask(f, s, task, slot, pair, busy, best)
            if found != NOWHERE:
                best, slot_found, position_found = cost, slot, position
    return best, slot_found, position_found


@compiled
def best_place(f: Facts, s: State, x: Scratch, task: int, thorough: float) -> Place:
    """The cheapest feasible place under the task's prize.

    Looks near first; everywhere when that finds nothing, and by chance `thorough` anyway.
    """
    limit = f.tasks[task].prize
    stamp = mark_pairs(f, s, x, task)
    busy = busy_days(f, s, task)
    if thorough < 1.0 and draw(x.random) >= thorough:
        best, slot, position = _among_neighbours(f, s, x, task, stamp, busy, limit)
        cost, slot_new, position_new = _among_homes(f, s, x, task, stamp, busy, best)
        if slot_new != NOWHERE:
            best, slot, position = cost, slot_new, position_new
        if slot != NOWHERE:
            return best, slot, position
    return _anywhere(f, s, x, task, stamp, busy, limit)
