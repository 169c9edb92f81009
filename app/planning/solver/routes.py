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
    Records,
    Roads,
    Small,
    State,
)


@inlined
def way(roads: Roads, nodes: Records, matrix: Small, a: int, b: int) -> int:
    """Travel minutes from node `a` to node `b`; equals `app.planning.travel`."""
    if matrix.shape[0] > 0:
        return int(matrix[nodes[a].row, nodes[b].row])
    dx = nodes[a].x - nodes[b].x
    dy = nodes[a].y - nodes[b].y
    dz = nodes[a].z - nodes[b].z
    km = np.sqrt(dx * dx + dy * dy + dz * dz) * roads.detour
    return int(
        np.rint(
            min(km, roads.city_km) * roads.slow + max(km - roads.city_km, 0.0) * roads.fast + roads.access
        )
    )


@compiled
def minutes(f: Facts, a: int, b: int) -> int:
    """As `way`, for callers outside the hot loop."""
    return way(f.roads, f.nodes, f.matrix, a, b)


@inlined
def opens_at(tasks: Records, hours: Small, task: int, weekday: int) -> int:
    if tasks[task].start != NOWHERE:
        return int(tasks[task].start)
    return int(hours[tasks[task].outlet, weekday, OPENS])


@inlined
def closes_at(tasks: Records, hours: Small, task: int, weekday: int) -> int:
    """The latest start."""
    if tasks[task].start != NOWHERE:
        return int(tasks[task].start)
    return int(hours[tasks[task].outlet, weekday, LATEST])


@compiled
def refresh(f: Facts, s: State, slot: int) -> None:
    """Recomputes legs and time windows of a route whose tasks have changed."""
    nodes, matrix, outlets, hours, tasks, staff = f.nodes, f.matrix, f.outlets, f.hours, f.tasks, f.staff
    stops = s.stops[slot]
    roads = f.roads
    last = s.filled[slot] + 1
    inspector = slot // f.days
    weekday = f.calendar[slot % f.days].weekday
    home = len(outlets) - 1 + inspector
    for end in (0, last):
        stops[end, NODE] = home
        stops[end, TASK] = NOWHERE
    stops[0, PRE_SPAN] = 0
    stops[0, PRE_FIRST] = staff[inspector].starts
    stops[0, PRE_LAST] = staff[inspector].ends
    stops[last, POST_SPAN] = 0
    stops[last, POST_FIRST] = staff[inspector].starts
    stops[last, POST_LAST] = staff[inspector].ends
    for p in range(1, last):
        stops[p, NODE] = tasks[stops[p, TASK]].outlet
    for p in range(last):
        stops[p, LEG] = way(roads, nodes, matrix, int(stops[p, NODE]), int(stops[p + 1, NODE]))
    if last == 1:
        stops[0, LEG] = 0  # a day at home has no leg
    for p in range(1, last):
        _forward(
            stops,
            p,
            opens_at(tasks, hours, int(stops[p, TASK]), weekday),
            closes_at(tasks, hours, int(stops[p, TASK]), weekday),
            outlets[stops[p, NODE]].service,
        )
    for p in range(last - 1, 0, -1):
        _backward(
            stops,
            p,
            opens_at(tasks, hours, int(stops[p, TASK]), weekday),
            closes_at(tasks, hours, int(stops[p, TASK]), weekday),
            outlets[stops[p, NODE]].service,
        )


@inlined
def _forward(stops: Small, p: int, opens: int, closes: int, service: int) -> None:
    """The window of the route up to `p`, from that up to the stop before."""
    until = stops[p - 1, PRE_SPAN] + stops[p - 1, LEG]
    wait = max(0, opens - until - stops[p - 1, PRE_LAST])
    stops[p, PRE_FIRST] = max(opens - until, stops[p - 1, PRE_FIRST]) - wait
    stops[p, PRE_LAST] = min(closes - until, stops[p - 1, PRE_LAST])
    stops[p, PRE_SPAN] = until + wait + service


@inlined
def _backward(stops: Small, p: int, opens: int, closes: int, service: int) -> None:
    """The window of the route from `p` on, from that from the next stop on."""
    until = service + stops[p, LEG]
    wait = max(0, stops[p + 1, POST_FIRST] - until - closes)
    stops[p, POST_FIRST] = max(stops[p + 1, POST_FIRST] - until, opens) - wait
    stops[p, POST_LAST] = min(stops[p + 1, POST_LAST] - until, closes)
    stops[p, POST_SPAN] = until + wait + stops[p + 1, POST_SPAN]


@compiled
def refresh_all(f: Facts, s: State) -> None:
    for slot in range(len(s.filled)):
        refresh(f, s, slot)


@inlined
def fits(
    stops: Small,
    slot: int,
    p: int,
    opens: int,
    closes: int,
    service: int,
    there: int,
    onward: int,
    longest: int,
) -> bool:
    """Whether a stay with start in [opens, closes] fits behind position `p`: windows, shift and day length."""
    until = stops[slot, p, PRE_SPAN] + there
    first = stops[slot, p, PRE_FIRST]
    last = stops[slot, p, PRE_LAST]
    if first + until > closes:
        return False
    wait = max(0, opens - until - last)
    first = max(opens - until, first) - wait
    last = min(closes - until, last)
    until += wait + service + onward
    if first + until > stops[slot, p + 1, POST_LAST]:
        return False
    wait = max(0, stops[slot, p + 1, POST_FIRST] - until - last)
    return bool(until + wait + stops[slot, p + 1, POST_SPAN] <= longest)


@inlined
def cheapest_position(
    roads: Roads,
    nodes: Records,
    matrix: Small,
    stops: Small,
    slot: int,
    filled: int,
    outlet: int,
    opens: int,
    closes: int,
    service: int,
    longest: int,
    best: float,
) -> tuple[float, int]:
    """The feasible position that adds fewest minutes: (minutes, position), or (best, NOWHERE) if none is under."""
    found = NOWHERE
    there = way(roads, nodes, matrix, int(stops[slot, 0, NODE]), outlet)
    for p in range(filled + 1):
        onward = way(roads, nodes, matrix, outlet, int(stops[slot, p + 1, NODE]))
        more = float(there + onward - stops[slot, p, LEG])
        if more < best and fits(stops, slot, p, opens, closes, service, there, onward, longest):
            best = more
            found = p
        if roads.symmetric:
            there = onward
        else:
            there = way(roads, nodes, matrix, int(stops[slot, p + 1, NODE]), outlet)
    return best, found


@compiled
def best_position(f: Facts, s: State, slot: int, task: int, best: float) -> tuple[float, int]:
    """As `cheapest_position`, for callers outside the hot loop."""
    outlet = f.tasks[task].outlet
    weekday = f.calendar[slot % f.days].weekday
    return cheapest_position(
        f.roads,
        f.nodes,
        f.matrix,
        s.stops,
        slot,
        s.filled[slot],
        outlet,
        opens_at(f.tasks, f.hours, task, weekday),
        closes_at(f.tasks, f.hours, task, weekday),
        f.outlets[outlet].service,
        f.staff[slot // f.days].longest,
        best,
    )


@compiled
def fits_at(f: Facts, s: State, slot: int, task: int, p: int) -> bool:
    """Whether the task fits behind position `p` of a route."""
    outlet = f.tasks[task].outlet
    weekday = f.calendar[slot % f.days].weekday
    there = minutes(f, int(s.stops[slot, p, NODE]), outlet)
    onward = minutes(f, outlet, int(s.stops[slot, p + 1, NODE]))
    opens, closes = opens_at(f.tasks, f.hours, task, weekday), closes_at(f.tasks, f.hours, task, weekday)
    longest = f.staff[slot // f.days].longest
    return fits(s.stops, slot, p, opens, closes, f.outlets[outlet].service, there, onward, longest)


@compiled
def put(f: Facts, s: State, task: int, slot: int, position: int, pair: int) -> None:
    """Adds a task behind `position`."""
    stops, staff, tasks = s.stops, s.staff, s.tasks
    inspector = slot // f.days
    filled = s.filled[slot]
    if filled == 0:
        staff[inspector].opened += 1
    for p in range(filled, position, -1):
        stops[slot, p + 1, TASK] = stops[slot, p, TASK]
    stops[slot, position + 1, TASK] = task
    s.filled[slot] = filled + 1
    staff[inspector].load += 1
    tasks[task].slot = slot
    tasks[task].pair = pair
    refresh(f, s, slot)


@compiled
def take(f: Facts, s: State, task: int) -> float:
    """Removes a task from its route; returns the minutes of travel saved."""
    stops, staff, tasks = s.stops, s.staff, s.tasks
    slot = tasks[task].slot
    inspector = slot // f.days
    filled = s.filled[slot]
    p = 1
    while stops[slot, p, TASK] != task:
        p += 1
    before, after = int(stops[slot, p - 1, NODE]), int(stops[slot, p + 1, NODE])
    saved = stops[slot, p - 1, LEG] + stops[slot, p, LEG]
    if filled == 1:
        staff[inspector].opened -= 1
    else:
        saved -= way(f.roads, f.nodes, f.matrix, before, after)
    for q in range(p, filled):
        stops[slot, q, TASK] = stops[slot, q + 1, TASK]
    s.filled[slot] = filled - 1
    staff[inspector].load -= 1
    tasks[task].slot = NOWHERE
    tasks[task].pair = NOWHERE
    refresh(f, s, slot)
    return float(saved)
