"""What is done to the database, the store, the disk and the clocks, at moments drawn from a seed."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TypeVar

from app.kit.embedded_s3.supervisor import EmbeddedS3Failed
from tests.support.postgres import PostgresServer, PostgresUnavailable
from tests.torture.line import Trouble
from tests.torture.site import Site
from tests.torture.tally import Tally

LONGEST_STEP_S = 3600.0
PAUSE_S = (0.5, 3.0)
STARTS = 5
DATABASE, DISK = "database crashed and restarted", "worker's disk full"
STORE_KILLED, CUT, STEP = "store killed", "connections to the store cut", "clock stepped"
TROUBLES = (Trouble.REFUSING, Trouble.SLOW, Trouble.FULL)
ON_THE_ROAD = (
    "request sent twice at once",
    "answer lost",
    "request lost",
    "request cut",
    "request came again later",
    "request out of order",
)

Fault = Callable[[], Awaitable[None]]
Result = TypeVar("Result")


@dataclass
class Faults:
    site: Site
    chance: Random
    tally: Tally

    def possible(self) -> list[str]:
        """Every kind that is to be injected here, but for kills."""
        return [*self._faults(), *ON_THE_ROAD]

    async def keep_starting(self, ends: asyncio.Event) -> None:
        """As a service manager does: what was killed, and what ended because there was no store when it started."""
        while not ends.is_set():
            for process in self.site.processes:
                if not process.runs:
                    process.start()
            await wait(ends, self.chance.uniform(0.2, 2.0))

    async def keep_the_store_running(self, ends: asyncio.Event) -> None:
        while not ends.is_set():
            if self.site.store.pid is None:
                with suppress(EmbeddedS3Failed, OSError):
                    await self.site.store.restart()
            await wait(ends, self.chance.uniform(0.2, 2.0))

    async def on_the_world(self, ends: asyncio.Event) -> None:
        """Each once in a drawn order, then again."""
        faults = list(self._faults().values())
        while True:
            for fault in self.chance.sample(faults, len(faults)):
                await wait(ends, self.chance.uniform(*PAUSE_S))
                if ends.is_set():
                    return
                await fault()

    def _faults(self) -> dict[str, Fault]:
        faults: dict[str, Fault] = {
            f"store {TROUBLES[0]}": self._refuse,
            f"store {TROUBLES[1]}": self._slow,
            f"store {TROUBLES[2]}": self._full,
            CUT: self._hang_up,
            STORE_KILLED: self._kill_store,
            STEP: self._step_clock,
        }
        if self.site.postgres is not None:
            faults[DATABASE] = self._restart_database
        if all(worker.has_own_disk for worker in self.site.workers):
            faults[DISK] = self._fill_disk
        return faults

    async def _refuse(self) -> None:
        await self._trouble(Trouble.REFUSING)

    async def _slow(self) -> None:
        await self._trouble(Trouble.SLOW)

    async def _full(self) -> None:
        await self._trouble(Trouble.FULL)

    async def _trouble(self, trouble: Trouble) -> None:
        self.tally.faults[f"store {trouble}"] += 1
        self.site.line.begin(trouble)
        await asyncio.sleep(self.chance.uniform(1.0, 8.0))
        self.site.line.begin(Trouble.NONE)

    async def _hang_up(self) -> None:
        self.tally.faults[CUT] += 1
        self.site.line.hang_up()

    async def _kill_store(self) -> None:
        """It is started again by whoever looks after it."""
        if self.site.store.pid is not None:
            self.tally.faults[STORE_KILLED] += 1
            os.kill(self.site.store.pid, signal.SIGKILL)

    async def _restart_database(self) -> None:
        assert self.site.postgres is not None
        self.tally.faults[DATABASE] += 1
        await to_the_end(self.site.postgres.crash)
        await asyncio.sleep(self.chance.uniform(0, 2.0))
        await to_the_end(partial(_start, self.site.postgres))

    async def _fill_disk(self) -> None:
        worker = self.chance.choice(self.site.workers)
        try:
            await asyncio.to_thread(worker.fill_disk)
        except OSError:  # it was killed this moment, and its disk with it
            return
        self.tally.faults[DISK] += 1
        await asyncio.sleep(self.chance.uniform(1.0, 5.0))
        with suppress(OSError):
            worker.empty_disk()

    async def _step_clock(self) -> None:
        """One process believes in another time, for a while or until the next step."""
        process = self.chance.choice(self.site.processes)
        self.tally.faults[STEP] += 1
        self.site.set_clocks(self.chance.uniform(-LONGEST_STEP_S, LONGEST_STEP_S), of=process)


def _start(postgres: PostgresServer) -> None:
    """On a busy machine it may not be there within a minute. Raises `PostgresUnavailable` when it never is."""
    for left in reversed(range(STARTS)):
        try:
            postgres.launch()
        except PostgresUnavailable:
            if not left:
                raise
            postgres.crash()
        else:
            return


async def wait(ends: asyncio.Event, seconds: float) -> None:
    """So long, or until it ends."""
    with suppress(TimeoutError):
        await asyncio.wait_for(ends.wait(), seconds)


async def to_the_end(work: Callable[[], Result]) -> Result:
    """Blocking work that must not be left half way: cancelled, it is waited for all the same."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.gather(doing, return_exceptions=True)
        raise
