"""Workflows for the tests of the job engine. They leave marks in a file, so that another process can be watched."""

import os
import signal
from pathlib import Path

from app.kit.jobs import Run, StepFailed, workflow
from app.kit.problems import Conflict
from tests.support.waiting import until


def mark(trace: str, word: str) -> None:
    with Path(trace).open("a") as file:
        file.write(f"{word}\n")


def _gate(trace: Path) -> Path:
    return trace.with_suffix(".go")


def let_go(trace: Path) -> None:
    """Let the workflows that wait at their second step go on."""
    _gate(trace).touch()


def marks(trace: Path) -> list[str]:
    return trace.read_text().split() if trace.exists() else []


async def _mark(trace: str, word: str) -> str:
    mark(trace, word)
    return word


async def _mark_and_wait(trace: str, word: str) -> None:
    mark(trace, word)
    await until(_gate(Path(trace)).exists)


async def _die(trace: str) -> None:
    mark(trace, "died")
    os.kill(os.getpid(), signal.SIGKILL)


async def _refuse() -> None:
    raise Conflict("the outlet is closed")


async def _pair() -> tuple[int, int]:
    return 1, 2


@workflow("test.three_steps")
async def three_steps(run: Run, trace: str) -> None:
    """One, two, three; the second waits until `let_go`."""
    await run.step("one", _mark, trace, "one")
    await run.step("two", _mark_and_wait, trace, "two")
    await run.step("three", _mark, trace, "three")


@workflow("test.mark")
async def leave_a_mark(run: Run, trace: str, word: str) -> None:
    await run.step("mark", _mark, trace, word)


@workflow("test.poison")
async def poison(run: Run, trace: str) -> None:
    await run.step("die", _die, trace)


@workflow("test.refused")
async def refused(run: Run) -> None:
    await run.step("refuse", _refuse)


@workflow("test.copes")
async def copes(run: Run, trace: str) -> None:
    """A workflow that goes on after a step that failed, and sees JSON values only."""
    try:
        await run.step("refuse", _refuse)
    except StepFailed as failure:
        mark(trace, failure.reason.replace(" ", "-"))
    pair = await run.step("pair", _pair)
    mark(trace, type(pair).__name__)
