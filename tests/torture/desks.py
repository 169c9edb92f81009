"""What goes on at desks meanwhile: review, muting, publication, planning, bulletins, sheets, and the nightly run by day."""

import asyncio
import csv
import io
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import httpx2
import openpyxl
from sqlalchemy.exc import DBAPIError

from app.kit.clock import utc_now
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.retention.jobs import DELETE
from tests.support.review import Case
from tests.torture.people import Cast
from tests.torture.rough import NeverAnswered
from tests.torture.tally import Tally
from tests.torture.walking import Surprise

SHEETS = ("visits", "reports", "people", "bulletins", "exposures")
LOOK_AGAIN_S = 1.0
PLAN_S = 2
ERRAND_PAUSE_S = (3.0, 9.0)
TOO_EARLY = "publication-too-early"
MUTED = 0.5  # share of films with a stretch that nobody may hear
MARKS = {"mute": [{"start_ms": 500, "end_ms": 1500}], "reason": "A customer says their telephone number."}

Errand = Callable[[], Coroutine[Any, Any, None]]


@dataclass
class Desks:
    cast: Cast
    chance: Random
    tally: Tally
    handed_in: "asyncio.Queue[Case]"
    in_peace: bool = False
    _looked_at: set[str] = field(default_factory=set)
    _too_early: list[Case] = field(default_factory=list)

    def errands(self) -> Mapping[str, Errand]:
        """Done over and over until it is enough; what makes work in the background, by what it makes."""
        return {
            "planning": self._told(self._plan),
            "exports": self._told(self._take_a_sheet),
            "retention": self._told(self._have_retention_run),
            "reports": self._told(self._ask_for_a_bulletin),
        }

    async def review(self, ends: asyncio.Event) -> None:
        """Each visit as soon as its files are worked on; what is not ready by the end stays in the queue."""
        while not ends.is_set():
            try:
                case = await asyncio.wait_for(self.handed_in.get(), LOOK_AGAIN_S)
            except TimeoutError:
                continue
            if not await self._reviewed(case):
                self.handed_in.put_nowait(case)
                await asyncio.sleep(LOOK_AGAIN_S)

    async def run_errands(self, ends: asyncio.Event) -> None:
        while not ends.is_set():
            for errand in self.errands().values():
                await errand()
                await asyncio.sleep(self.chance.uniform(*ERRAND_PAUSE_S))

    async def close(self) -> None:
        """When nothing is wrong and nothing waits any more: the last reviews, and everything once in peace."""
        self.in_peace = True
        await self._review_rest()
        for errand in self.errands().values():
            await errand()
        while self.cast.holds:
            await self._told(self._have_retention_run)()

    async def give_up(self) -> None:
        """The last chance, when nothing waits again. What is not published then, lacks something."""
        await self._review_rest()
        while not self.handed_in.empty():
            self.tally.lose(
                f"visit {self.handed_in.get_nowait().visit} cannot be published: its files are not ready"
            )

    async def publish_late(self) -> None:
        """What a clock that was ahead had approved for an hour that had not come."""
        for case in self._too_early:
            await self._told(partial(self._publish, case))()

    async def _review_rest(self) -> None:
        for _ in range(self.handed_in.qsize()):
            case = self.handed_in.get_nowait()
            if not await self._reviewed(case):
                self.handed_in.put_nowait(case)

    def _told(self, work: Errand) -> Errand:
        async def go() -> None:
            try:
                await work()
            except (Surprise, NeverAnswered, AssertionError) as surprise:
                self.tally.lose(f"{type(surprise).__name__}: {surprise}")

        return go

    async def _reviewed(self, case: Case) -> bool:
        """Whether there is nothing more to do about it: published, or refused, which is told."""
        done = False

        async def go() -> None:
            nonlocal done
            done = await self._looked_into(case)

        before = len(self.tally.losses)
        await self._told(go)()
        return done or len(self.tally.losses) > before

    async def _looked_into(self, case: Case) -> bool:
        if not await self._is_processed(case):
            return False
        if case.visit not in self._looked_at:
            await self._play(case)
            self._looked_at.add(case.visit)
            if self.chance.random() < MUTED:
                await self._mute(case)
        if case.video in self.tally.mutes and not (await self._marks(case))["is_rendered"]:
            return False
        _answered(await self.cast.desk.approve(case))
        await self._publish(case)
        return True

    async def _is_processed(self, case: Case) -> bool:
        found = await self.cast.desk.rita.get(f"/v1/visits/{case.visit}/recordings")
        recordings = _answered(found)["recordings"]
        return len(recordings) == 2 and {one["state"] for one in recordings} == {"processed"}

    async def _play(self, case: Case) -> None:
        desk = self.cast.desk
        await desk.opened(case)
        play = f"/v1/visits/{case.visit}/recordings/{case.video}/play"
        begun = _answered(await desk.rita.post(play, json={"purpose": "review of the visit"}), 201)
        beat = {"from_ms": 0, "to_ms": 1500, "ended": True}
        told = await desk.rita.post(f"/v1/playbacks/{begun['id']}/heartbeat", json=beat)
        if told.status_code != 204:
            raise Surprise(f"heartbeat: {told.status_code} {told.text[:300]}")
        self.tally.plays.add(begun["id"])

    async def _mute(self, case: Case) -> None:
        """By `If-Match`: whoever got no answer and asks again is told that it was done (412), by marks that are their own."""
        told = await self.cast.desk.rita.put(_mutes(case), json=MARKS, headers={"If-Match": '"0"'})
        marks = await self._marks(case) if told.status_code == 412 else _answered(told)
        if marks["number"] != 1:
            raise Surprise(
                f"{_mutes(case)}: {told.status_code} {told.text[:300]}, and {marks['number']} marks"
            )
        self.tally.mutes.add(case.video)

    async def _marks(self, case: Case) -> Mapping[str, Any]:
        return _answered(await self.cast.desk.rita.get(_mutes(case)))

    async def _publish(self, case: Case) -> None:
        answer = await self.cast.desk.rita.post(f"/v1/visits/{case.visit}/publish")
        if answer.status_code == 409 and answer.json()["type"] == TOO_EARLY and case not in self._too_early:
            self.tally.refused[TOO_EARLY] += 1
            self._too_early.append(case)
            return
        _answered(answer)
        self.tally.reports.add(case.visit)

    async def _plan(self) -> None:
        """A month that begins after everything the inspectors do today."""
        scene = self.cast.desk.scene
        plan = str(new_id())
        body = {
            "id": plan,
            "programme_id": str(scene.programme.id),
            "month": (utc_now() + timedelta(days=150)).strftime("%Y-%m"),
            "region_id": str(scene.region.id),
            "seconds": PLAN_S,
        }
        _answered(await scene.sam.post("/v1/plans", json=body))
        self.tally.plans.add(plan)
        self._note(plan)

    async def _ask_for_a_bulletin(self) -> None:
        """Of the region's running month; while one is being made there is no other."""
        scene = self.cast.desk.scene
        bulletin = str(new_id())
        body = {
            "id": bulletin,
            "programme_id": str(scene.programme.id),
            "cadence": self.chance.choice(["weekly", "monthly"]),
            "on": utc_now().date().isoformat(),
            "region_id": str(scene.region.id),
        }
        answer = await scene.sam.post("/v1/bulletins", json=body)
        if answer.status_code == 409 and not self.in_peace:
            self.tally.refused[answer.json()["type"]] += 1
            return
        _answered(answer)
        self.tally.bulletins.add(bulletin)
        self._note(bulletin)

    def _note(self, asked_for: str) -> None:
        if self.in_peace:
            self.tally.asked_in_peace.add(asked_for)

    async def _take_a_sheet(self) -> None:
        """Every visit that was arranged before is in it."""
        listing, kind = self.chance.choice(SHEETS), self.chance.choice(["xlsx", "csv"])
        expected = {"visits": set(self.tally.visits)}.get(listing, set())
        answer = await self.cast.desk.scene.sam.get(
            "/v1/exports", params={"listing": listing, "format": kind}
        )
        if answer.status_code != 200:
            raise Surprise(f"sheet {listing}: {answer.status_code} {answer.text[:300]}")
        missing = expected - _cells(answer.content, kind)
        if missing:
            raise Surprise(f"sheet {listing}: these are not in it: {sorted(missing)}")
        self.tally.sheets += 1

    async def _have_retention_run(self) -> None:
        """Its hour is at night; each time there is something it may delete. The database may be away just now."""
        if self.cast.holds:
            hold = self.cast.holds.pop()
            body = {"reason": "The dispute was settled."}
            _answered(await self.cast.alice.post(f"/v1/legal-holds/{hold}/lift", json=body))
        try:
            async with self.cast.world.database.writing() as session:
                await enqueue(session, DELETE)
        except (DBAPIError, OSError):
            return
        self.tally.retention_runs += 1


def _mutes(case: Case) -> str:
    return f"/v1/visits/{case.visit}/recordings/{case.video}/mutes"


def _answered(answer: httpx2.Response, *statuses: int) -> dict[str, Any]:
    """What it says. Raises `Surprise`."""
    good = answer.status_code in statuses if statuses else answer.is_success
    if not good:
        asked = answer.request
        raise Surprise(f"{asked.method} {asked.url.path}: {answer.status_code} {answer.text[:500]}")
    found: dict[str, Any] = answer.json()
    return found


def _cells(content: bytes, kind: str) -> set[str]:
    if kind == "csv":
        return {cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row}
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    try:
        return {
            str(cell)
            for sheet in book.worksheets
            for row in sheet.iter_rows(values_only=True)
            for cell in row
        }
    finally:
        book.close()
