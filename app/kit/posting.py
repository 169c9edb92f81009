"""Sending a letter in a job: a few tries over minutes, then it is left among the dead jobs for a human to see."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec

from app.kit.jobs import Run, StepFailed

P = ParamSpec("P")

PAUSES_S = (0.0, 30.0, 120.0)  # short: a waiting job keeps a worker's place


async def send_patiently(
    run: Run, send: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs
) -> None:
    """`send` is a step that raises `MailFailed` while the server is away. Raises `StepFailed` after the last try."""
    for number, pause_s in enumerate(PAUSES_S):
        await run.pause(pause_s)
        try:
            await run.step(f"mail {number}", send, *args, **kwargs)
        except StepFailed:
            if number == len(PAUSES_S) - 1:
                raise
        else:
            return
