"""Whether time tells what may not be seen: an id of something that is there against one that never was, both databases.

`python -m tests.bench.bench_absence [--rounds 20] [--only sqlite]` asks every operation about things that the caller may
not see, in turns with two ids never given, prints a table and writes `var/bench/absence.json`. The difference between
the two ids never given is the noise. What stands out is asked again, four times as often; what still does ends the
run with 1. Times are those of the service itself: a network in between only hides more.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import median, stdev
from time import perf_counter
from uuid import uuid4

import httpx2

from app.kit import logs
from tests.bench.bench_insight import a_database
from tests.support.asking import Operation, Question, question
from tests.support.databases import Backend
from tests.support.populated import populated
from tests.support.population import Population
from tests.test_access import about, absent, guarded, is_hidden_from, stated

KEPT = Path("var/bench/absence.json")
SURE = 5  # standard errors; a thousand comparisons come to four by chance
LOUDEST = 3  # times the noise that all but one of a hundred questions stay under
DRAWN_AGAIN = 200
CLOSER = 4  # times as many rounds for whatever stood out
PEOPLE_EACH = 2  # of the own organisation; bob of the other one comes besides


@dataclass(frozen=True, slots=True)
class Line:
    """Lower quartiles in microseconds; `error_us` is the standard error of `difference_us`."""

    database: str
    operation: str
    person: str
    absent_us: float
    difference_us: float
    noise_us: float
    error_us: float

    def stands_out(self, noise_us: float) -> bool:
        return abs(self.difference_us) > max(SURE * self.error_us, LOUDEST * noise_us)


@dataclass(frozen=True, slots=True)
class Compared:
    """The same question about something there, and about two ids that never were."""

    operation: Operation
    person: str
    token: str
    there: Question
    nowhere: Question
    nowhere_else: Question


def comparisons(people: Population) -> Iterator[Compared]:
    table = stated()
    for operation in guarded(people):
        unknown = absent(operation, people)
        if not unknown:
            continue
        hidden = [name for name in table[operation.name] if is_hidden_from(operation, name, table)]
        chosen = [name for name in hidden if name != "bob"][:PEOPLE_EACH] + ["bob"] * ("bob" in hidden)
        for name in chosen:
            known = about(operation, people, name)
            other = {key: uuid4().hex if key == "alias" else str(uuid4()) for key in unknown}
            yield Compared(
                operation,
                name,
                people.person(name).token,
                question(operation, people, known),
                question(operation, people, known | unknown),
                question(operation, people, known | other),
            )


async def measured(client: httpx2.AsyncClient, one: Compared, database: str, rounds: int) -> Line:
    spent: Mapping[str, list[float]] = {"there": [], "nowhere": [], "nowhere_else": []}
    names, seen = list(spent), set[int]()
    for turn in range(rounds + 1):
        for name in names[turn % 3 :] + names[: turn % 3]:
            asked: Question = getattr(one, name)
            began = perf_counter()
            answer = await asked.ask(client, one.token)
            spent[name].append((perf_counter() - began) * 1e6)
            seen.add(answer.status_code)
    assert len(seen) == 1, (one.operation.name, one.person, seen)
    there, nowhere, else_ = (times[1:] for times in spent.values())  # the first warms up
    return Line(
        database,
        one.operation.name,
        one.person,
        absent_us=round(usual(nowhere), 1),
        difference_us=round(usual(there) - usual(nowhere), 1),
        noise_us=round(usual(nowhere) - usual(else_), 1),
        error_us=round(max(error(there, nowhere), error(nowhere, else_)), 1),
    )


def usual(times: Sequence[float]) -> float:
    """The lower quartile: what else the machine does makes single answers slower, never quicker."""
    return sorted(times)[len(times) // 4]


def error(one: Sequence[float], other: Sequence[float]) -> float:
    """The standard error of the difference of what is usual, by drawing the times again."""
    chance = Random(7)  # noqa: S311 (no secret)
    drawn = [
        usual(chance.choices(one, k=len(one))) - usual(chance.choices(other, k=len(other)))
        for _ in range(DRAWN_AGAIN)
    ]
    return stdev(drawn)


def noise_of(lines: Sequence[Line]) -> float:
    """Microseconds that all but one of a hundred questions about two absent things stay under."""
    return sorted(abs(line.noise_us) for line in lines)[int(len(lines) * 0.99)]


async def on(url: str, database: str, rounds: int) -> tuple[list[Line], list[Line], float]:
    """All that was measured, what stands out on a second look, and the noise."""
    async with populated(url) as people:
        client = people.world.client
        gc.collect()
        gc.freeze()
        wanted = list(comparisons(people))
        lines = [await measured(client, one, database, rounds) for one in wanted]
        noise = noise_of(lines)
        suspects = [one for one, line in zip(wanted, lines, strict=True) if line.stands_out(noise)]
        again = [await measured(client, one, database, CLOSER * rounds) for one in suspects]
    return lines, [line for line in again if line.stands_out(noise)], noise


def show(lines: Sequence[Line]) -> str:
    head = "| database | operation | who | absent µs | difference µs | noise µs | error µs |"
    rows = [
        f"| {one.database} | {one.operation} | {one.person} | {one.absent_us} | {one.difference_us} | {one.noise_us} "
        f"| {one.error_us} |"
        for one in lines
    ]
    return "\n".join([head, "|---" * 7 + "|", *rows])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", type=Backend, choices=list(Backend))
    options = parser.parse_args(arguments)
    logs.configure("WARNING", stream=sys.stderr)
    kept, found = [], []
    for backend in [options.only] if options.only else list(Backend):
        with a_database(backend) as url:
            lines, standing_out, noise = asyncio.run(on(url, str(backend), options.rounds))
        kept.append({"database": str(backend), "noise_us": noise, "lines": [asdict(line) for line in lines]})
        found += standing_out
        largest = sorted(lines, key=lambda line: -abs(line.difference_us))[:10]
        sys.stdout.write(
            f"{backend}: {len(lines)} questions about what may not be seen, noise {noise} µs, median difference "
            f"{median(line.difference_us for line in lines):.1f} µs; the largest of one:\n\n{show(largest)}\n\n"
        )
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    stood = [asdict(line) for line in found]
    KEPT.write_text(
        json.dumps({"rounds": options.rounds, "databases": kept, "stands_out": stood}, indent=2) + "\n"
    )
    if found:
        sys.stdout.write(f"time tells these apart:\n\n{show(found)}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
