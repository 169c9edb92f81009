"""How much it bears and how it grows, on both databases, side by side in one run.

`python -m tests.bench.bench_load [--only postgresql] [--visits 10000 100000 1000000] [--dashboards 100000 1000000]
[--submissions 400] [--recordings 100000]` prints tables and writes `var/bench/load.json`. Submissions stand beside a floor
(the same SQL from a bare script) and a route that does nothing behind the same server; lists beside themselves at another
size, with the growth exponent: 0 is as quick however much there is, 1 twice as long for twice as much. Clients share the
machine with the service. PostgreSQL takes twenty minutes and SQLite more, most of it to fill them: `--dashboards` without
a number leaves the slowest part out.
"""

import argparse
import asyncio
import json
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from app.audit.chain import TRAIL
from app.audit.service import record
from app.events.kinds import Kind
from app.events.service import announce
from app.kit import chains, logs
from app.kit.ids import new_id
from app.recordings import queries_likeness
from app.sync.schemas import SyncOut
from tests.bench import bench_insight
from tests.bench.bench_insight import a_database
from tests.bench.load_floor import floor_per_s, listening
from tests.bench.load_house import House, a_house, grow, hire, record_many, stand_at_the_door
from tests.bench.load_web import BARE, Web, hammered, quantile, webs
from tests.support.databases import Backend
from tests.support.published import Size

KEPT = Path("var/bench/load.json")
PROCESSES = (1, 2)
REPEATS = 20
LINKS = 5_000
LOOK_UPS = 50
HOUR, QUARTERS, PHONES = 12_000, 4, 50
KEYS = 25  # of each recording; a real one has some hundred

Facts = dict[str, Any]


async def submissions(house: House, url: str, count: int) -> Facts:
    """Through the gate already, handed in over HTTP by the inspector who was there."""
    rounds = len(PROCESSES) + 1
    visits = await stand_at_the_door(house, visits=count * rounds)
    ian = house.desk.scene.ian
    found: Facts = {}
    with listening(house.database) as heard:
        await house.desk.scene.submitted(str(house.left), ian)
    found["statements"] = len(heard)
    with webs(BARE, 1) as (bare,):
        spent = await hammered([bare.url], _submitting(visits[:count], ian.token))
        found["bare route"] = asdict(spent)
    for number, processes in enumerate(PROCESSES):
        mine = visits[number * count : (number + 1) * count]
        with webs(url, processes) as served:
            for one in served:  # the first request of a process imports and compiles
                await hammered([one.url], [("GET", "/v1/me", ian.token)])
            before = [one.resident_mb for one in served]
            spent = await hammered([one.url for one in served], _submitting(mine, ian.token))
            found[f"{processes} web"] = {
                **asdict(spent),
                "started_in_s": [one.started_in_s for one in served],
                "resident_mb": [before, [one.resident_mb for one in served]],
            }
    found["floor"] = {"per_s": floor_per_s(house.database, heard, house.left, visits[-count:])}
    return found


def _submitting(visits: Sequence[UUID], token: str) -> list[tuple[str, str, str]]:
    return [("POST", f"/v1/visits/{visit}/submit", token) for visit in visits]


async def lists(house: House, url: str) -> Facts:
    """The pages people look at first, each by who looks at it."""
    people = {name: await house.desk.world.person(name) for name in ("sam", "ivy", "mona", "rita", "alice")}
    asked = {
        "visits of a region": ("sam", "/v1/visits"),
        "visits of an inspector": ("ivy", "/v1/visits"),
        "reports of an outlet": ("mona", "/v1/reports"),
        "review queue": ("rita", "/v1/reviews"),
        "inbox": ("ivy", "/v1/inbox"),
        "audit": ("alice", "/v1/audit"),
    }
    found = {}
    with webs(url, 1) as (web,):
        for name, (who, path) in asked.items():
            once = ("GET", path, people[who].token)
            await hammered([web.url], [once] * 2)
            found[name] = asdict(await hammered([web.url], [once] * REPEATS))
    return found


async def phones(house: House, url: str, tokens: Sequence[str]) -> Facts:
    """Every phone begins a copy; asks when nothing has changed; and when something has, for every one of them."""
    with webs(url, 1) as (web,):
        before = web.resident_mb
        copies: dict[str, bytes] = {}
        first = await hammered([web.url], [("GET", "/v1/sync", token) for token in tokens], answers=copies)
        held = [
            one.visits[0].visit.id for one in map(SyncOut.model_validate_json, copies.values()) if one.visits
        ]
        await whole_copies(web, copies)
        idle = await hammered([web.url], _asking(copies), answers=copies)
        assert not any(SyncOut.model_validate_json(one).visits for one in copies.values())
        await change(house, held)
        delta = await hammered([web.url], _asking(copies), answers=copies)
        assert sum(len(SyncOut.model_validate_json(one).visits) for one in copies.values()) == len(held)
        return {
            "phones": len(tokens), "changed": len(held), "first copy": asdict(first), "nothing new": asdict(idle),
            "one visit changed": asdict(delta), "resident_mb": [before, web.resident_mb],
        }  # fmt: skip


async def whole_copies(web: Web, copies: dict[str, bytes]) -> None:
    """Until no phone is told that there is more."""
    while behind := {t: one for t, one in copies.items() if SyncOut.model_validate_json(one).more}:
        await hammered([web.url], _asking(behind), answers=copies)


async def change(house: House, visits: Sequence[UUID]) -> None:
    actor, now = house.desk.rita.actor, house.desk.world.clock.now
    async with house.database.writing() as session:
        for visit in visits:
            announce(
                session, Kind.VISIT_CHANGED, organisation_id=actor.organisation_id, subject_id=visit, visit_id=visit, now=now
            )  # fmt: skip


def _asking(copies: Mapping[str, bytes]) -> list[tuple[str, str, str]]:
    """What every phone asks after the answer it had last."""
    return [
        ("GET", f"/v1/sync?cursor={SyncOut.model_validate_json(one).cursor}", token)
        for token, one in copies.items()
    ]


async def an_hour(house: House, url: str, tokens: Sequence[str]) -> Facts:
    """As many requests as the busiest hour of a year of 100,000 visits has, one after another as fast as they go.

    Ten times the mean of working hours: 400 visits; phones that ask once a minute and desks that look at their pages.
    """
    desks = [await house.desk.world.person(name) for name in ("sam", "rita", "alice")]
    pages = ("/v1/visits", "/v1/inbox", "/v1/me")
    looks = [("GET", path, who.token) for who in desks for path in pages]
    with webs(url, 1) as (web,):
        memory = [web.resident_mb]
        for _ in range(QUARTERS):
            asked = [
                looks[n % len(looks)] if n % 3 else ("GET", "/v1/sync", tokens[n % PHONES])
                for n in range(HOUR // QUARTERS)
            ]
            spent = await hammered([web.url], asked)
            memory.append(web.resident_mb)
    return {"requests": HOUR, "per_s": spent.per_s, "resident_mb": memory}


async def ledger(house: House) -> Facts:
    actor, now = house.desk.rita.actor, house.desk.world.clock.now
    async with house.database.writing() as session:
        for number in range(LINKS):
            record(session, actor, "bench.counted", subject_id=new_id(), now=now, details={"number": number})
    begun = time.perf_counter()
    async with house.database.reading() as session:
        (report,) = [
            one
            for one in await chains.verify_all(session, TRAIL)
            if one.organisation_id == actor.organisation_id
        ]
    assert report.is_whole
    return {"links": report.entries, "per_s": round(report.entries / (time.perf_counter() - begun))}


async def likeness(house: House, recordings: int) -> Facts:
    """Recordings that share keys with one, each time another."""
    organisation = await record_many(house, recordings=recordings, keys=KEYS)
    times = []
    async with house.database.reading() as session:
        for number in range(LOOK_UPS):
            keys = [key * 1_000_003 + number for key in range(KEYS)]
            begun = time.perf_counter()
            rows = (await session.execute(queries_likeness.having_keys(organisation, keys))).all()
            times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return {
        "recordings": recordings, "keys": recordings * KEYS, "found": len(rows),
        "median_ms": round(quantile(times, 0.5), 2), "p99_ms": round(quantile(times, 0.99), 2),
    }  # fmt: skip


async def at_size(url: str, visits: int, options: argparse.Namespace, *, whole: bool) -> Facts:
    async with a_house(url) as house:
        tokens = await hire(house)
        begun = time.perf_counter()
        await grow(house, visits=visits)
        found: Facts = {"visits": visits, "grown_in_s": round(time.perf_counter() - begun, 1)}
        found["lists"] = await lists(house, url)
        if whole:
            found["phones"] = await phones(house, url, tokens)
            found["an hour"] = await an_hour(house, url, tokens)
            found["submissions"] = await submissions(house, url, options.submissions)
            found["ledger"] = await ledger(house)
            found["likeness"] = await likeness(house, options.recordings)
        return found


def exponents(small: Facts, large: Facts) -> dict[str, float]:
    """By question: how its median grows with the number of visits."""
    times = math.log(large["visits"] / small["visits"])
    return {
        name: round(math.log(large["lists"][name]["median_ms"] / one["median_ms"]) / times, 2)
        for name, one in small["lists"].items()
    }


def dashboards(backend: Backend, sizes: Sequence[int]) -> Facts:
    """The year of a network, at each size: median milliseconds, and how they grow."""
    found: Facts = {}
    for visits in sizes:
        with a_database(backend) as url:
            lines = asyncio.run(bench_insight.measured(url, str(backend), Size(visits=visits)))
        found[str(visits)] = {one.answer: one.median_ms for one in lines if one.period == "year"}
    small, large = found[str(sizes[0])], found[str(sizes[-1])]
    times = math.log(sizes[-1] / sizes[0])
    found["exponents"] = {name: round(math.log(large[name] / one) / times, 2) for name, one in small.items()}
    return found


def measured(backend: Backend, options: argparse.Namespace) -> Facts:
    sizes = sorted(options.visits)
    found = []
    for visits in sizes:
        with a_database(backend) as url:
            found.append(asyncio.run(at_size(url, visits, options, whole=visits == sizes[0])))
    kept: Facts = {"sizes": found, "exponents": exponents(found[0], found[-1])}
    if options.dashboards:
        kept["dashboards"] = dashboards(backend, sorted(options.dashboards))
    return kept


def show(backend: Backend, found: Facts) -> str:
    whole = found["sizes"][0]
    return "\n\n".join(
        [f"## {backend}", _submissions(whole["submissions"]), _lists(found), _rest(whole), _dashboards(found)]
    )


def _submissions(found: Facts) -> str:
    floor = found["floor"]["per_s"]
    rows = [
        f"| submissions of {found['statements']} statements | per s | of the floor | median ms | p99 ms |\n{'|---' * 5}|"
    ]
    rows.append(f"| the same SQL, bare script, one connection | {floor} | 1 | | |")
    for name in ("bare route", *(f"{number} web" for number in PROCESSES)):
        one = found[name]
        share = round(one["per_s"] / floor, 2)
        rows.append(f"| {name} | {one['per_s']} | {share} | {one['median_ms']} | {one['p99_ms']} |")
    return "\n".join(rows)


def _lists(found: Facts) -> str:
    sizes = found["sizes"]
    head = " | ".join(f"{one['visits']} visits, ms" for one in sizes)
    rows = [f"| list | {head} | exponent |\n{'|---' * (len(sizes) + 2)}|"]
    for name, exponent in found["exponents"].items():
        times = " | ".join(str(one["lists"][name]["median_ms"]) for one in sizes)
        rows.append(f"| {name} | {times} | {exponent} |")
    return "\n".join(rows)


def _rest(found: Facts) -> str:
    phones, ledger, alike = found["phones"], found["ledger"], found["likeness"]
    web = found["submissions"]["1 web"]
    hour = found["an hour"]
    return "\n".join(
        [
            "| what | measured |\n|---|---|",
            *(
                f"| {phones['phones']} phones, {name} | {phones[name]['per_s']} per s, p99 {phones[name]['p99_ms']} ms |"
                for name in ("first copy", "nothing new", "one visit changed")
            ),
            f"| audit chain verified | {ledger['per_s']} links per s |",
            f"| recordings alike among {alike['recordings']} | median {alike['median_ms']} ms, p99 {alike['p99_ms']} ms |",
            f"| a web process answers after | {web['started_in_s'][0]} s |",
            f"| its memory before and after the submissions | {web['resident_mb'][0][0]} MB, {web['resident_mb'][1][0]} MB |",
            f"| its memory before and after the phones | {phones['resident_mb'][0]} MB, {phones['resident_mb'][1]} MB |",
            f"| its memory after each quarter of {hour['requests']} requests | {', '.join(map(str, hour['resident_mb']))} MB |",
        ]
    )


def _dashboards(found: Facts) -> str:
    if "dashboards" not in found:
        return ""
    boards = found["dashboards"]
    sizes = [name for name in boards if name != "exponents"]
    rows = [
        f"| a year of the network | {' | '.join(f'{one} visits, ms' for one in sizes)} | exponent |\n{'|---' * (len(sizes) + 2)}|"
    ]
    for name, exponent in boards["exponents"].items():
        rows.append(f"| {name} | {' | '.join(str(boards[one][name]) for one in sizes)} | {exponent} |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=Backend, choices=list(Backend))
    parser.add_argument("--visits", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--dashboards", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--submissions", type=int, default=400)
    parser.add_argument("--recordings", type=int, default=100_000)
    options = parser.parse_args(arguments)
    logs.configure("WARNING", stream=sys.stderr)
    kept: Facts = {"load": round(os.getloadavg()[0], 1)}
    sys.stdout.write(f"load of the machine before: {kept['load']}\n\n")
    for backend in [options.only] if options.only else [Backend.POSTGRESQL, Backend.SQLITE]:
        kept[str(backend)] = measured(backend, options)
        sys.stdout.write(show(backend, kept[str(backend)]) + "\n\n")
        sys.stdout.flush()
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
