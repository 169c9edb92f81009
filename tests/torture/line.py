"""The way to the object store, on which things go wrong: it refuses, is slow, is full, or hangs up in the middle."""

import asyncio
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

PIECE_BYTES = 64 * 1024
SLOW_S = 0.15  # before every piece: about 0.4 MB/s
WRITES = (b"PUT ", b"POST ")
HEAD_ENDS = b"\r\n\r\n"
FULL_SAYS = b"<Error><Code>InsufficientStorage</Code><Message>full</Message></Error>"
FULL = (
    b"HTTP/1.1 507 Insufficient Storage\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(FULL_SAYS), FULL_SAYS)
)


class Trouble(StrEnum):
    NONE = "none"
    REFUSING = "refusing"
    SLOW = "slow"
    FULL = "full"


class Line:
    """Carries HTTP to `target`; `trouble` says how, from the next piece on."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self.trouble = Trouble.NONE
        self.url = ""
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.hang_up()
        if self._serving:
            await asyncio.wait(self._serving)

    def begin(self, trouble: Trouble) -> None:
        """From now on; connections that are open are cut where they would not notice."""
        self.trouble = trouble
        if trouble in {Trouble.REFUSING, Trouble.FULL}:
            self.hang_up()

    def hang_up(self) -> None:
        """Cut every connection, in the middle of whatever it carries."""
        for writer in self._open:
            with suppress(OSError, RuntimeError):
                writer.transport.abort()

    async def _serve(self, here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        if self.trouble is Trouble.REFUSING:
            back.transport.abort()
            return
        self._open.add(back)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._connect(here, back)
        finally:
            self._open.discard(back)
            back.close()

    async def _connect(self, here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        head = b""
        if self.trouble is Trouble.FULL:
            head = await here.readuntil(HEAD_ENDS)
            if head.startswith(WRITES):
                back.write(FULL)
                await back.drain()
                return
            # One request for each connection, so that the next one is looked at as well.
            head = head.removesuffix(b"\r\n") + b"Connection: close\r\n\r\n"
        there, forth = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._open.add(forth)
        try:
            forth.write(head)
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._carry(here, forth))
                ways.create_task(self._carry(there, back))
        except* OSError:
            pass
        finally:
            self._open.discard(forth)
            forth.close()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while piece := await source.read(PIECE_BYTES):
            if self.trouble is Trouble.SLOW:
                await asyncio.sleep(SLOW_S)
            target.write(piece)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
