"""How long each answer of insight takes at 100,000 published visits with 45 items, on PostgreSQL and on SQLite.

`python -m tests.bench.bench_insight [--visits 100000] [--only postgresql]` prints a table and writes
`var/bench/insight.json`. An answer is everything between the request and its JSON but HTTP itself. A month is the
question a desk asks; a year is every visit there is.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app import tables  # noqa: F401 (all of them, for their foreign keys)
from app.identity.actor import Actor, Role
from app.insight import asking, charting, comparing, inspecting, overview, ranking
from app.insight.asking import Scope
from app.insight.queries import Asked
from app.insight.rules import Period, Ranked, WorstBy
from app.kit.database import Database
from app.kit.ids import new_id
from app.kit.paging import PageRequest
from tests.support.databases import Backend, migrate, sqlite_url
from tests.support.postgres import PostgresServer
from tests.support.published import Network, Size, fill

GOAL_MS = 200
REPEATS = 5
NOW = datetime(2025, 12, 31, 12, tzinfo=UTC)
KEPT = Path("var/bench/insight.json")
PERIODS = {
    "month": Period.of_month(datetime(2025, 11, 1, tzinfo=UTC).date()),
    "year": Period(datetime(2025, 1, 1, tzinfo=UTC).date(), datetime(2025, 12, 31, tzinfo=UTC).date()),
}

Answer = Callable[[AsyncSession], Awaitable[BaseModel]]
Question = Callable[[AsyncSession, Actor, Scope, Asked], Awaitable[BaseModel]]


@dataclass(frozen=True, slots=True)
class Line:
    database: str
    answer: str
    period: str
    best_ms: float
    median_ms: float


def answers(network: Network, period: Period) -> dict[str, Answer]:
    """Every question an admin can ask."""
    actor = Actor(network.inspectors[0], network.organisation.id, frozenset({Role.ADMIN}), new_id())
    asked = Asked(network.programme, network.kind, period)

    def about(question: Question, **named: Any) -> Answer:
        async def answer(session: AsyncSession) -> BaseModel:
            whole = {"outlet_id": None, "region_id": None, "tier": None}
            scope = await asking.of_whatever(session, actor, **(whole | named), now=NOW)
            return await question(session, actor, scope, asked)

        return answer

    return {
        "outlet": about(_outlet, outlet_id=network.outlets[0]),
        "region": about(_group, region_id=network.regions[0]),
        "tier": about(_group, tier="flagship"),
        "network": about(_group),
        **{name: about(question) for name, question in OF_THE_NETWORK.items()},
    }


async def _outlet(session: AsyncSession, actor: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await overview.outlet(session, actor, scope, asked, now=NOW)


async def _group(session: AsyncSession, actor: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await overview.group(session, actor, scope, asked, now=NOW)


async def _ranking(session: AsyncSession, actor: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await ranking.rank(session, actor, scope, asked, of=Ranked.OUTLETS, from_rank=1, limit=50, now=NOW)


async def _heat_map(session: AsyncSession, _: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await ranking.heat_map(session, scope.group, asked, PageRequest(limit=50), now=NOW)


async def _charts(session: AsyncSession, _: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await charting.control_charts(session, scope, asked, now=NOW)


async def _worst(session: AsyncSession, _: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await charting.worst_items(session, scope, asked, by=WorstBy.LOST_POINTS, limit=10, now=NOW)


async def _competitors(session: AsyncSession, actor: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await comparing.competitors(session, actor, scope, asked, now=NOW)


async def _inspectors(session: AsyncSession, _: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await inspecting.inspectors(session, scope, asked, now=NOW)


async def _reliability(session: AsyncSession, _: Actor, scope: Scope, asked: Asked) -> BaseModel:
    return await inspecting.reliability(session, scope, asked, half_width=5, wanted=0.8, now=NOW)


OF_THE_NETWORK: dict[str, Question] = {
    "ranking": _ranking,
    "heat map, 50 outlets": _heat_map,
    "control charts": _charts,
    "worst items": _worst,
    "competitors": _competitors,
    "inspectors": _inspectors,
    "reliability": _reliability,
}


async def measured(url: str, name: str, size: Size) -> list[Line]:
    database = Database(url)
    network = await fill(database, size)
    lines = []
    for label, period in PERIODS.items():
        for what, answer in answers(network, period).items():
            spent = [await _once(database, answer) for _ in range(REPEATS + 1)][1:]  # the first warms up
            lines.append(Line(name, what, label, round(min(spent), 1), round(median(spent), 1)))
    await database.dispose()
    return lines


async def _once(database: Database, answer: Answer) -> float:
    started = time.perf_counter()
    async with database.reading() as session:
        (await answer(session)).model_dump_json()
    return (time.perf_counter() - started) * 1000


@contextmanager
def a_database(backend: Backend) -> Iterator[str]:
    match backend:
        case Backend.POSTGRESQL:
            with PostgresServer() as server:
                server.create("bench")
                migrate(server.url("bench"))
                yield server.url("bench")
        case Backend.SQLITE:
            with tempfile.TemporaryDirectory() as directory:
                url = sqlite_url(Path(directory) / "bench.sqlite")
                migrate(url)
                yield url


def show(lines: Sequence[Line]) -> str:
    rows = [f"| database | answer | period | best ms | median ms | goal ms |\n{'|---' * 6}|"]
    rows += [
        f"| {one.database} | {one.answer} | {one.period} | {one.best_ms} | {one.median_ms} | < {GOAL_MS} |"
        for one in lines
    ]
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=Size().visits)
    parser.add_argument("--only", type=Backend, choices=list(Backend))
    options = parser.parse_args(arguments)
    lines = []
    for backend in [options.only] if options.only else [Backend.POSTGRESQL, Backend.SQLITE]:
        with a_database(backend) as url:
            lines += asyncio.run(measured(url, str(backend), Size(visits=options.visits)))
    load = round(os.getloadavg()[0], 1)
    sys.stdout.write(f"{options.visits} visits, load of the machine {load}\n\n{show(lines)}\n")
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    kept = {"visits": options.visits, "load": load, "lines": [asdict(line) for line in lines]}
    KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
