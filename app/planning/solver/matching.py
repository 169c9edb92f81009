"""Compiled b-matching of outlets to inspectors by augmenting paths.

A *seat* is an inspector at a place: whoever has it visits one outlet of the place, once. Where rotation is by outlet
every pair has a seat of its own; by brand (D5.7) the pairs of an inspector with the brand's outlets share one.
"""

import numpy as np

from app.planning.solver.compiled import allocating, compiled
from app.planning.solver.layout import Bools, Ints, Records, Small

NOBODY = -1
NEVER = np.iinfo(np.int64).max  # the stamp of a seat that is out of question for good
# A step of the search: the seat reached, by which pair; which seat's visitor leaves that one free, and the step before.
STEP = np.dtype(
    [("seat", np.int64), ("pair", np.int64), ("left", np.int64), ("before", np.int64)], align=True
)


@allocating
def match(
    first: Ints, pair_outlet: Ints, pair_seat: Ints, seat_inspector: Ints, capacity: Ints, wants: Ints
) -> Bools:
    """Which of `wants` (outlets, in order of precedence) can be given an inspector, each seat once.

    Never takes from an earlier one to serve a later one, but re-arranges who goes where. `first[outlet]` is the
    outlet's first pair. Inspectors and seats that a failed search has reached can never have room again and are
    dropped.
    """
    served = np.zeros(len(wants), np.bool_)
    holder = np.full(len(seat_inspector), NOBODY, np.int64)  # the pair that has the seat
    load = np.zeros(len(capacity), np.int64)
    users = np.full((len(capacity), max(1, capacity.max())), NOBODY, np.int64)
    seen = np.zeros(len(capacity), np.int64)
    seen_seat = np.zeros(len(seat_inspector), np.int64)
    seen_outlet = np.zeros(len(first), np.int64)
    queue = np.zeros(len(capacity) + len(wants), STEP)
    for number in range(len(wants)):
        stamp = number + 1
        seen_outlet[wants[number]] = stamp
        head, found = 0, NOBODY
        tail = _reach(
            first,
            pair_seat,
            seat_inspector,
            holder,
            seen,
            seen_seat,
            queue,
            0,
            stamp,
            wants[number],
            NOBODY,
            NOBODY,
        )
        while head < tail and found == NOBODY:
            seat = queue[head].seat
            inspector = seat_inspector[seat]
            taken = holder[seat] != NOBODY
            if not taken and load[inspector] < capacity[inspector]:
                found = head
                break
            for rank in range(1 if taken else load[inspector]):
                left = seat if taken else users[inspector, rank]
                outlet = pair_outlet[holder[left]]
                if seen_outlet[outlet] == stamp:
                    continue
                seen_outlet[outlet] = stamp
                tail = _reach(
                    first,
                    pair_seat,
                    seat_inspector,
                    holder,
                    seen,
                    seen_seat,
                    queue,
                    tail,
                    stamp,
                    outlet,
                    left,
                    head,
                )
            head += 1
        if found == NOBODY:
            for place in range(tail):
                seen_seat[queue[place].seat] = NEVER
                if holder[queue[place].seat] == NOBODY:
                    seen[seat_inspector[queue[place].seat]] = NEVER
            continue
        served[number] = True
        _augment(seat_inspector, holder, load, users, queue, found)
    return served


@compiled
def _reach(
    first: Ints,
    pair_seat: Ints,
    seat_inspector: Ints,
    holder: Ints,
    seen: Ints,
    seen_seat: Ints,
    queue: Records,
    tail: int,
    stamp: int,
    outlet: int,
    left: int,
    before: int,
) -> int:
    """Queues every new seat that the outlet could take instead of the one `left`; the queue's new end.

    Of an inspector's free seats one is enough: what counts then is the inspector's room.
    """
    for pair in range(first[outlet], first[outlet + 1]):
        seat = pair_seat[pair]
        if holder[seat] == NOBODY:
            inspector = seat_inspector[seat]
            if seen[inspector] >= stamp:
                continue
            seen[inspector] = stamp
        elif holder[seat] == pair or seen_seat[seat] >= stamp:
            continue
        else:
            seen_seat[seat] = stamp
        queue[tail].seat = seat
        queue[tail].pair = pair
        queue[tail].left = left
        queue[tail].before = before
        tail += 1
    return tail


@compiled
def _augment(
    seat_inspector: Ints, holder: Ints, load: Ints, users: Small, queue: Records, found: int
) -> None:
    """Re-arranges along the path that ends at step `found`, whose inspector has room."""
    inspector = seat_inspector[queue[found].seat]
    users[inspector, load[inspector]] = queue[found].seat
    load[inspector] += 1
    step = found
    while queue[step].before != NOBODY:
        seat, left = queue[queue[step].before].seat, queue[step].left
        holder[queue[step].seat] = queue[step].pair
        if left != seat:  # the inspector comes to the one place instead of the other
            holder[left] = NOBODY
            inspector = seat_inspector[seat]
            rank = 0
            while users[inspector, rank] != left:
                rank += 1
            users[inspector, rank] = seat
        step = queue[step].before
    holder[queue[step].seat] = queue[step].pair
