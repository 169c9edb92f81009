"""`make torture`: hurts the running product at random moments, and looks for what it lost. Ends with 1 if there is anything.

The moments, the faults and what people do are drawn from `--seed`; how the processes answer depends on the machine, so that
the same seed gives the same kind of run and not the same run.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.demo.clips import make, make_good_clip
from app.kit import logs
from tests.support.databases import Backend
from tests.support.review import Case
from tests.support.webhooks import Receiver
from tests.torture.checking import Checker
from tests.torture.desks import Desks
from tests.torture.faults import Faults
from tests.torture.people import Cast, people
from tests.torture.records import Records
from tests.torture.settling import Settling
from tests.torture.site import Site, open_site
from tests.torture.tally import Tally
from tests.torture.walking import Files, Walk

SECONDS = 75
FINISHING_S = 600.0


def main() -> None:
    logs.configure("WARNING")
    wanted = _arguments()
    seed = wanted.seed if wanted.seed is not None else random.SystemRandom().randrange(2**31)
    lost = 0
    for backend in wanted.database or list(Backend):
        directory = Path(tempfile.mkdtemp(prefix="torture-"))
        lost += asyncio.run(_torture(Backend(backend), directory, seed, wanted.seconds))
        if lost:
            say(f"what is left of it: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
    sys.exit(1 if lost else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of faults, for each database")
    parser.add_argument("--seed", type=int, help="drawn unless given")
    parser.add_argument(
        "--database", action="append", choices=[str(one) for one in Backend], help="one alone"
    )
    return parser.parse_args()


async def _torture(backend: Backend, directory: Path, seed: int, seconds: int) -> int:
    """The number of losses."""
    say(f"{backend}: seed {seed}, {seconds} s of faults")
    chance, tally, began = random.Random(seed), Tally(), time.monotonic()  # noqa: S311 (to be repeated)
    files = await asyncio.to_thread(_filmed, directory)
    with Receiver() as receiver:
        async with open_site(backend, directory) as site, people(site, receiver, chance, tally) as cast:
            records = Records(site.database_url)
            settling = Settling(site, cast, records)
            run = Run(site, cast, chance, tally, settling)
            await run.hurt(files, seconds)
            hurt_s = time.monotonic() - began
            stuck = [one for one in (await settling.finish(), await settling.two_weeks_later()) if one]
            losses = [*tally.losses, *(f"stuck: {one}" for one in stuck)]
            losses += await Checker(site, cast, tally, records, receiver).check(directory)
            for line in (*tally.told(), f"  {len(receiver.messages)} messages came to the subscriber"):
                say(line)
            say(f"  jobs that died, and whose work another did: {', '.join(records.dead()) or 'none'}")
            for loss in losses:
                say(f"  LOST {loss}")
            records.close()
    took_s = time.monotonic() - began
    say(
        f"{backend}: {sum(tally.faults.values())} faults injected, {len(losses)} losses; "
        f"{hurt_s:.0f} s with faults, {took_s - hurt_s:.0f} s to finish and to check"
    )
    return len(losses)


@dataclass
class Run:
    site: Site
    cast: Cast
    chance: random.Random
    tally: Tally
    settling: Settling

    async def hurt(self, files: Files, seconds: int) -> None:
        """Faults for so many seconds; then everything is healed, and people bring to an end what they began."""
        await self.settling.heal()
        self.cast.road.smooth = False
        ends = asyncio.Event()
        handed_in: asyncio.Queue[Case] = asyncio.Queue()
        desks = Desks(self.cast, self._other_chance(), self.tally, handed_in)
        faults = Faults(self.site, self._other_chance(), self.tally)
        async with asyncio.timeout(seconds + FINISHING_S), asyncio.TaskGroup() as work:
            for who in self.cast.inspectors:
                walk = Walk(self.cast, who, files, self._other_chance(), self.tally, handed_in)
                work.create_task(walk.on(ends))
            work.create_task(desks.review(ends))
            work.create_task(desks.run_errands(ends))
            hurting = [
                work.create_task(faults.on_processes(ends)),
                work.create_task(faults.on_the_world(ends)),
            ]
            await asyncio.sleep(seconds)
            ends.set()
            await asyncio.wait(hurting)
            await self.settling.heal()

    def _other_chance(self) -> random.Random:
        """Of its own for everybody: what one does must not change what is drawn for another."""
        return random.Random(self.chance.random())  # noqa: S311 (to be repeated)


def _filmed(directory: Path) -> Files:
    film = make_good_clip(directory / "film.mp4", seconds=4, size="160x120").read_bytes()
    photo = directory / "photo.jpg"
    make(photo, picture="testsrc2=size=160x120", sound=(), seconds=0.04, options=["-c:v", "mjpeg"])
    return Files(film, photo.read_bytes(), directory)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
