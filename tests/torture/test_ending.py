"""A torture that is ended or killed itself leaves no process behind."""

import asyncio
import signal
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.command import ROOT, environment
from tests.support.databases import Backend
from tests.support.waiting import until

WITHIN_S = 120.0  # a few seconds of work, on a machine that tests share
PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.support.databases import Backend
from tests.torture.ending import until_told
from tests.torture.site import open_site

async def main():
    async with open_site(Backend(sys.argv[1]), Path(sys.argv[2])) as site:
        for process in site.processes:
            process.start()
        print("up", flush=True)
        await asyncio.Event().wait()

asyncio.run(until_told(main()))
"""


def started_by(mark: str) -> set[str]:
    """The commands of all processes that have the mark in their surroundings."""
    found = set()
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdecimal() and mark.encode() in (process / "environ").read_bytes():
                found.add((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


class TestEnding:
    @pytest.mark.parametrize(
        ("how", "backend"),
        [(signal.SIGKILL, Backend.POSTGRESQL), (signal.SIGTERM, Backend.SQLITE)],
        ids=str,
    )
    async def test_nothing_is_left(self, how: signal.Signals, backend: Backend, tmp_path: Path) -> None:
        mark = uuid4().hex
        runner = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM, str(backend), str(tmp_path)),
            cwd=ROOT,
            env=environment({"mark": mark}),
            stdout=asyncio.subprocess.PIPE,
        )
        assert runner.stdout is not None
        assert await asyncio.wait_for(runner.stdout.readline(), WITHIN_S) == b"up\n"
        kinds = {"app.kit.embedded_s3", "tests.torture.process web", "tests.torture.process worker"}
        if backend is Backend.POSTGRESQL:
            kinds.add("bin/postgres")
        there = started_by(mark)
        assert all(any(kind in one for one in there) for kind in kinds)

        runner.send_signal(how)
        await asyncio.wait_for(runner.wait(), WITHIN_S)

        await until(lambda: not started_by(mark), within_s=WITHIN_S)
