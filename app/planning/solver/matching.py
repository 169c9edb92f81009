"""Compiled b-matching of outlets to inspectors by augmenting paths."""

import numpy as np

from app.planning.solver.compiled import allocating, compiled
from app.planning.solver.layout import Bools, Ints, Small

NOBODY = -1


@allocating
def match(first: Ints, pair_outlet: Ints, pair_inspector: Ints, capacity: Ints, wants: Ints) -> Bools:
    """Which of `wants` (outlets, in order of precedence) can be given an inspector, each pair once.

    Never takes from an earlier one to serve a later one, but re-arranges who goes where. `first[outlet]` is the
    outlet's first pair. Inspectors that a failed search has reached can never have room again and are dropped.
    """
    served = np.zeros(len(wants), np.bool_)
    used = np.zeros(len(pair_inspector), np.bool_)
    load = np.zeros(len(capacity), np.int64)
    users = np.full((len(capacity), max(1, capacity.max())), NOBODY, np.int64)
    seen = np.zeros(len(capacity), np.int64)
    seen_outlet = np.zeros(len(first), np.int64)
    came_by = np.zeros(len(capacity), np.int64)
    frees = np.zeros(len(capacity), np.int64)
    queue = np.zeros(len(capacity), np.int64)
    dead = np.zeros(len(capacity), np.bool_)
    for number in range(len(wants)):
        stamp = number + 1
        head, tail = (
            0,
            _reach(
                first,
                pair_inspector,
                used,
                dead,
                seen,
                came_by,
                frees,
                queue,
                0,
                stamp,
                wants[number],
                NOBODY,
            ),
        )
        found = NOBODY
        while head < tail and found == NOBODY:
            inspector = queue[head]
            head += 1
            if load[inspector] < capacity[inspector]:
                found = inspector
                break
            for rank in range(load[inspector]):
                pair = users[inspector, rank]
                outlet = pair_outlet[pair]
                if seen_outlet[outlet] == stamp:
                    continue
                seen_outlet[outlet] = stamp
                tail = _reach(
                    first, pair_inspector, used, dead, seen, came_by, frees, queue, tail, stamp, outlet, pair
                )
        if found == NOBODY:
            for place in range(tail):
                dead[queue[place]] = True
            continue
        served[number] = True
        _augment(pair_inspector, used, load, users, came_by, frees, found)
    return served


@compiled
def _reach(
    first: Ints,
    pair_inspector: Ints,
    used: Bools,
    dead: Bools,
    seen: Ints,
    came_by: Ints,
    frees: Ints,
    queue: Ints,
    tail: int,
    stamp: int,
    outlet: int,
    freed: int,
) -> int:
    """Queues every new inspector whom the outlet could take instead of pair `freed`; the queue's new end."""
    for pair in range(first[outlet], first[outlet + 1]):
        inspector = pair_inspector[pair]
        if used[pair] or dead[inspector] or seen[inspector] == stamp:
            continue
        seen[inspector] = stamp
        came_by[inspector] = pair
        frees[inspector] = freed
        queue[tail] = inspector
        tail += 1
    return tail


@compiled
def _augment(
    pair_inspector: Ints, used: Bools, load: Ints, users: Small, came_by: Ints, frees: Ints, found: int
) -> None:
    """Re-arranges along the path that ends at `found`, who has room."""
    inspector = found
    users[inspector, load[inspector]] = came_by[inspector]
    load[inspector] += 1
    used[came_by[inspector]] = True
    while frees[inspector] != NOBODY:
        freed = frees[inspector]
        used[freed] = False
        inspector = pair_inspector[freed]
        rank = 0
        while users[inspector, rank] != freed:
            rank += 1
        users[inspector, rank] = came_by[inspector]
        used[came_by[inspector]] = True
