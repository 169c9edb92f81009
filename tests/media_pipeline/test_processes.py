"""Programs are run with bounded output and a deadline, and nothing of theirs survives."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from media_pipeline import ToolFailed, ToolMissing, ToolTimedOut
from media_pipeline.processes import STDERR_KEPT_BYTES, run


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def group_is_gone(leader: int) -> bool:
    """Nothing of the group runs; the dead whom init has not yet collected do not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(group) == leader and state != "Z":
                return False
    return True


class TestRun:
    async def test_hands_back_what_was_said_and_how_it_ended(self, tmp_path: Path) -> None:
        finished = await run(shell("echo out; echo err >&2; exit 3"), cwd=tmp_path, deadline_s=10)

        assert (finished.returncode, finished.stdout, finished.stderr_tail) == (3, b"out\n", "err")
        assert finished.stderr_lines == 1

    async def test_a_talkative_tool_neither_blocks_nor_fills_memory(self, tmp_path: Path) -> None:
        chatter = "i=0; while [ $i -lt 20000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done"

        finished = await run(shell(f"{chatter}; echo last words >&2"), cwd=tmp_path, deadline_s=30)

        assert finished.stderr_lines == 20_001
        assert len(finished.stderr_tail) <= STDERR_KEPT_BYTES
        assert finished.stderr_tail.endswith("last words")

    async def test_lines_are_handed_on_as_they_come(self, tmp_path: Path) -> None:
        lines: list[str] = []

        finished = await run(shell("printf 'a\\nb\\nc'"), cwd=tmp_path, deadline_s=10, on_line=lines.append)

        assert lines == ["a", "b", "c"]
        assert finished.stdout == b""

    async def test_too_much_output_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ToolFailed, match="said more"):
            await run(shell("head -c 5000000 /dev/zero"), cwd=tmp_path, deadline_s=10)

    async def test_stdin_is_empty(self, tmp_path: Path) -> None:
        finished = await run(shell("cat; echo done"), cwd=tmp_path, deadline_s=10)

        assert finished.stdout == b"done\n"

    async def test_a_missing_program_is_a_missing_tool(self, tmp_path: Path) -> None:
        with pytest.raises(ToolMissing):
            await run([str(tmp_path / "nothing")], cwd=tmp_path, deadline_s=10)


class TestEnding:
    async def test_the_whole_group_is_killed_at_the_deadline(self, tmp_path: Path) -> None:
        with pytest.raises(ToolTimedOut):
            await run(shell("echo $$ > leader; sleep 60 & sleep 60"), cwd=tmp_path, deadline_s=0.4)

        assert group_is_gone(int((tmp_path / "leader").read_text()))

    async def test_cancelling_kills_too(self, tmp_path: Path) -> None:
        running = asyncio.create_task(
            run(shell("echo $$ > leader; echo ready; sleep 60"), cwd=tmp_path, deadline_s=60)
        )
        while not (tmp_path / "leader").exists() or not (tmp_path / "leader").read_text().strip():  # noqa: ASYNC110
            await asyncio.sleep(0.01)

        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

        assert group_is_gone(int((tmp_path / "leader").read_text()))
