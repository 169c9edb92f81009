"""Plan a month, or repair a plan: the table of contents of the algorithm."""

from datetime import date

import numpy as np

from app.planning.instance import Instance
from app.planning.plan import Plan
from app.planning.solver.anytime import (
    Budget,
    Found,
    Search,
    Watch,
    always,
    construct,
    fresh_state,
    waiting_tasks,
    whole,
)
from app.planning.solver.crews import draw_crews
from app.planning.solver.decode import plan_of
from app.planning.solver.encode import Month, encode
from app.planning.solver.layout import NOWHERE, Ints, State
from app.planning.solver.placing import place_confirmed, place_previous
from app.planning.solver.routes import take
from app.planning.solver.search import insert_all
from app.planning.solver.standins import name_backups
from app.planning.solver.timing import Timetable, draw_times

REPAIR_HOT = 1.0  # minutes: a repair may shift little
REPAIR_AROUND = 25  # nearest outlets that a repair may start from
RETIMINGS = 4


def solve(instance: Instance, *, seed: int, budget: Budget, watch: Watch = always) -> Plan:
    """The best plan found within `budget`. Equal instance, seed and iteration budget give an equal plan.

    Raises ValueError when a pin cannot be understood or a confirmed visit breaks a rule.
    """
    month = encode(instance, seed=seed)
    state = fresh_state(month.facts)
    place_confirmed(month, state)
    draw_crews(month, state, seed=seed)
    construct(month.facts, state, seed=seed)
    has_crews = any(len(tasks) > 1 for tasks in month.tasks_of)

    def tend(changed: State) -> None:
        draw_crews(month, changed, seed=seed)

    found = Search(month.facts, state, seed=seed, budget=budget).run(
        watch=watch, tend=tend if has_crews else None
    )
    return _finish(month, found, seed, {})


def repair(
    instance: Instance,
    previous: Plan,
    *,
    seed: int,
    budget: Budget,
    frozen_until: date | None = None,
    watch: Watch = always,
) -> Plan:
    """A plan for the changed `instance` that differs as little as possible from `previous` (D6.5).

    Confirmed visits, and all visits up to `frozen_until`, stay. Visits that a rule now forbids are placed anew
    first; then only their neighbourhood is searched, and each change of another visit costs `weights.stability`.
    """
    month = encode(instance, seed=seed)
    state = fresh_state(month.facts)
    place_confirmed(month, state)
    before = place_previous(month, state, previous)
    _freeze(month, state, frozen_until)
    displaced = waiting_tasks(month.facts, state)
    draw_crews(month, state, seed=seed)
    construct(month.facts, state, seed=seed)
    search = Search(month.facts, state, seed=seed, budget=budget)
    around = _around(month, displaced)
    found = search.run(hot=REPAIR_HOT, watch=watch, tasks=around) if len(around) else search.best
    return _finish(month, found, seed, before)


def _freeze(month: Month, state: State, until: date | None) -> None:
    if until is None:
        return
    passed = [number for number, day in enumerate(month.days) if day <= until]
    slots = state.tasks["slot"]
    month.facts.tasks["frozen"][(slots != NOWHERE) & np.isin(slots % month.facts.days, passed)] = 1
    over = sum(1 << number for number in passed)
    month.facts.pairs["days"][:] &= ~over  # nothing new is planned into the past


def _around(month: Month, displaced: Ints) -> Ints:
    """Movable tasks of the outlets next to the displaced ones."""
    facts = month.facts
    near = np.zeros(len(facts.outlets) - 1, np.bool_)
    near[facts.nearest[facts.tasks["outlet"][displaced], :REPAIR_AROUND]] = True
    return np.flatnonzero(near[facts.tasks["outlet"]] & (facts.tasks["frozen"] == 0)).astype(np.int64)


def _finish(month: Month, found: Found, seed: int, before: dict[int, int]) -> Plan:
    """Whole crews, last insertions, hours, backups, reasons."""
    state = found.state
    draw_crews(month, state, seed=seed)
    _insert_everywhere(month, state, seed)
    table, given_up = _timed(month, state, seed, before)
    return plan_of(
        month,
        state,
        table,
        seed=seed,
        iterations=found.iterations,
        backups=name_backups(month, state),
        given_up=given_up,
    )


def _insert_everywhere(month: Month, state: State, seed: int) -> None:
    x = whole(month.facts, state, seed=[seed, 9])
    insert_all(month.facts, state, x, waiting_tasks(month.facts, state), 1.0)


def _timed(month: Month, state: State, seed: int, before: dict[int, int]) -> tuple[Timetable, set[int]]:
    """A timetable without repeated cells: visits that repeat one move to another weekday, or are given up."""
    facts = month.facts
    given_up: set[int] = set()
    for turn in range(RETIMINGS):
        table = draw_times(month, state, seed=seed, before=before)
        moving = [task for task in table.repeating if not facts.tasks["frozen"][task]]
        if not moving:
            break
        for task in moving:
            _forbid_weekday(month, state, task)
            take(facts, state, task)
            before.pop(task, None)
        given_up |= {int(facts.tasks["visit"][task]) for task in moving}
        if turn < RETIMINGS - 2:
            _insert_everywhere(month, state, seed)
    return table, given_up


def _forbid_weekday(month: Month, state: State, task: int) -> None:
    facts = month.facts
    weekdays = facts.calendar["weekday"]
    weekday = weekdays[int(state.tasks["slot"][task]) % facts.days]
    same = sum(1 << int(day) for day in np.flatnonzero(weekdays == weekday))
    outlet = int(facts.tasks["outlet"][task])
    facts.pairs["days"][facts.outlets["pairs"][outlet] : facts.outlets["pairs"][outlet + 1]] &= ~same
