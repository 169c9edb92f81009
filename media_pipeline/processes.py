"""The only place that runs a program: asyncio, no stdin, bounded output, a deadline, a whole group to kill.

ffmpeg-python's own runners are not used: they block, and deadlock once stderr fills its pipe.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.errors import ToolMissing, ToolSaidTooMuch, ToolTimedOut

STDERR_KEPT_BYTES = 16 * 1024
STDOUT_KEPT_BYTES = 4 * 1024**2  # ffprobe on a sane file says a few kB
LONGEST_LINE_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024
_DYING_S = 10.0  # the killed go at once, unless the kernel holds them in a read


@dataclass(frozen=True, slots=True)
class Finished:
    """`stderr_tail` is the end of it, `stderr_lines` counts all of it."""

    returncode: int
    stdout: bytes
    stderr_tail: str
    stderr_lines: int


async def run(
    command: Sequence[str],
    *,
    cwd: Path,
    deadline_s: float,
    on_line: Callable[[str], None] | None = None,
    on_data: Callable[[bytes], Awaitable[None]] | None = None,
) -> Finished:
    """Run to the end and hand back what it said; a non-zero return code is the caller's to judge.

    With `on_line` each line of stdout goes there and none is kept; with `on_data` every chunk as it comes, and the
    tool waits while it is worked on. Raises `ToolMissing`,
    `ToolTimedOut`, or `ToolSaidTooMuch` when stdout outgrows its bound. However this ends, cancelled
    included, nothing of the process group is left running.
    """
    process = await _started(command, cwd)
    stderr = _Tail()
    try:
        async with asyncio.timeout(deadline_s):
            draining = asyncio.create_task(_drain(process.stderr, stderr))
            try:
                stdout = await _hear(process.stdout, on_line, on_data)
                await draining
                returncode = await process.wait()
            finally:
                await _stop(draining)
    except TimeoutError as error:
        raise ToolTimedOut(_name(command), deadline_s) from error
    finally:
        await _end(process)
    return Finished(returncode, stdout, stderr.text(), stderr.lines)


async def _started(command: Sequence[str], cwd: Path) -> asyncio.subprocess.Process:
    """Cancelled half way, asyncio would kill the leader alone and forget its group."""
    starting = asyncio.ensure_future(_start(command, cwd))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _end(await starting)
        raise


async def _start(command: Sequence[str], cwd: Path) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"LC_ALL": "C", "PATH": os.defpath},
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ToolMissing(f"{command[0]} is not there") from error


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the group even when its leader is gone: a grandchild may outlive it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DYING_S):
            for pipe in (process.stdout, process.stderr):
                async for _ in _chunks(pipe):  # a pipe not read to its end stays open
                    pass
            await process.wait()


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


class _Tail:
    __slots__ = ("_kept", "lines")

    def __init__(self) -> None:
        self._kept = b""
        self.lines = 0

    def add(self, chunk: bytes) -> None:
        self.lines += chunk.count(b"\n")
        self._kept = (self._kept + chunk)[-STDERR_KEPT_BYTES:]

    def text(self) -> str:
        return self._kept.decode(errors="replace").strip()


async def _drain(stream: asyncio.StreamReader | None, tail: _Tail) -> None:
    async for chunk in _chunks(stream):
        tail.add(chunk)


async def _hear(
    stream: asyncio.StreamReader | None,
    on_line: Callable[[str], None] | None,
    on_data: Callable[[bytes], Awaitable[None]] | None,
) -> bytes:
    if on_data is None:
        return await _read_stdout(stream, on_line)
    async for chunk in _chunks(stream):
        await on_data(chunk)
    return b""


async def _read_stdout(stream: asyncio.StreamReader | None, on_line: Callable[[str], None] | None) -> bytes:
    pending = b""
    async for chunk in _chunks(stream):
        pending += chunk
        if on_line is not None:
            *lines, pending = pending.split(b"\n")
            for line in lines:
                on_line(line.decode(errors="replace"))
        if len(pending) > (STDOUT_KEPT_BYTES if on_line is None else LONGEST_LINE_BYTES):
            raise ToolSaidTooMuch("the tool said more than it could have meant")
    if on_line is not None and pending:
        on_line(pending.decode(errors="replace"))
    return pending if on_line is None else b""


async def _chunks(stream: asyncio.StreamReader | None) -> AsyncIterator[bytes]:
    if stream is None:  # only when a pipe was not asked for
        return
    while chunk := await stream.read(_CHUNK_BYTES):
        yield chunk


def _name(command: Sequence[str]) -> str:
    """The program meant, not the wrapper it was started through."""
    return next(
        (Path(word).name for word in command if Path(word).name.startswith("ff")), Path(command[0]).name
    )
