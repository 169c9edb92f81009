"""What goes on at desks meanwhile: review, publication, planning, sheets, and the nightly run by day."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

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

SHEETS = ("visits", "reports", "people")
LOOK_AGAIN_S = 1.0
PLAN_S = 2
ERRAND_PAUSE_S = (3.0, 9.0)


@dataclass
class Desks:
    cast: Cast
    chance: Random
    tally: Tally
    handed_in: "asyncio.Queue[Case]"

    def errands(self) -> list[Callable[[], Awaitable[None]]]:
        """Done over and over until it is enough; what makes reports in the background belongs here too."""
        return [self._plan, self._take_a_sheet, self._have_retention_run]

    async def review(self, ends: asyncio.Event) -> None:
        """Each visit as soon as its files are worked on; what was handed in last stays in the queue."""
        while not (ends.is_set() and self.handed_in.empty()):
            try:
                case = await asyncio.wait_for(self.handed_in.get(), LOOK_AGAIN_S)
            except TimeoutError:
                continue
            if await self._is_processed(case):
                await self._told(self._published(case))
            elif not ends.is_set():
                self.handed_in.put_nowait(case)
                await asyncio.sleep(LOOK_AGAIN_S)

    async def run_errands(self, ends: asyncio.Event) -> None:
        while not ends.is_set():
            for errand in self.errands():
                await self._told(errand())
                await asyncio.sleep(self.chance.uniform(*ERRAND_PAUSE_S))

    async def _told(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (Surprise, NeverAnswered) as surprise:
            self.tally.lose(str(surprise))

    async def _is_processed(self, case: Case) -> bool:
        found = await self.cast.desk.rita.get(f"/v1/visits/{case.visit}/recordings")
        recordings = found.json()["recordings"]
        return len(recordings) == 2 and {one["state"] for one in recordings} == {"processed"}

    async def _published(self, case: Case) -> None:
        desk = self.cast.desk
        await desk.opened(case)
        play = f"/v1/visits/{case.visit}/recordings/{case.video}/play"
        begun = await desk.rita.post(play, json={"purpose": "review of the visit"})
        if begun.status_code != 201:
            raise Surprise(f"{play}: {begun.status_code} {begun.text[:300]}")
        beat = {"from_ms": 0, "to_ms": 1500, "ended": True}
        told = await desk.rita.post(f"/v1/playbacks/{begun.json()['id']}/heartbeat", json=beat)
        if told.status_code != 204:
            raise Surprise(f"heartbeat: {told.status_code} {told.text[:300]}")
        self.tally.plays.add(begun.json()["id"])
        approved = await desk.approve(case)
        if not approved.is_success:
            raise Surprise(f"approve: {approved.status_code} {approved.text[:500]}")
        await desk.published_too(case)
        self.tally.reports.add(case.visit)

    async def _plan(self) -> None:
        """A month that begins after everything the inspectors do today."""
        scene = self.cast.desk.scene
        month = (utc_now() + timedelta(days=150)).strftime("%Y-%m")
        plan = str(new_id())
        body = {
            "id": plan,
            "programme_id": str(scene.programme.id),
            "month": month,
            "region_id": str(scene.region.id),
            "seconds": PLAN_S,
        }
        answer = await scene.sam.post("/v1/plans", json=body)
        if not answer.is_success:
            raise Surprise(f"plan: {answer.status_code} {answer.text[:300]}")
        self.tally.plans.add(plan)

    async def _take_a_sheet(self) -> None:
        listing = self.chance.choice(SHEETS)
        params = {"listing": listing, "format": "xlsx"}
        answer = await self.cast.desk.scene.sam.get("/v1/exports", params=params)
        if answer.status_code != 200:
            raise Surprise(f"sheet {listing}: {answer.status_code} {answer.text[:300]}")
        openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True).close()

    async def _have_retention_run(self) -> None:
        """Its hour is at night. The database may be away just now."""
        try:
            async with self.cast.world.database.writing() as session:
                await enqueue(session, DELETE)
        except (DBAPIError, OSError):
            return
