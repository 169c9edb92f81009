"""Being told to end: in order, and with everything that was started."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def until_told(work: Coroutine[Any, Any, Result]) -> Result:
    """SIGTERM and SIGHUP end it as Ctrl-C does. Raises `CancelledError` then."""
    task = asyncio.ensure_future(work)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(ending, task.cancel)
    return await task
