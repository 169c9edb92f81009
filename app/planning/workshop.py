"""Solving in a process of its own: it uses every core for minutes, and the event loop and its locks stay free."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from app.planning.tasks import STOP, Says, Task, Told

LONGEST_LINE = 1 << 28  # a plan of 50,000 outlets has about 30 MB
LAST_WORDS = 2_000  # bytes of an error that are kept
_IMPORT_ROOT = Path(__file__).parents[2]

Listen = Callable[[Told], Awaitable[bool]]
"""Told how far it is; answers whether to go on."""


class SolverRefused(Exception):
    """The task contradicts itself; trying again is of no use."""


class SolverDied(Exception):
    """The process ended without an answer."""


async def _go_on(_: Told) -> bool:
    return True


async def work(task: Task, *, listen: Listen = _go_on) -> Says:
    """The answer to a task. Cancelled, it kills the process. Raises `SolverRefused`, `SolverDied`."""
    async with _process() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        words = asyncio.create_task(_last_words(process.stderr))
        process.stdin.write(task.model_dump_json(exclude_none=True).encode() + b"\n")
        with suppress(ConnectionError):
            await process.stdin.drain()
        async for line in process.stdout:
            says = Says.model_validate_json(line)
            if says.refused is not None:
                raise SolverRefused(says.refused)
            if says.progress is None:
                return says
            if not await listen(says.progress):
                with suppress(ConnectionError):
                    process.stdin.write(STOP)
                    await process.stdin.drain()
        raise SolverDied(f"ended with {await process.wait()}: {await words}")


@asynccontextmanager
async def _process() -> AsyncIterator[Process]:
    # A session of its own: Ctrl-C ends us, and the end of its input ends it.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.planning.solving"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        limit=LONGEST_LINE,
        cwd=_IMPORT_ROOT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()


async def _last_words(stream: asyncio.StreamReader) -> str:
    kept = b""
    while chunk := await stream.read(1 << 16):
        kept = (kept + chunk)[-LAST_WORDS:]
    return kept.decode(errors="replace").strip()
