"""After the torture: everything is healed, and everybody who works gets the time to finish."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app.kit.jobs import enqueue
from app.retention.jobs import DELETE
from tests.torture.people import Cast
from tests.torture.records import Records
from tests.torture.site import Process, Site

LATER = timedelta(days=15)  # a phone has two weeks to go on; then what it left is swept
QUIET_WITHIN_S = 420.0
LOOK_AGAIN_S = 2.0
ASK_AGAIN_S = 20.0
OF_THE_NIGHT = ("recordings.sweep", "cases.sweep-files", DELETE, "webhooks.fan-out", "jobs.forget_finished")
CARE = ("recordings.begin-again", "webhooks.fan-out", DELETE)


@dataclass
class Settling:
    site: Site
    cast: Cast
    records: Records

    async def heal(self) -> None:
        """Nothing is wrong any more, but for what already happened."""
        self.cast.road.smooth = True
        self.site.set_clocks(0)
        if self.site.store.pid is None:
            await self.site.store.restart()
        await self._start_again(self.site.processes)

    async def finish(self) -> str | None:
        """Until nothing waits and nothing runs; what is stuck, if something is."""
        return await self._quiet(CARE)

    async def two_weeks_later(self) -> str | None:
        """The processes were restarted for an update; then comes a night."""
        for process in self.site.processes:
            await asyncio.to_thread(process.terminate)
        self.site.set_clocks(LATER.total_seconds())
        await self._start_again(self.site.processes)
        await self._enqueue(*OF_THE_NIGHT)
        stuck = await self._quiet(())
        for process in self.site.processes:
            await asyncio.to_thread(process.terminate)
        return stuck

    async def _start_again(self, processes: list[Process]) -> None:
        for process in processes:
            if not process.runs:
                process.start()
        for web in self.site.webs:
            await web.ready()

    async def _quiet(self, care: tuple[str, ...]) -> str | None:
        """`care` are the jobs that mend, which otherwise run by the hour."""
        ends, ask_at = time.monotonic() + QUIET_WITHIN_S, 0.0
        while time.monotonic() < ends:
            if care and time.monotonic() >= ask_at:
                await self._enqueue(*care)
                ask_at = time.monotonic() + ASK_AGAIN_S
            await asyncio.sleep(LOOK_AGAIN_S)
            if not await asyncio.to_thread(self.records.unfinished):
                return None
        return "; ".join(await asyncio.to_thread(self.records.unfinished))

    async def _enqueue(self, *workflows: str) -> None:
        async with self.cast.world.database.writing() as session:
            await session.execute(sa.select(1))
            for name in workflows:
                await enqueue(session, name)
