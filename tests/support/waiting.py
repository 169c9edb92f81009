"""Waiting for what another process or task does: by asking again until a deadline, never by guessing a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")

DEADLINE_S = 40.0
PAUSE_S = 0.02


async def until(happened: Callable[[], bool], *, within_s: float = DEADLINE_S) -> None:
    """Raises `TimeoutError` after the deadline."""

    async def ask() -> bool:
        return happened()

    await eventually(ask, within_s=within_s)


async def eventually(ask: Callable[[], Awaitable[Answer]], *, within_s: float = DEADLINE_S) -> Answer:
    """The first answer that is true. Raises `TimeoutError` after the deadline."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        await asyncio.sleep(PAUSE_S)
