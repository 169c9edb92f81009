"""Visits by more than one person: day and start are drawn first, then each person's part is an ordinary task.

The parts share day and start by being fixed to them, so the search can move people but not tear a crew apart
in time. A crew that lost somebody is drawn again as a whole, or not served at all.
"""

import numpy as np

from app.planning.solver.anytime import whole
from app.planning.solver.encode import Month
from app.planning.solver.insertion import best_place
from app.planning.solver.layout import NOWHERE, Scratch, State
from app.planning.solver.routes import put, take

DRAWS = 40
ENOUGH = 5  # complete crews found before the cheapest is taken
ROUND_TO = 5  # minutes


def draw_crews(month: Month, state: State, *, seed: int) -> None:
    """Draws day and start for every incomplete crew, dearest first, and serves it if it can.

    Parts of crews that stay incomplete are taken out.
    """
    crews = [visit for visit, tasks in enumerate(month.tasks_of) if len(tasks) > 1]
    x = whole(month.facts, state, seed=[seed, 7])
    rng = np.random.default_rng([seed, 8])
    for visit in sorted(crews, key=lambda one: -month.prizes[one]):
        if not _is_complete(month, state, visit):
            _draw(month, state, x, visit, rng)


def _is_complete(month: Month, state: State, visit: int) -> bool:
    return all(state.tasks["slot"][task] != NOWHERE for task in month.tasks_of[visit])


def _take_out(month: Month, state: State, visit: int) -> None:
    for task in month.tasks_of[visit]:
        if state.tasks["slot"][task] != NOWHERE:
            take(month.facts, state, task)


def _draw(month: Month, state: State, x: Scratch, visit: int, rng: np.random.Generator) -> None:
    _take_out(month, state, visit)
    best: tuple[float, int, int] | None = None
    found = 0
    for _ in range(DRAWS):
        when = _some_time(month, visit, rng)
        if when is None:
            break
        cost = _serve(month, state, x, visit, when)
        if cost is None:
            continue
        _take_out(month, state, visit)
        best = min(best or (cost, *when), (cost, *when))
        found += 1
        if found == ENOUGH:
            break
    if best is not None:
        _serve(month, state, x, visit, (best[1], best[2]))
    else:
        _release(month, visit)


def _some_time(month: Month, visit: int, rng: np.random.Generator) -> tuple[int, int] | None:
    """A random day on which enough people may come, and a start in opening hours."""
    pin = month.pins.get(visit)
    facts, crew = month.facts, len(month.tasks_of[visit])
    outlet = int(facts.tasks["outlet"][month.tasks_of[visit][0]])
    sets = facts.pairs["days"][facts.outlets["pairs"][outlet] : facts.outlets["pairs"][outlet + 1]]
    days = [day for day in range(facts.days) if int(((sets >> day) & 1).sum()) >= crew]
    if pin and pin.on is not None:
        days = [month.days.index(pin.on)]
    if not days:
        return None
    day = int(rng.choice(days))
    opens, latest = map(int, facts.hours[outlet, facts.calendar["weekday"][day]])
    if pin and pin.arrive is not None:
        return day, pin.arrive
    if latest < opens:
        return None
    first, last = -(-opens // ROUND_TO), latest // ROUND_TO
    return day, int(rng.integers(first, last + 1)) * ROUND_TO if last >= first else opens


def _serve(month: Month, state: State, x: Scratch, visit: int, when: tuple[int, int]) -> float | None:
    """Serves the crew then; its cost, or None, and nothing changed, when somebody is missing."""
    facts, cost = month.facts, 0.0
    for task in month.tasks_of[visit]:
        facts.tasks["day"][task], facts.tasks["start"][task] = when
        facts.tasks["frozen"][task] = 0
    for task in month.tasks_of[visit]:
        more, slot, position = best_place(facts, state, x, task, 1.0)
        if slot == NOWHERE:
            _take_out(month, state, visit)
            return None
        put(facts, state, task, slot, position, int(x.staff["pair"][slot // facts.days]))
        cost += more
    return cost


def _release(month: Month, visit: int) -> None:
    """Leaves the crew unserved and without a time; frozen, or the search would serve its parts apart."""
    pin = month.pins.get(visit)
    for task in month.tasks_of[visit]:
        month.facts.tasks["frozen"][task] = 1
        if not (pin and pin.on):
            month.facts.tasks["day"][task] = NOWHERE
        if not (pin and pin.arrive is not None):
            month.facts.tasks["start"][task] = NOWHERE
