"""Measures the planner: sizes, peers, the public yardstick, unpredictability.

    python -m tests.bench.bench_planning sizes 200/20@20 2000/100@120 10000/500@180 [--greedy] [--weekly SECONDS]
    python -m tests.bench.bench_planning pvrp DIR [--seconds 30]
    python -m tests.bench.bench_planning guess 2000/100 [--months 12] [--iterations 200000]

Tables go to standard output, the figures as JSON to var/bench/.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from app.planning.bound import bound
from app.planning.check import check, examine
from app.planning.demand import demanded_visits
from app.planning.generate import Recipe, generate
from app.planning.instance import Instance
from app.planning.measures import measure
from app.planning.parts import WORKING_WEEK, Exposure
from app.planning.plan import Plan, PlannedVisit
from app.planning.predictability import Sighting, VisitHistory, known_hours, predictability
from app.planning.solver.anytime import Budget, all_cores
from app.planning.solver.solve import solve
from app.planning.travel import travel_minutes

RESULTS = Path("var/bench")


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. `growth` compares a size with the one before: seconds grow like visits to that power."""

    outlets: int
    inspectors: int
    method: str
    visits: int
    seconds: float
    peak_mb: int
    unserved: int
    bound: int
    by_tier: dict[str, int]
    travel_minutes: int
    per_visit: float
    violations: int


def _sized(text: str) -> tuple[Recipe, float]:
    """`2000/100@120` → the month and the seconds."""
    size, _, seconds = text.partition("@")
    outlets, inspectors = (int(word) for word in size.split("/"))
    return Recipe(outlets, inspectors), float(seconds or 60)


def run_one(text: str, method: str, workers: int, weekly_s: float) -> Figures:
    """In a process of its own, so that the peak memory is this run's."""
    recipe, seconds = _sized(text)
    month = generate(recipe)
    solve(
        generate(Recipe(20, 3, cities=1)), seed=1, budget=Budget(iterations=10)
    )  # compiled before the clock runs
    started = time.perf_counter()
    visits, violations = _planned(month, method, Budget(seconds=seconds, workers=workers), weekly_s)
    spent = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    served = {visit.visit for visit in visits}
    left = [visit for visit in demanded_visits(month) if visit.id not in served]
    tiers = {tier: sum(visit.outlet.tier == tier for visit in left) for tier in month.weights.tiers}
    travel = travel_of(month, visits)
    return Figures(
        outlets=recipe.outlets,
        inspectors=recipe.inspectors,
        method=method,
        visits=len(demanded_visits(month)),
        seconds=round(spent, 1),
        peak_mb=peak,
        unserved=len(left),
        bound=bound(month).unserved,
        by_tier=tiers,
        travel_minutes=travel,
        per_visit=round(travel / max(1, len(visits)), 2),
        violations=violations,
    )


def _planned(
    month: Instance, method: str, budget: Budget, weekly_s: float
) -> tuple[Sequence[PlannedVisit], int]:
    if method == "weekly PyVRP":
        from tests.bench.weekly import Weekly

        visits = Weekly(month, per_region_s=weekly_s).plan()
        return visits, len(examine(month, visits))
    plan = solve(month, seed=1, budget=Budget(iterations=1) if method == "greedy" else budget)
    return plan.visits, len(check(month, plan))


def travel_of(month: Instance, visits: Sequence[PlannedVisit]) -> int:
    """Minutes on the road, from the visits alone."""
    drive = travel_minutes(month)
    outlets = {one.id: one.at for one in month.outlets}
    homes = {one.id: one.home for one in month.inspectors}
    days: dict[tuple[str, date], list[PlannedVisit]] = {}
    for visit in visits:
        for name in visit.inspectors:
            days.setdefault((name, visit.on), []).append(visit)
    total = 0
    for (name, _), stops in days.items():
        stops.sort(key=lambda one: one.arrive)
        places = [homes[name], *(outlets[one.outlet] for one in stops), homes[name]]
        total += sum(drive(here, there) for here, there in pairwise(places))
    return total


def sizes(arguments: argparse.Namespace) -> None:
    methods = [
        "planner",
        *(["greedy"] if arguments.greedy else []),
        *(["weekly PyVRP"] if arguments.weekly else []),
    ]
    rows = []
    _print(
        "outlets",
        "inspectors",
        "method",
        "visits",
        "s",
        "MB",
        "unserved",
        "bound",
        "by tier",
        "travel",
        "per visit",
        "violations",
    )
    for text in arguments.sizes:
        for method in methods:
            command = [sys.executable, "-m", "tests.bench.bench_planning", "one", text, method]
            command += ["--workers", str(arguments.workers), "--weekly", str(arguments.weekly or 0)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found = Figures(**json.loads(done.stdout))
            rows.append(found)
            tiers = " / ".join(str(count) for count in found.by_tier.values())
            _print(
                found.outlets,
                found.inspectors,
                found.method,
                found.visits,
                found.seconds,
                found.peak_mb,
                found.unserved,
                found.bound,
                tiers,
                found.travel_minutes,
                found.per_visit,
                found.violations,
            )
    greedy = [row for row in rows if row.method == "greedy"]
    for small, large in pairwise(greedy):
        power = math.log(large.seconds / small.seconds) / math.log(large.visits / small.visits)
        sys.stdout.write(
            f"\ngreedy, {small.visits} → {large.visits} visits: seconds grow like visits^{power:.2f}\n"
        )
    _keep("sizes", [asdict(row) for row in rows])


def pvrp(arguments: argparse.Namespace) -> None:
    from tests.bench.periodic import yardstick

    _print("instance", "cost", "best known", "gap %", "s")
    found = []
    for one in yardstick(Path(arguments.folder), seconds=arguments.seconds, workers=arguments.workers):
        found.append(one)
        _print(one.name, round(one.cost, 2), one.best_known, round(one.gap_percent, 2), round(one.seconds, 1))
    mean = sum(one.gap_percent for one in found) / len(found)
    sys.stdout.write(f"\nmean gap {mean:.2f} % over {len(found)} instances\n")
    _keep("pvrp", {"mean_gap_percent": mean, "instances": [asdict(one) for one in found]})


def guess(arguments: argparse.Namespace) -> None:
    """Plans month after month, each with the history of those before, with and without variation."""
    recipe, _ = _sized(arguments.size)
    _print(
        "variation",
        "travel",
        "per visit",
        "guesses",
        "best predictor",
        "cell %",
        "times chance",
        "weekday %",
        "part %",
        "alarms %",
    )
    found = []
    for variation in arguments.variation:
        seen, travel, served = _year(
            recipe, variation, arguments.months, arguments.iterations, arguments.workers
        )
        month = generate(recipe)
        hours = known_hours(month.outlets, month.rules.day_parts, WORKING_WEEK)
        report = predictability(
            VisitHistory(visits=tuple(seen), day_parts=month.rules.day_parts, hours=tuple(hours))
        )
        best = report.predictors[report.best_predictor]
        alarms = sum(one.alarm for one in report.outlets) / len(report.outlets)
        sys.stderr.write(f"chance {report.chance}\n")
        _print(
            variation,
            travel,
            round(travel / served, 2),
            report.guesses,
            report.best_predictor,
            round(100 * report.best, 2),
            round(report.times_chance, 3),
            round(100 * best.weekday, 1),
            round(100 * best.part, 1),
            round(100 * alarms, 1),
        )
        predictors = {name: asdict(rates) for name, rates in report.predictors.items()}
        found.append({"variation": variation, "travel": travel, "served": served, "predictors": predictors})
    _keep("guess", found)


def _year(
    recipe: Recipe, variation: float, months: int, iterations: int, workers: int
) -> tuple[list[Sighting], int, int]:
    seen: list[Sighting] = []
    travel = served = 0
    base = generate(recipe)
    history = base.history
    for number in range(months):
        first = date(
            recipe.month.year + (recipe.month.month - 1 + number) // 12,
            (recipe.month.month - 1 + number) % 12 + 1,
            1,
        )
        month = _next_month(base, replace(recipe, month=first, seed=recipe.seed + number), history, variation)
        plan = solve(month, seed=number, budget=Budget(iterations=iterations, workers=workers))
        assert not check(month, plan)
        found = measure(month, plan)
        travel, served = travel + found.travel_minutes, served + found.served
        seen += [Sighting(outlet=one.outlet, on=one.on, at=one.arrive) for one in plan.visits]
        history = (*history, *_exposures(plan))
    return seen, travel, served


def _next_month(base: Instance, recipe: Recipe, history: tuple[Exposure, ...], variation: float) -> Instance:
    """The same outlets and people, with the closures and leave of another draw."""
    other = generate(replace(recipe, history_months=0))
    closures = zip(base.outlets, other.outlets, strict=True)
    leave = zip(base.inspectors, other.inspectors, strict=True)
    changes = {
        "month": other.month,
        "outlets": tuple(one.model_copy(update={"closures": new.closures}) for one, new in closures),
        "inspectors": tuple(one.model_copy(update={"unavailable": new.unavailable}) for one, new in leave),
        "history": history,
        "weights": base.weights.model_copy(update={"variation": variation}),
    }
    return base.model_copy(update=changes)


def _exposures(plan: Plan) -> tuple[Exposure, ...]:
    return tuple(
        Exposure(inspector=name, outlet=one.outlet, on=one.on, at=one.arrive)
        for one in plan.visits
        for name in one.inspectors
    )


def _print(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(str(cell) for cell in cells) + " |\n")
    sys.stdout.flush()


def _keep(name: str, found: object) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"planning-{name}.json").write_text(json.dumps(found, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_planning")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("one")
    one.add_argument("size")
    one.add_argument("method")
    one.set_defaults(
        run=lambda given: sys.stdout.write(
            json.dumps(asdict(run_one(given.size, given.method, given.workers, given.weekly)))
        )
    )
    many = commands.add_parser("sizes")
    many.add_argument("sizes", nargs="+")
    many.add_argument("--greedy", action="store_true")
    many.set_defaults(run=sizes)
    for command in (one, many):
        command.add_argument("--weekly", type=float, default=0)
    public = commands.add_parser("pvrp")
    public.add_argument("folder")
    public.add_argument("--seconds", type=float, default=30)
    public.set_defaults(run=pvrp)
    year = commands.add_parser("guess")
    year.add_argument("size")
    year.add_argument("--months", type=int, default=12)
    year.add_argument("--iterations", type=int, default=200_000)
    year.add_argument("--variation", type=float, nargs="+", default=[0, 6])
    year.set_defaults(run=guess)
    for command in (one, many, public, year):
        command.add_argument("--workers", type=int, default=all_cores())
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
