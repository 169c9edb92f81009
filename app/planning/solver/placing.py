"""Putting given visits where they are said to be: confirmed ones, and those of a plan under repair."""

from app.planning.plan import Plan, PlannedVisit
from app.planning.solver.encode import Month
from app.planning.solver.insertion import busy_days, open_to
from app.planning.solver.layout import NOWHERE, State
from app.planning.solver.routes import best_position, fits_at, put

NO_LIMIT = 1e12


def place_confirmed(month: Month, state: State) -> None:
    """Raises ValueError when a confirmed visit breaks a rule: a person must release or change it first."""
    inspectors = {one.id: number for number, one in enumerate(month.instance.inspectors)}
    chosen = [(visit, pin) for visit, pin in month.pins.items() if pin.confirmed]
    for visit, pin in sorted(chosen, key=lambda one: (one[1].arrive is None, one[1].arrive or 0)):
        assert pin.on is not None
        assert pin.inspectors is not None
        day = month.days.index(pin.on)
        for task, name in zip(month.tasks_of[visit], pin.inspectors, strict=True):
            if not place(month, state, task, inspectors[name], day):
                says = f"the confirmed visit {month.visits[visit].id} on {pin.on} breaks a rule for {name}"
                raise ValueError(f"{says}: ask why not, then release or change the pin")


def place(month: Month, state: State, task: int, inspector: int, day: int) -> bool:
    """Adds the task to that day, at the end if it fits there; False, and nothing changed, when a rule forbids it."""
    facts = month.facts
    slot = inspector * facts.days + day
    pair = _pair(month, task, inspector)
    if pair is None or not open_to(facts, state, task, slot, pair, busy_days(facts, state, task)):
        return False
    if _meets_again(month, state, task, inspector):
        return False
    position = int(state.filled[slot])
    if not fits_at(facts, state, slot, task, position):
        _, position = best_position(facts, state, slot, task, NO_LIMIT)
    if position == NOWHERE:
        return False
    put(facts, state, task, slot, position, pair)
    return True


def _pair(month: Month, task: int, inspector: int) -> int | None:
    facts = month.facts
    row = facts.tasks[task]
    if row["certificates"] & ~facts.staff["holds"][inspector]:
        return None
    first, after = facts.outlets["pairs"][row["outlet"]], facts.outlets["pairs"][row["outlet"] + 1]
    for pair in range(int(first), int(after)):
        if facts.pairs["inspector"][pair] == inspector and (facts.pairs["covert"][pair] or not row["covert"]):
            return pair
    return None


def _meets_again(month: Month, state: State, task: int, inspector: int) -> bool:
    return inspector in inspectors_at(month, state, task)


def inspectors_at(month: Month, state: State, task: int) -> set[int]:
    """Who is at the task's place this month already: at its outlet, or anywhere of its brand (D5.7)."""
    here = month.facts.outlets[month.facts.tasks["outlet"][task]]
    slots = state.tasks["slot"][here["kin"] : here["kin_end"]]
    return {int(slot) // month.facts.days for slot in slots if slot != NOWHERE}


def place_previous(month: Month, state: State, previous: Plan) -> dict[int, int]:
    """Puts a plan's visits back where the rules still allow it, whole crews only.

    Records each old place in `facts.tasks.keep`, and returns the old start of every task placed.
    """
    numbers = {visit.id: number for number, visit in enumerate(month.visits)}
    inspectors = {one.id: number for number, one in enumerate(month.instance.inspectors)}
    starts: dict[int, int] = {}
    for old in sorted(previous.visits, key=lambda one: (one.on, one.arrive, one.visit)):
        visit = numbers.get(old.visit)
        if visit is None or old.on not in month.days or len(old.inspectors) != len(month.tasks_of[visit]):
            continue
        people = [inspectors[name] for name in old.inspectors if name in inspectors]
        starts |= _put_back(month, state, visit, old, people)
    return starts


def _put_back(month: Month, state: State, visit: int, old: PlannedVisit, people: list[int]) -> dict[int, int]:
    facts, day = month.facts, month.days.index(old.on)
    tasks = month.tasks_of[visit]
    if len(tasks) > 1:
        facts.tasks["day"][tasks], facts.tasks["start"][tasks] = day, old.arrive
    starts: dict[int, int] = {}
    for task, inspector in zip(tasks, people, strict=False):
        facts.tasks["keep"][task] = inspector * facts.days + day
        if state.tasks["slot"][task] != NOWHERE or place(month, state, task, inspector, day):
            starts[task] = old.arrive
    return starts
