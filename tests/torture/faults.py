"""What is done to the processes, the database, the store, the disk and the clocks, at moments drawn from a seed."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.torture.line import Trouble
from tests.torture.site import Process, Site
from tests.torture.tally import Tally

LONGEST_STEP_S = 3600.0
PAUSES_S = {"processes": (1.0, 4.0), "world": (0.5, 3.0)}

Fault = Callable[[], Awaitable[None]]


@dataclass
class Faults:
    site: Site
    chance: Random
    tally: Tally

    async def on_processes(self, ends: asyncio.Event) -> None:
        """One after the other, so that somebody is there most of the time."""
        await self._go_on(
            ends, [self._kill_web, self._kill_worker, self._kill_worker], *PAUSES_S["processes"]
        )

    async def keep_starting(self, ends: asyncio.Event) -> None:
        """As a service manager does: what was killed, and what ended because there was no store when it started."""
        while not ends.is_set():
            for process in self.site.processes:
                if not process.runs:
                    process.start()
            await self._wait(ends, self.chance.uniform(0.2, 2.0))

    async def on_the_world(self, ends: asyncio.Event) -> None:
        faults: list[Fault] = [
            self._refuse,
            self._slow,
            self._full,
            self._hang_up,
            self._kill_store,
            self._step_clock,
        ]
        if self.site.postgres is not None:
            faults.append(self._restart_database)
        if all(worker.has_own_disk for worker in self.site.workers):
            faults.append(self._fill_disk)
        await self._go_on(ends, faults, *PAUSES_S["world"])

    async def _go_on(self, ends: asyncio.Event, faults: list[Fault], least_s: float, most_s: float) -> None:
        """Each once in a drawn order, then again."""
        while True:
            for fault in self.chance.sample(faults, len(faults)):
                await self._wait(ends, self.chance.uniform(least_s, most_s))
                if ends.is_set():
                    return
                await fault()

    @staticmethod
    async def _wait(ends: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(ends.wait(), seconds)
        except TimeoutError:
            return

    async def _kill_web(self) -> None:
        await self._kill(self.chance.choice(self.site.webs), "web killed")

    async def _kill_worker(self) -> None:
        await self._kill(self.chance.choice(self.site.workers), "worker killed")

    async def _kill(self, process: Process, name: str) -> None:
        self.tally.faults[name] += 1
        await asyncio.to_thread(process.kill)

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
        self.tally.faults["connections to the store cut"] += 1
        self.site.line.hang_up()

    async def _kill_store(self) -> None:
        self.tally.faults["store killed"] += 1
        assert self.site.store.pid is not None
        os.kill(self.site.store.pid, signal.SIGKILL)
        await asyncio.sleep(self.chance.uniform(0, 2.0))
        await self.site.store.restart()

    async def _restart_database(self) -> None:
        assert self.site.postgres is not None
        self.tally.faults["database crashed and restarted"] += 1
        await asyncio.to_thread(self.site.postgres.crash)
        await asyncio.sleep(self.chance.uniform(0, 2.0))
        await asyncio.to_thread(self.site.postgres.launch)

    async def _fill_disk(self) -> None:
        worker = self.chance.choice(self.site.workers)
        try:
            await asyncio.to_thread(worker.fill_disk)
        except OSError:  # it was killed this moment, and its disk with it
            return
        self.tally.faults["worker's disk full"] += 1
        await asyncio.sleep(self.chance.uniform(1.0, 5.0))
        try:
            worker.empty_disk()
        except OSError:
            return

    async def _step_clock(self) -> None:
        """One process believes in another time, for a while or until the next step."""
        process = self.chance.choice(self.site.processes)
        self.tally.faults["clock stepped"] += 1
        self.site.set_clocks(self.chance.uniform(-LONGEST_STEP_S, LONGEST_STEP_S), of=process)
