"""After the torture: everything is healed, and everybody who works gets the time to finish."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app.kit.embedded_s3.supervisor import EmbeddedS3Failed
from app.kit.jobs import enqueue
from app.retention.jobs import DELETE
from tests.torture.line import Trouble
from tests.torture.people import Cast
from tests.torture.records import Records
from tests.torture.site import PAUSE_S, STARTED_WITHIN_S, Site

LATER = timedelta(days=15)  # a phone has two weeks to go on; then what it left is swept
STANDS_STILL_S = 300.0  # a busy machine is slow, a stuck job does not move at all
AT_LAST_S = 3600.0  # and what moves for ever gets nowhere
STORE_STARTS = 5
LOOK_AGAIN_S = 2.0
ASK_AGAIN_S = 20.0
FOLD = "insight.fold"
OF_THE_NIGHT = (
    "recordings.sweep",
    "cases.sweep-files",
    "bulletins.sweep",
    DELETE,
    "webhooks.fan-out",
    FOLD,
    "jobs.forget_finished",
)
CARE = ("recordings.begin-again", "webhooks.fan-out", DELETE, FOLD)


@dataclass
class Settling:
    site: Site
    cast: Cast
    records: Records

    async def heal(self) -> None:
        """Nothing is wrong any more, but for what already happened. Raises what a site that does not start raises."""
        self.site.line.begin(Trouble.NONE)
        self.site.set_clocks(0)
        for worker in self.site.workers:
            if worker.runs:
                with suppress(OSError):  # it ended this moment, and its disk with it
                    worker.empty_disk()
        await self._have_store()
        await self._start_again()
        self.cast.road.end_mischief()

    async def finish(self) -> str | None:
        """Until nothing waits and nothing runs; what is stuck, if something is."""
        return await self._quiet(CARE)

    async def two_weeks_later(self, by_day: Callable[[], Awaitable[None]]) -> str | None:
        """The processes were restarted for an update; then comes a day, and a night."""
        await self.end()
        self.site.set_clocks(LATER.total_seconds())
        await self._start_again()
        await by_day()
        await self._enqueue(*OF_THE_NIGHT)
        stuck = await self._quiet(())
        await self.end()
        return stuck

    async def end(self) -> None:
        """In good order, all at once."""
        await asyncio.gather(*(asyncio.to_thread(one.terminate) for one in self.site.processes))

    async def _have_store(self) -> None:
        for left in reversed(range(STORE_STARTS)):
            if self.site.store.pid is not None:
                return
            try:
                await self.site.store.restart()
            except EmbeddedS3Failed:
                if not left:
                    raise

    async def _start_again(self) -> None:
        """As a service manager does, until both web processes answer. Raises `TimeoutError`."""
        async with asyncio.timeout(STARTED_WITHIN_S):
            while True:
                self._start_ended()
                if all([await web.answers() for web in self.site.webs]):
                    return
                await asyncio.sleep(PAUSE_S)

    def _start_ended(self) -> None:
        for process in self.site.processes:
            if not process.runs:
                process.start()

    async def _quiet(self, care: tuple[str, ...]) -> str | None:
        """`care` are the jobs that mend, which otherwise run by the hour."""
        began, ask_at = time.monotonic(), 0.0
        moved_at, seen = began, await self._look()
        while time.monotonic() < min(moved_at + STANDS_STILL_S, began + AT_LAST_S):
            if care and time.monotonic() >= ask_at:
                await self._enqueue(*care)
                ask_at = time.monotonic() + ASK_AGAIN_S
            await asyncio.sleep(LOOK_AGAIN_S)
            self._start_ended()
            now = await self._look()
            if not now[0]:
                return None
            if now != seen:
                moved_at, seen = time.monotonic(), now
        return "; ".join(await asyncio.to_thread(self.records.unfinished))

    async def _look(self) -> tuple[list[str], Sequence[object]]:
        return await asyncio.to_thread(lambda: (self.records.unfinished(), self.records.moves()))

    async def _enqueue(self, *workflows: str) -> None:
        async with self.cast.world.database.writing() as session:
            await session.execute(sa.select(1))
            for name in workflows:
                await enqueue(session, name)
