"""`kill -9`, sometimes at any moment, mostly in the middle of something that is looked for, and had if nobody does it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from tests.torture.desks import Errand
from tests.torture.faults import to_the_end, wait
from tests.torture.people import Cast
from tests.torture.records import Records
from tests.torture.site import Process, Site, Web, Worker
from tests.torture.tally import WANTED, Tally

AREAS = {
    "recordings.process": "pipeline",
    "recordings.render-again": "re-rendering",
    "planning.solve": "planning",
    "webhooks.fan-out": "webhooks",
    "webhooks.deliver": "webhooks",
    "retention.delete": "retention",
    "bulletins.make": "reports",
    "insight.fold": "reports",
    "publications.follow-up": "reports",
}
PAUSE_S = (0.5, 3.0)
SEEN_WITHIN_S = 30.0
LOOK_AGAIN_S = 0.03
SOON_S, LATER_S = 0.02, 0.6
LATER = 0.25  # share of kills of workers that come a little later
AT_RANDOM = 0.15  # of one that is not aimed, before one that is

Killed = TypeVar("Killed", bound=Process)


@dataclass
class Kills:
    """`errands` have somebody do what is to be interrupted, by area."""

    site: Site
    cast: Cast
    records: Records
    chance: Random
    tally: Tally
    errands: Mapping[str, Errand]
    _errands: list["asyncio.Task[None]"] = field(default_factory=list)

    async def on_webs(self, ends: asyncio.Event) -> None:
        await self._go_on(ends, "web", self._web_during, self.site.webs, self._kill_web)

    async def on_workers(self, ends: asyncio.Event) -> None:
        await self._go_on(ends, "worker", self._worker_during, self.site.workers, self._kill_worker)

    async def _go_on(
        self,
        ends: asyncio.Event,
        kind: str,
        aimed: Callable[[str], Coroutine[Any, Any, None]],
        processes: Sequence[Killed],
        kill: Callable[[Killed], Coroutine[Any, Any, None]],
    ) -> None:
        """One process after the other, so that mostly somebody is there; in the middle of what it was interrupted at least.

        What was begun for it is brought to its end by `errands_done`.
        """
        so_far = self.tally.killed_during[kind]
        while True:
            await wait(ends, self.chance.uniform(*PAUSE_S))
            if ends.is_set():
                return
            if self.chance.random() < AT_RANDOM:
                await kill(self.chance.choice(processes))
            least = min(so_far[area] for area in WANTED[kind])
            area = self.chance.choice([area for area in WANTED[kind] if so_far[area] == least])
            await self._unless(ends, aimed(area))

    @staticmethod
    async def _unless(ends: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
        """Given up when it ends. Raises what `work` raises."""
        doing, over = asyncio.ensure_future(work), asyncio.ensure_future(ends.wait())
        try:
            await asyncio.wait({doing, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            doing.cancel()
            over.cancel()
            await asyncio.wait({doing, over})
        if not doing.cancelled():
            doing.result()

    async def errands_done(self) -> None:
        await asyncio.gather(*self._errands)

    async def _web_during(self, area: str) -> None:
        """A moment after the next request about it was sent to one that answers."""
        self._have(area)
        try:
            async with asyncio.timeout(SEEN_WITHIN_S):
                web = await self._asked_about(area)
        except TimeoutError:
            return
        await asyncio.sleep(self.chance.random() * SOON_S)
        await self._kill_web(web)

    async def _worker_during(self, area: str) -> None:
        """As soon as it is seen to be at it, or a little later."""
        self._have(area)
        try:
            async with asyncio.timeout(SEEN_WITHIN_S):
                worker = await self._seen_at(area)
        except TimeoutError:
            return
        if self.chance.random() < LATER:
            await asyncio.sleep(self.chance.random() * LATER_S)
        await self._kill_worker(worker)

    def _have(self, area: str) -> None:
        """Somebody has it done, if it is not done all the time."""
        if area in self.errands:
            self._errands.append(asyncio.create_task(self.errands[area]()))

    async def _asked_about(self, area: str) -> Web:
        while True:
            address = await self.cast.road.next_about(area)
            web = next(one for one in self.site.webs if one.address == address)
            if web.runs and self.cast.road.answered_at(address) > web.started_at:
                return web

    async def _seen_at(self, area: str) -> Worker:
        while True:
            at = await self._at_work()
            for worker in self.chance.sample(self.site.workers, len(self.site.workers)):
                if worker.runs and area in at.get(worker.name, ()):
                    return worker
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _kill_web(self, web: Web) -> None:
        if web.runs:
            self.tally.killed("web", self.cast.road.asked_of(web.address))
            await to_the_end(web.kill)

    async def _kill_worker(self, worker: Worker) -> None:
        if worker.runs:
            self.tally.killed("worker", await self._killed_at(worker))

    async def _killed_at(self, worker: Worker) -> Sequence[str]:
        """What it left unfinished: looked at afterwards, so that nothing is counted that had ended."""
        await to_the_end(worker.kill)
        return (await self._at_work()).get(worker.name, [])

    async def _at_work(self) -> Mapping[str, Sequence[str]]:
        """What each worker is at, by its name. Nothing while the database is away."""
        try:
            jobs = await asyncio.to_thread(self.records.running)
        except DBAPIError:
            return {}
        return {
            worker: sorted({AREAS.get(job, "other jobs") for job in names}) for worker, names in jobs.items()
        }
