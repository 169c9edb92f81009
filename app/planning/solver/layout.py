"""The month as arrays: what the compiled search reads, writes, and scribbles on.

Words: an *outlet* and an *inspector* are indices; a *day* counts from 0 on the month's first; a *task* is one
person's part in one visit (a crew of two makes two tasks); a *slot* is one inspector's day,
`inspector * days + day`; a *pair* is an outlet with an inspector who may visit it at all; the *kin* of an outlet's
tasks are those at the same place, which nobody does twice: its own, or all of its brand's (D5.7); a *node* is an
outlet, or an inspector's home after all outlets. Minutes are integers, sets of days and of certificates are bits.

Few arrays of records rather than many plain ones: each array handed to a function makes it slower to compile.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]
Records = NDArray[Any]

# Columns of a stop in `State.stops`: who, what, minutes to the next, then the time windows of the route up to
# and including the stop, and from it on: least duration, earliest and latest start (Vidal et al. 2013).
NODE, TASK, LEG, PRE_SPAN, PRE_FIRST, PRE_LAST, POST_SPAN, POST_FIRST, POST_LAST = range(9)
COLUMNS = 9
OPENS, LATEST = range(2)
CLOCK, REMOVED, TOUCHED = range(3)
MAX_REMOVED = 64
NEIGHBOURS = 48
NOWHERE = -1


def _records(**fields: type) -> np.dtype[Any]:
    return np.dtype(list(fields.items()), align=True)


DAY = _records(weekday=np.int64, near=np.int64)
NODE_AT = _records(x=np.float64, y=np.float64, z=np.float64, row=np.int64)
OUTLET = _records(service=np.int64, tasks=np.int64, pairs=np.int64, kin=np.int64, kin_end=np.int64)
TASK_FACTS = _records(
    outlet=np.int64,
    visit=np.int64,
    prize=np.float64,
    certificates=np.int64,
    inspector=np.int64,
    day=np.int64,
    start=np.int64,
    keep=np.int64,
    covert=np.int64,
    frozen=np.int64,
    leads=np.int64,
)
PAIR = _records(
    outlet=np.int64,
    inspector=np.int64,
    days=np.int64,
    bare=np.int64,
    way=np.int64,
    cost=np.float64,
    covert=np.int64,
)
INSPECTOR = _records(
    starts=np.int64,
    ends=np.int64,
    longest=np.int64,
    per_day=np.int64,
    max_days=np.int64,
    holds=np.int64,
    unfair=np.float64,
)
TASK_STATE = _records(slot=np.int64, pair=np.int64)
INSPECTOR_STATE = _records(opened=np.int64, load=np.int64)
INSPECTOR_MARK = _records(stamp=np.int64, pair=np.int64, group=np.int64)
SLOT_MARK = _records(seen=np.int64, touched=np.int64)
REMOVED_TASK = _records(task=np.int64, slot=np.int64, pair=np.int64)
TOUCHED_SLOT = _records(slot=np.int64, count=np.int64)


class Roads(NamedTuple):
    """The numbers of the travel model."""

    symmetric: bool
    detour: float
    city_km: float
    slow: float  # minutes per km of the slow stretch
    fast: float
    access: float


class Facts(NamedTuple):
    """What does not change during a search."""

    days: int
    calendar: Records  # [day] weekday (0 Monday), near: days closer than the minimum gap
    roads: Roads
    nodes: Records  # [node] coordinates in km, row of the matrix
    matrix: Small  # [row, row] minutes, empty when coordinates are used
    outlets: (
        Records  # [outlet + 1] service, first task, first pair, first of the kin and the one after the last
    )
    hours: Small  # [outlet, weekday, OPENS | LATEST] earliest and latest start
    nearest: Small  # [outlet, rank], itself first
    tasks: Records  # prize: cost when unserved; inspector, day, start: fixed ones; keep: slot under repair
    pairs: Records  # by outlet, then by way from home
    staff: Records  # [inspector] unfair: cost of the square of the load
    per_minute: float
    change: float
    draw: Floats  # [outlet, day] cost of the seeded draw


class State(NamedTuple):
    """A plan in the making."""

    tasks: Records  # slot or NOWHERE, pair used
    stops: Small  # [slot, position, column]; position 0 and count + 1 are home
    filled: Ints  # [slot] visits in it
    staff: Records  # [inspector] opened: slots in use, load: visits


class Scratch(NamedTuple):
    """One thread's working memory, and its share of the month."""

    random: Words  # [1] generator state
    counters: Ints  # CLOCK, REMOVED, TOUCHED
    staff: Records  # stamps of the inspectors asked, their pairs; the group each belongs to
    slots: Records  # stamps
    removed: Records  # tasks out of their routes in this step, and where they were
    keys: Floats
    order: Ints  # removed tasks in the order of reinsertion
    waiting: Ints  # unserved tasks
    touched: Records  # routes changed in this step, and how they were
    was_stops: Small
    outlet_group: Ints
    mine: int


def empty_state(facts: Facts) -> State:
    """Nobody visits anything. The routes still want `routes.refresh_all`."""
    inspectors = len(facts.staff)
    longest = int(facts.staff["per_day"].max(initial=1))
    tasks = np.zeros(len(facts.tasks), TASK_STATE)
    tasks["slot"] = NOWHERE
    tasks["pair"] = NOWHERE
    return State(
        tasks=tasks,
        stops=np.zeros((inspectors * facts.days, longest + 2, COLUMNS), np.int32),
        filled=np.zeros(inspectors * facts.days, np.int64),
        staff=np.zeros(inspectors, INSPECTOR_STATE),
    )


def copy_state(state: State) -> State:
    return State(
        tasks=state.tasks.copy(),
        stops=state.stops.copy(),
        filled=state.filled.copy(),
        staff=state.staff.copy(),
    )


def scratch(
    facts: Facts, state: State, *, outlet_group: Ints, inspector_group: Ints, mine: int, seed: list[int]
) -> Scratch:
    """Working memory for the thread that owns group `mine`; `seed` decides all its draws."""
    staff = np.zeros(len(facts.staff), INSPECTOR_MARK)
    staff["group"] = inspector_group
    return Scratch(
        random=np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1),
        counters=np.zeros(3, np.int64),
        staff=staff,
        slots=np.zeros(len(state.filled), SLOT_MARK),
        removed=np.zeros(MAX_REMOVED, REMOVED_TASK),
        keys=np.zeros(MAX_REMOVED, np.float64),
        order=np.zeros(MAX_REMOVED, np.int64),
        waiting=np.zeros(len(facts.tasks), np.int64),
        touched=np.zeros(3 * MAX_REMOVED, TOUCHED_SLOT),
        was_stops=np.zeros((3 * MAX_REMOVED, *state.stops.shape[1:]), np.int32),
        outlet_group=outlet_group,
        mine=mine,
    )
