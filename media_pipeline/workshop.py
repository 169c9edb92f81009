"""A private directory in which tools work on one file, and the running of tools in it."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.blame import judged
from media_pipeline.confinement import Confinement, Scratch, confined, find_confinement, lay_out
from media_pipeline.errors import BadFile, ToolFailed, UnreadableMedia
from media_pipeline.graphs import Pass, compile_pass
from media_pipeline.limits import Limits
from media_pipeline.processes import Finished, run
from media_pipeline.progress import Listener
from media_pipeline.tools import About, Tools, about, find_tools

_ASKING_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything a step needs; files it makes lie in `scratch.directory` and go with it."""

    scratch: Scratch
    tools: Tools
    confinement: Confinement
    limits: Limits
    tool: About

    def at(self, name: str) -> Path:
        return self.scratch.directory / name

    async def run(
        self,
        command: Sequence[str],
        *,
        deadline_s: float,
        on_line: Callable[[str], None] | None = None,
        on_data: Callable[[bytes], Awaitable[None]] | None = None,
    ) -> Finished:
        """Inside the walls, to the end. Raises what its last words amount to when it ends badly."""
        walled = confined(command, self.scratch, self.confinement, limits=self.limits, deadline_s=deadline_s)
        finished = await run(
            walled, cwd=self.scratch.directory, deadline_s=deadline_s, on_line=on_line, on_data=on_data
        )
        if finished.returncode != 0:
            raise judged(finished)
        return finished


@contextlib.asynccontextmanager
async def open_workshop(
    media: Path, *, limits: Limits, tools: Tools | None, near: Path | None = None
) -> AsyncIterator[Workshop]:
    """With `near`, the directory lies inside it, so that results move there without being copied."""
    home = await asyncio.to_thread(_prepare, media, near)
    found = tools or find_tools()
    with tempfile.TemporaryDirectory(prefix=".media-", dir=home) as name:
        directory = Path(name)
        confinement = await find_confinement(found.ffmpeg, directory)
        yield Workshop(
            scratch=lay_out(media, directory, confinement),
            tools=found,
            confinement=confinement,
            limits=limits,
            tool=about(confinement.said) or await _ask(found.ffmpeg, directory),
        )


async def _ask(ffmpeg: Path, directory: Path) -> About:
    finished = await run([str(ffmpeg), "-version"], cwd=directory, deadline_s=_ASKING_DEADLINE_S)
    answer = about(finished.stdout.decode(errors="replace"))
    if finished.returncode != 0 or answer is None:
        raise ToolFailed("ffmpeg does not even tell its version", returncode=finished.returncode)
    return answer


def _prepare(media: Path, near: Path | None) -> Path:
    if not media.is_file():
        raise UnreadableMedia(BadFile.MISSING)
    if media.stat().st_size == 0:
        raise UnreadableMedia(BadFile.EMPTY)
    if near is None:
        return Path(tempfile.gettempdir()).resolve()
    near.mkdir(parents=True, exist_ok=True)
    return near.resolve()


async def run_pass(workshop: Workshop, work: Pass, *, duration_s: float, progress: Listener) -> Finished:
    """The one pass over the file, its progress told as the share of the timeline done."""

    def note(line: str) -> None:
        key, _, value = line.partition("=")
        if key == "out_time_us" and value.isdecimal() and duration_s > 0:
            progress(int(value) / 1e6 / duration_s)

    command = compile_pass(workshop.tools.ffmpeg, work, workshop.limits)
    return await workshop.run(command, deadline_s=workshop.limits.deadline_s(duration_s), on_line=note)
