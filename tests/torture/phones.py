"""Phones that upload by the reference client, which blocks: each in a thread of its own.

The threads that asyncio lends are few (six on two cores), and those who start again what was killed need them: with six phones
in them that waited for the store, nobody could start the store they waited for.
"""

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import httpx2
from pydantic import BaseModel

from app.client.desk import read
from app.client.patience import Patience
from app.client.uploading import Uploader
from app.recordings.rules import State
from tests.support.world import Caller

Answer = TypeVar("Answer", bound=BaseModel)

STORE_WITHIN_S = 60.0
STORE_PATIENCE_S = 240.0


async def sent(who: Caller, recording_id: UUID, path: Path) -> State:
    """What became of the recording. Raises what `Uploader.send` raises. Cancelled, it leaves a thread that ends soon."""
    loop = asyncio.get_running_loop()
    phone = _Phone(who, loop)
    thread = ThreadPoolExecutor(1, thread_name_prefix="phone")
    try:
        return await loop.run_in_executor(thread, phone.send, recording_id, path)
    except asyncio.CancelledError:
        phone.switch_off()  # a thread cannot be cancelled, and nobody could end before it
        raise
    finally:
        thread.shutdown(wait=False)


class _SwitchedOff(Exception):
    pass


@dataclass
class _Phone:
    """The desk that the reference client asks for, over whatever its owner's requests travel over."""

    who: Caller
    loop: asyncio.AbstractEventLoop
    _off: threading.Event = field(default_factory=threading.Event)
    _asked: set[Future[httpx2.Response]] = field(default_factory=set)

    def send(self, recording_id: UUID, path: Path) -> State:
        """Blocks."""
        patience = Patience(STORE_PATIENCE_S, sleep=self._wait)
        with httpx2.Client(timeout=STORE_WITHIN_S) as store:
            uploader = Uploader(self, store, parallel=2, patience=patience)
            return uploader.send(recording_id, path).recording.state

    def switch_off(self) -> None:
        self._off.set()
        for asked in list(self._asked):
            asked.cancel()

    def get(self, path: str, answer: type[Answer]) -> Answer:
        return self._ask("GET", path, answer, None)

    def post(self, path: str, answer: type[Answer], body: BaseModel | None = None) -> Answer:
        return self._ask("POST", path, answer, body)

    def _wait(self, seconds: float) -> None:
        if self._off.wait(seconds):
            raise _SwitchedOff

    def _ask(self, method: str, path: str, answer: type[Answer], body: BaseModel | None) -> Answer:
        if self._off.is_set():
            raise _SwitchedOff
        content = None if body is None else body.model_dump_json(exclude_unset=True).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        asked = asyncio.run_coroutine_threadsafe(
            self.who.request(method, path, content=content, headers=headers), self.loop
        )
        self._asked.add(asked)
        return read(asked.result(), answer)
