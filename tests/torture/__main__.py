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
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.demo.clips import make, make_good_clip
from app.kit import logs
from app.kit.storage.s3 import S3Storage
from tests.support.databases import Backend
from tests.support.review import Case
from tests.support.s3 import of_embedded
from tests.support.webhooks import Receiver
from tests.torture.checking import Checker
from tests.torture.checking_files import FileChecker, broken_chains
from tests.torture.desks import Desks
from tests.torture.ending import until_told
from tests.torture.faults import Faults
from tests.torture.kills import Kills
from tests.torture.people import Cast, people
from tests.torture.records import Records
from tests.torture.settling import Settling
from tests.torture.site import BUCKET, Site, open_site
from tests.torture.tally import Tally
from tests.torture.walking import Files, Walk

SECONDS = 75
LONGER = 4
LOOK_AGAIN_S = 1.0


def main() -> None:
    logs.configure("WARNING")
    wanted = _arguments()
    seed = wanted.seed if wanted.seed is not None else random.SystemRandom().randrange(2**31)
    lost = 0
    for backend in wanted.database or list(Backend):
        directory = Path(tempfile.mkdtemp(prefix="torture-"))
        try:
            found = asyncio.run(until_told(_torture(Backend(backend), directory, seed, wanted.seconds)))
        except (KeyboardInterrupt, asyncio.CancelledError):
            shutil.rmtree(directory, ignore_errors=True)
            sys.exit("ended before the end, and nothing is left of it")
        except BaseException:
            say(f"broken off; what is left of it: {directory}")
            raise
        lost += found
        if found:
            say(f"what is left of it: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
    sys.exit(1 if lost else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--seconds",
        type=int,
        default=SECONDS,
        help="of faults, for each database; longer, up to four times, until each was injected",
    )
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
            run = Run(site, cast, chance, tally, records)
            await run.hurt(files, seconds)
            hurt_s = time.monotonic() - began
            await run.settle()
            storage = S3Storage(of_embedded(site.store).settings(BUCKET))
            files_there = FileChecker(storage, tally, records, cast.over, directory)
            losses = [
                *tally.losses,
                *Checker(tally, records, cast.over, receiver.messages).check(),
                *await files_there.check(),
                *broken_chains(site.database_url),
            ]
            for line in told(tally, records, receiver, run.faults.possible()):
                say(line)
            for loss in losses:
                say(f"  LOST {loss}")
            records.close()
    took_s = time.monotonic() - began
    say(
        f"{backend}: {sum(tally.faults.values())} faults injected, {len(losses)} losses; "
        f"{hurt_s:.0f} s with faults, {took_s - hurt_s:.0f} s to finish and to check"
    )
    return len(losses)


def told(tally: Tally, records: Records, receiver: Receiver, possible: Sequence[str]) -> Iterator[str]:
    yield from tally.told()
    yield f"  {len(receiver.messages)} messages came to the subscriber"
    yield f"  jobs that died, and whose work another did: {', '.join(records.dead()) or 'none'}"
    yield f"  ended as failed, and said so: {', '.join(records.failed()) or 'nothing'}"
    yield f"  not injected in this run: {', '.join(tally.missing(possible)) or 'nothing'}"


class Run:
    """From the first fault until everybody has brought to an end what they began."""

    def __init__(self, site: Site, cast: Cast, chance: random.Random, tally: Tally, records: Records) -> None:
        self._cast = cast
        self._chance = chance
        self._tally = tally
        self._handed_in: asyncio.Queue[Case] = asyncio.Queue()
        self._settling = Settling(site, cast, records)
        self.faults = Faults(site, self._other_chance(), tally)
        self._desks = Desks(cast, self._other_chance(), tally, self._handed_in)
        errands = Desks(cast, self._other_chance(), tally, self._handed_in).errands()
        self._kills = Kills(site, cast, records, self._other_chance(), tally, errands)

    async def hurt(self, files: Files, seconds: int) -> None:
        """Faults for so many seconds; then everything is healed, and people finish what they are at."""
        await self._settling.heal()
        self._cast.road.begin_mischief()
        ends = asyncio.Event()
        async with asyncio.TaskGroup() as work:
            for who in self._cast.inspectors:
                walk = Walk(self._cast, who, files, self._other_chance(), self._tally, self._handed_in)
                work.create_task(walk.on(ends))
            work.create_task(self._desks.review(ends))
            work.create_task(self._desks.run_errands(ends))
            hurting = [
                work.create_task(hurt(ends))
                for hurt in (
                    self.faults.keep_starting,
                    self.faults.keep_the_store_running,
                    self.faults.on_the_world,
                    self._kills.on_webs,
                    self._kills.on_workers,
                )
            ]
            await self._enough(seconds)
            ends.set()
            await asyncio.wait(hurting)
            await self._settling.heal()
            await self._kills.errands_done()

    async def _enough(self, seconds: int) -> None:
        """So long, and on a slow machine longer: until everything was injected once."""
        began = time.monotonic()
        while (passed_s := time.monotonic() - began) < seconds * LONGER:
            if passed_s >= seconds and not self._tally.missing(self.faults.possible()):
                return
            await asyncio.sleep(LOOK_AGAIN_S)

    async def settle(self) -> None:
        """Until nothing waits: then what was left is done in peace, and two weeks go by."""
        for rest in (self._desks.close, self._desks.give_up):
            self._note_stuck(await self._settling.finish())
            await rest()
        self._note_stuck(await self._settling.finish())
        self._note_stuck(await self._settling.two_weeks_later(self._desks.publish_late))

    def _note_stuck(self, what: str | None) -> None:
        if what is not None:
            self._tally.lose(f"stuck: {what}")

    def _other_chance(self) -> random.Random:
        """Of its own for everybody: what one does must not change what is drawn for another."""
        return random.Random(self._chance.random())  # noqa: S311 (to be repeated)


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
