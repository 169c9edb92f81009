"""The process that solves: `python -m app.planning.solving`, one task from standard input, then it ends.

A line `stop` ends the search early with the best plan so far. The end of the input ends the process at once: whoever
asked is gone.
"""

import os
import sys
from dataclasses import asdict
from threading import Event, Thread

from app.kit.sentences import counted
from app.planning.bound import bound
from app.planning.check import check
from app.planning.measures import measure
from app.planning.predictability import predictability
from app.planning.solver.anytime import Budget, Progress, all_cores
from app.planning.solver.solve import repair, solve
from app.planning.tasks import STOP, Bounds, Guessed, Measured, Says, Solve, Task, Told


def main() -> None:
    task = Task.model_validate_json(sys.stdin.buffer.readline())
    stopped = Event()
    Thread(target=_listen, args=[stopped], daemon=True).start()
    try:
        if task.solve is not None:
            _say(_solved(task.solve, stopped))
        elif task.bound is not None:
            _say(Says(bounds=Bounds.model_validate(asdict(bound(task.bound)))))
        elif task.guess is not None:
            _say(Says(guessed=Guessed.model_validate(asdict(predictability(task.guess)))))
    except ValueError as error:
        _say(Says(refused=str(error)))


def _solved(task: Solve, stopped: Event) -> Says:
    def watch(progress: Progress) -> bool:
        _say(Says(progress=Told.model_validate(asdict(progress))))
        return not stopped.is_set()

    budget = Budget(iterations=task.iterations, seconds=task.seconds, workers=all_cores())
    if task.repaired is None:
        plan = solve(task.instance, seed=task.seed, budget=budget, watch=watch)
    else:
        plan = repair(
            task.instance,
            task.repaired,
            seed=task.seed,
            budget=budget,
            frozen_until=task.frozen_until,
            watch=watch,
        )
    broken = check(task.instance, plan)
    if broken:  # never silently: the check knows nothing of the solver
        return Says(refused=f"the plan breaks {counted(len(broken), 'hard rule')}, first: {broken[0]}")
    measures = Measured.model_validate(asdict(measure(task.instance, plan)))
    return Says(plan=plan, measures=measures)


def _listen(stopped: Event) -> None:
    for line in sys.stdin.buffer:
        if line == STOP:
            stopped.set()
    os._exit(1)


def _say(says: Says) -> None:
    sys.stdout.buffer.write(says.model_dump_json(exclude_none=True).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the listening thread waits for input that will not come
