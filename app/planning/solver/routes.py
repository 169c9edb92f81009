"""Compiled arithmetic of one route: travel, time windows, the cheapest place for a visit."""

import numpy as np

from app.planning.solver.compiled import compiled, inlined
from app.planning.solver.layout import (
    LATEST,
    LEG,
    NODE,
    NOWHERE,
    OPENS,
    POST_FIRST,
    POST_LAST,
    POST_SPAN,
    PRE_FIRST,
    PRE_LAST,
    PRE_SPAN,
    TASK,
    Facts,
    Small,
    State,
)


@inlined
def minutes(f: Facts, a: int, b: int) -> int:
    """Travel minutes from node `a` to node `b`; equals `app.planning.travel`."""
    if f.matrix.shape[0] > 0:
        return int(f.matrix[f.nodes[a].row, f.nodes[b].row])
    dx = f.nodes[a].x - f.nodes[b].x
    dy = f.nodes[a].y - f.nodes[b].y
    dz = f.nodes[a].z - f.nodes[b].z
    km = np.sqrt(dx * dx + dy * dy + dz * dz) * f.detour
    return int(np.rint(min(km, f.city_km) * f.slow + max(km - f.city_km, 0.0) * f.fast + f.access))


@inlined
def window_opens(f: Facts, task: int, day: int) -> int:
    if f.tasks[task].start != NOWHERE:
        return int(f.tasks[task].start)
    return int(f.hours[f.tasks[task].outlet, f.calendar[day].weekday, OPENS])


@inlined
def window_closes(f: Facts, task: int, day: int) -> int:
    if f.tasks[task].start != NOWHERE:
        return int(f.tasks[task].start)
    return int(f.hours[f.tasks[task].outlet, f.calendar[day].weekday, LATEST])


@compiled
def refresh(f: Facts, s: State, slot: int) -> None:
    """Recomputes legs and time windows of a route whose tasks have changed."""
    stops = s.stops[slot]
    last = s.filled[slot] + 1
    inspector = slot // f.days
    home = (len(f.outlets) - 1) + inspector
    for end in (0, last):
        stops[end, NODE] = home
        stops[end, TASK] = NOWHERE
    stops[0, PRE_SPAN] = 0
    stops[0, PRE_FIRST] = f.staff[inspector].starts
    stops[0, PRE_LAST] = f.staff[inspector].ends
    stops[last, POST_SPAN] = 0
    stops[last, POST_FIRST] = f.staff[inspector].starts
    stops[last, POST_LAST] = f.staff[inspector].ends
    for p in range(1, last):
        stops[p, NODE] = f.tasks[stops[p, TASK]].outlet
    for p in range(last):
        stops[p, LEG] = minutes(f, int(stops[p, NODE]), int(stops[p + 1, NODE]))
    if last == 1:
        stops[0, LEG] = 0  # a day at home has no leg
    _forward(f, stops, last, slot % f.days)
    _backward(f, stops, last, slot % f.days)


@inlined
def _forward(f: Facts, stops: Small, last: int, day: int) -> None:
    for p in range(1, last):
        task = int(stops[p, TASK])
        opens = window_opens(f, task, day)
        until = stops[p - 1, PRE_SPAN] + stops[p - 1, LEG]
        wait = max(0, opens - until - stops[p - 1, PRE_LAST])
        stops[p, PRE_FIRST] = max(opens - until, stops[p - 1, PRE_FIRST]) - wait
        stops[p, PRE_LAST] = min(window_closes(f, task, day) - until, stops[p - 1, PRE_LAST])
        stops[p, PRE_SPAN] = until + wait + f.outlets[stops[p, NODE]].service


@inlined
def _backward(f: Facts, stops: Small, last: int, day: int) -> None:
    for p in range(last - 1, 0, -1):
        task = int(stops[p, TASK])
        closes = window_closes(f, task, day)
        until = f.outlets[stops[p, NODE]].service + stops[p, LEG]
        wait = max(0, stops[p + 1, POST_FIRST] - until - closes)
        stops[p, POST_FIRST] = max(stops[p + 1, POST_FIRST] - until, window_opens(f, task, day)) - wait
        stops[p, POST_LAST] = min(stops[p + 1, POST_LAST] - until, closes)
        stops[p, POST_SPAN] = until + wait + stops[p + 1, POST_SPAN]


@inlined
def fits(
    stops: Small, p: int, opens: int, closes: int, service: int, there: int, onward: int, longest: int
) -> bool:
    """Whether a stay with start in [opens, closes] fits after position `p`: windows, shift and day length."""
    until = stops[p, PRE_SPAN] + there
    first = stops[p, PRE_FIRST]
    last = stops[p, PRE_LAST]
    if first + until > closes:
        return False
    wait = max(0, opens - until - last)
    first = max(opens - until, first) - wait
    last = min(closes - until, last)
    until += wait + service + onward
    if first + until > stops[p + 1, POST_LAST]:
        return False
    wait = max(0, stops[p + 1, POST_FIRST] - until - last)
    return bool(until + wait + stops[p + 1, POST_SPAN] <= longest)


@compiled
def refresh_all(f: Facts, s: State) -> None:
    for slot in range(len(s.filled)):
        refresh(f, s, slot)


@compiled
def best_position(f: Facts, s: State, slot: int, task: int, base: float, best: float) -> tuple[float, int]:
    """The cheapest feasible position in a route: (cost, position), or (best, NOWHERE) when none is under `best`.

    `base` is what the slot costs besides travel.
    """
    stops = s.stops[slot]
    day = slot % f.days
    outlet = f.tasks[task].outlet
    opens = window_opens(f, task, day)
    closes = window_closes(f, task, day)
    longest = f.staff[slot // f.days].longest
    found = NOWHERE
    there = minutes(f, int(stops[0, NODE]), outlet)
    for p in range(s.filled[slot] + 1):
        onward = minutes(f, outlet, int(stops[p + 1, NODE]))
        cost = base + f.per_minute * (there + onward - stops[p, LEG])
        if cost < best and fits(stops, p, opens, closes, f.outlets[outlet].service, there, onward, longest):
            best = cost
            found = p
        there = onward if f.symmetric else minutes(f, int(stops[p + 1, NODE]), outlet)
    return best, found


@compiled
def fits_at(f: Facts, s: State, slot: int, task: int, p: int) -> bool:
    """Whether the task fits behind position `p` of a route."""
    stops = s.stops[slot]
    day = slot % f.days
    outlet = f.tasks[task].outlet
    there = minutes(f, int(stops[p, NODE]), outlet)
    onward = minutes(f, outlet, int(stops[p + 1, NODE]))
    opens, closes = window_opens(f, task, day), window_closes(f, task, day)
    return fits(
        stops, p, opens, closes, f.outlets[outlet].service, there, onward, f.staff[slot // f.days].longest
    )


@compiled
def put(f: Facts, s: State, task: int, slot: int, position: int, pair: int) -> None:
    """Adds a task behind `position`."""
    stops = s.stops[slot]
    if s.filled[slot] == 0:
        s.staff[slot // f.days].opened += 1
    for p in range(s.filled[slot], position, -1):
        stops[p + 1, TASK] = stops[p, TASK]
    stops[position + 1, TASK] = task
    s.filled[slot] += 1
    s.staff[slot // f.days].load += 1
    s.tasks[task].slot = slot
    s.tasks[task].pair = pair
    refresh(f, s, slot)


@compiled
def take(f: Facts, s: State, task: int) -> float:
    """Removes a task from its route; returns the minutes of travel saved."""
    slot = s.tasks[task].slot
    stops = s.stops[slot]
    p = 1
    while stops[p, TASK] != task:
        p += 1
    saved = stops[p - 1, LEG] + stops[p, LEG] - minutes(f, int(stops[p - 1, NODE]), int(stops[p + 1, NODE]))
    if s.filled[slot] == 1:
        saved = stops[0, LEG] + stops[1, LEG]
        s.staff[slot // f.days].opened -= 1
    for q in range(p, s.filled[slot]):
        stops[q, TASK] = stops[q + 1, TASK]
    s.filled[slot] -= 1
    s.staff[slot // f.days].load -= 1
    s.tasks[task].slot = NOWHERE
    s.tasks[task].pair = NOWHERE
    refresh(f, s, slot)
    return float(saved)
