"""Named backups: somebody eligible, near and free on the day, kept free for one visit (D6.7)."""

from app.planning.solver.decode import is_served
from app.planning.solver.encode import Month
from app.planning.solver.layout import State
from app.planning.solver.placing import inspectors_at


def name_backups(month: Month, state: State) -> dict[int, tuple[str, ...]]:
    """By visit, the nearest free eligible inspectors; fewer than asked for when there are none.

    Being on call uses up a working day.
    """
    facts = month.facts
    called: set[int] = set()
    opened = [int(days) for days in state.staff["opened"]]
    named: dict[int, tuple[str, ...]] = {}
    promised: set[tuple[int, int]] = set()
    for visit, demanded in enumerate(month.visits):
        if not demanded.outlet.backups or not is_served(month, state, visit):
            continue
        chosen: list[int] = []
        for inspector, slot in _free(month, state, visit):
            place = int(facts.outlets["kin"][facts.tasks["outlet"][month.tasks_of[visit][0]]])
            if len(chosen) == demanded.outlet.backups:
                break
            if slot in called or (inspector, place) in promised:
                continue
            if opened[inspector] >= int(facts.staff["max_days"][inspector]):
                continue
            called.add(slot)
            promised.add((inspector, place))
            opened[inspector] += 1
            chosen.append(inspector)
        named[visit] = tuple(month.instance.inspectors[inspector].id for inspector in chosen)
    return named


def _free(month: Month, state: State, visit: int) -> list[tuple[int, int]]:
    """(inspector, slot) of everybody who could come and has nothing else that day, the nearest first."""
    facts = month.facts
    task = month.tasks_of[visit][0]
    row = facts.tasks[task]
    day = int(state.tasks["slot"][task]) % facts.days
    here = inspectors_at(month, state, task)
    pairs = facts.pairs[facts.outlets["pairs"][row["outlet"]] : facts.outlets["pairs"][row["outlet"] + 1]]
    free = []
    for pair in pairs[(pairs["days"] >> day) & 1 == 1]:
        inspector = int(pair["inspector"])
        slot = inspector * facts.days + day
        fit = not row["certificates"] & ~facts.staff["holds"][inspector]
        if fit and (pair["covert"] or not row["covert"]) and inspector not in here and not state.filled[slot]:
            free.append((inspector, slot))
    return free
