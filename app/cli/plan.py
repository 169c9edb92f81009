"""`plainclothes plan`: solve, check and question a month of visits from files. No server, no database."""

import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from app.cli.terminal import Failed, complain, print_json
from app.kit.sentences import counted
from app.planning.check import check as find_violations
from app.planning.formats import schema_text
from app.planning.generate import Recipe
from app.planning.generate import generate as generate_month
from app.planning.instance import Instance
from app.planning.measures import measure
from app.planning.plan import Plan
from app.planning.predictability import VisitHistory
from app.planning.predictability import predictability as predict
from app.planning.why_not import why_not as find_reasons

if TYPE_CHECKING:
    from app.planning.solver.anytime import Progress, Watch

DEFAULT_SECONDS = 60.0
TELL_EVERY_S = 5.0
VIOLATED = 3
MOST_MISTAKES = 20

Read = TypeVar("Read", bound=BaseModel)

app = typer.Typer(
    help="Plan a month of visits inside the rotation rule, check it, and ask why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

InstanceFile = Annotated[Path, typer.Argument(metavar="INSTANCE.json", help="The month.", show_default=False)]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.json", help="The plan.", show_default=False)]


class Format(StrEnum):
    INSTANCE = "instance"
    PLAN = "plan"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Limits:
    """How to search."""

    seed: int
    seconds: float | None
    iterations: int | None
    workers: int | None
    frozen_until: date | None


@app.command()
def solve(
    instance: InstanceFile,
    *,
    out: Annotated[Path, typer.Option(metavar="PLAN.json", help="Where the plan goes.", show_default=False)],
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, help="Same seed and iterations: same plan. Drawn when missing.", show_default=False
        ),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="Search so long.", show_default=False)
    ] = None,
    iterations: Annotated[
        int | None,
        typer.Option(min=1, help="Search so many steps instead: reproducible.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Threads; as many as cores.", show_default=False)
    ] = None,
    repair: Annotated[
        Path | None,
        typer.Option(
            metavar="PLAN.json", help="Repair this plan with as few changes as possible.", show_default=False
        ),
    ] = None,
    frozen_until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="With --repair: visits until then stay.", show_default=False),
    ] = None,
) -> None:
    """Make the best plan found in the given time.

    Progress goes to standard error, a summary as JSON to standard output, the secret plan to the file alone.
    Ctrl-C ends the search early and keeps the best plan so far.
    """
    month = _read(instance, Instance)
    previous = _read(repair, Plan) if repair else None
    if seconds is not None and iterations is not None:
        raise Failed("give either --seconds or --iterations")
    chosen = secrets.randbelow(2**31) if seed is None else seed
    until = _day(frozen_until) if frozen_until else None
    lasting = None if iterations else seconds or DEFAULT_SECONDS
    plan = _solved(month, previous, Limits(chosen, lasting, iterations, workers, until))
    _write(out, plan)
    summary = {"seed": chosen, "iterations": plan.iterations, "costs": plan.costs.model_dump()}
    print_json(summary | asdict(measure(month, plan)))


def _solved(month: Instance, previous: Plan | None, how: Limits) -> Plan:
    from app.planning.solver import solve as solver  # noqa: PLC0415 - numba takes half a second to import
    from app.planning.solver.anytime import Budget, all_cores  # noqa: PLC0415

    budget = Budget(iterations=how.iterations, seconds=how.seconds, workers=how.workers or all_cores())
    try:
        with _until_interrupted() as watch:
            if previous is None:
                return solver.solve(month, seed=how.seed, budget=budget, watch=watch)
            return solver.repair(
                month, previous, seed=how.seed, budget=budget, frozen_until=how.frozen_until, watch=watch
            )
    except ValueError as problem:
        raise Failed(str(problem)) from problem


@app.command()
def check(instance: InstanceFile, plan: PlanFile) -> None:
    """Check every hard rule, independently of the solver. Exit code 3 when one is broken."""
    month, made = _read(instance, Instance), _read(plan, Plan)
    found = find_violations(month, made)
    print_json(
        {
            "violations": [
                {
                    "rule": one.rule,
                    "visit": one.visit,
                    "inspector": one.inspector,
                    "on": str(one.on) if one.on else None,
                    "says": one.says,
                }
                for one in found
            ],
            "measures": asdict(measure(month, made)),
        }
    )
    if found:
        complain(f"{counted(len(found), 'violation')} of hard rules")
        raise typer.Exit(VIOLATED)


@app.command()
def generate(
    *,
    outlets: Annotated[int, typer.Option(min=1, max=200_000, show_default=False)],
    inspectors: Annotated[int, typer.Option(min=1, max=20_000, show_default=False)],
    out: Annotated[Path, typer.Option(metavar="INSTANCE.json", show_default=False)],
    seed: Annotated[int, typer.Option(min=0, help="Same seed: same month.")] = 1,
    cities: Annotated[
        int | None, typer.Option(min=1, help="By the number of outlets.", show_default=False)
    ] = None,
    crews: Annotated[float, typer.Option(min=0, max=1, help="Share of outlets visited by two.")] = 0,
    backups: Annotated[float, typer.Option(min=0, max=1, help="Share of outlets that want a stand-in.")] = 0,
    overt: Annotated[float, typer.Option(min=0, max=1, help="Share of outlets with an overt visit.")] = 0,
    communities: Annotated[float, typer.Option(min=0, max=1, help="Share that prefers a community.")] = 0,
    certificates: Annotated[float, typer.Option(min=0, max=1, help="Share that needs a certificate.")] = 0,
) -> None:
    """Make a synthetic month to measure with: cities, tiers, opening hours, leave, three months of history."""
    recipe = Recipe(
        outlets=outlets,
        inspectors=inspectors,
        seed=seed,
        cities=cities,
        crew_share=crews,
        backup_share=backups,
        overt_share=overt,
        community_share=communities,
        certificate_share=certificates,
    )
    month = generate_month(recipe)
    _write(out, month)
    print_json({"outlets": outlets, "inspectors": inspectors, "seed": seed, "history": len(month.history)})


@app.command()
def bound(instance: InstanceFile) -> None:
    """Say what no plan can do better than, how that is known, and where the pool is too small (D5.9)."""
    from app.planning.bound import bound as find_bound  # noqa: PLC0415 - numba takes half a second to import

    month = _read(instance, Instance)
    try:
        print_json(asdict(find_bound(month)))
    except ValueError as problem:
        raise Failed(str(problem)) from problem


@app.command(name="why-not")
def why_not(
    instance: InstanceFile,
    plan: PlanFile,
    *,
    visit: Annotated[str, typer.Option(help="As in the plan: OUTLET#1.", show_default=False)],
    inspector: Annotated[str, typer.Option(show_default=False)],
    on: Annotated[str, typer.Option(metavar="DATE", show_default=False)],
) -> None:
    """Name every rule that forbids an inspector to make a visit on a day, with its dates (D5.8)."""
    month, made = _read(instance, Instance), _read(plan, Plan)
    try:
        found = find_reasons(month, made, visit=visit, inspector=inspector, on=_day(on))
    except ValueError as problem:
        raise Failed(str(problem)) from problem
    print_json({"allowed": not found, "rules": [{"rule": one.rule, "says": one.says} for one in found]})


@app.command()
def predictability(
    history: Annotated[Path, typer.Argument(metavar="HISTORY.json", help="Past visits.", show_default=False)],
) -> None:
    """Measure how often the next visit could be guessed from all earlier ones, against chance (D6.3)."""
    past = _read(history, VisitHistory)
    try:
        print_json(asdict(predict(past)))
    except ValueError as problem:
        raise Failed(str(problem)) from problem


@app.command()
def schema(name: Annotated[Format, typer.Argument(help="Which document.", show_default=False)]) -> None:
    """Print the JSON Schema of a document."""
    print(schema_text(name), end="")


@contextmanager
def _until_interrupted() -> "Iterator[Watch]":
    """Tells the progress; the first Ctrl-C ends the search, which then finishes its plan."""
    stopped = Event()
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
    told = 0.0

    def watch(progress: "Progress") -> bool:
        nonlocal told
        if progress.seconds - told >= TELL_EVERY_S:
            told = progress.seconds
            complain(
                f"{progress.seconds:7.1f} s  {progress.iterations:>10} steps  "
                f"cost {progress.cost:.0f}  unserved {progress.unserved}"
            )
        return not stopped.is_set()

    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Failed(f"{text}: write a date as 2026-10-31") from problem


def _read(path: Path, document: type[Read]) -> Read:
    """The document, or Failed with a line for each mistake."""
    try:
        return document.model_validate_json(path.read_bytes())
    except OSError as problem:
        raise Failed(f"{path}: {(problem.strerror or 'cannot be read').lower()}") from problem
    except ValidationError as problem:
        mistakes = problem.errors(include_url=False, include_input=False)
        lines = [
            f"{path}: {'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
            for one in mistakes[:MOST_MISTAKES]
        ]
        if len(mistakes) > MOST_MISTAKES:
            lines.append(f"{path}: and {len(mistakes) - MOST_MISTAKES} more")
        raise Failed("\n".join(lines)) from problem


def _write(path: Path, document: BaseModel) -> None:
    """Writes beside and renames, so that a reader never sees half a plan."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_text(document.model_dump_json(indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise Failed(f"{path}: {(problem.strerror or 'cannot be written').lower()}") from problem
