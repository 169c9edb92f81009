"""Web processes under load, and those who ask them: as little beside the service as can be.

`python -m tests.bench.load_web DATABASE_URL` serves the product without jobs and without a store; `bare` for the URL
serves one route that does nothing, with the same server.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from app.identity.passwords import Passwords
from app.kit import logs
from app.kit.database import Database
from app.main import create_app, equip
from app.settings import Settings
from tests.support.served import ROOT, Announced
from tests.support.world import FakeClock

BARE = "bare"
CONNECTIONS = 16
PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Web:
    """A process that answers, and how long it took until it did."""

    url: str
    pid: int
    started_in_s: float

    @property
    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return round(pages * PAGE_BYTES / 1e6, 1)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a round of requests came to."""

    per_s: float
    median_ms: float
    p99_ms: float


@contextmanager
def webs(database_url: str, count: int) -> Iterator[list[Web]]:
    """So many processes, ended with the block."""
    with ExitStack() as stack:
        yield [stack.enter_context(_web(database_url)) for _ in range(count)]


@contextmanager
def _web(database_url: str) -> Iterator[Web]:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "tests.bench.load_web", database_url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Web(told["url"], process.pid, round(time.perf_counter() - begun, 2))
    finally:
        process.terminate()
        process.wait()


async def hammered(
    urls: Sequence[str],
    requests: Sequence[tuple[str, str, str]],
    *,
    answers: dict[str, bytes] | None = None,
) -> Spent:
    """Each (method, path, token) once, over so many connections, spread over the processes. All must succeed.

    The last answer for each token is put into `answers`.
    """
    waiting = iter(requests)
    times: list[float] = []

    async def one_connection(number: int) -> None:
        async with _Connected(urls[number % len(urls)]) as ask:
            for method, path, token in waiting:
                begun = time.perf_counter()
                answer = await ask(method, path, token)
                times.append((time.perf_counter() - begun) * 1000)
                if answers is not None:
                    answers[token] = answer

    begun = time.perf_counter()
    await asyncio.gather(*(one_connection(number) for number in range(CONNECTIONS)))
    took = time.perf_counter() - begun
    times.sort()
    return Spent(round(len(times) / took, 1), round(quantile(times, 0.5), 1), round(quantile(times, 0.99), 1))


def quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Connected:
    """A connection that is kept: a client that costs nearly nothing, for it shares the machine with the service."""

    def __init__(self, url: str) -> None:
        self._at = urlsplit(url)

    async def __aenter__(self) -> Callable[[str, str, str], Awaitable[bytes]]:
        self._reader, self._writer = await asyncio.open_connection(self._at.hostname, self._at.port)
        return self._ask

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def _ask(self, method: str, path: str, token: str) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._at.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self._writer.write(f"{head}Content-Length: 0\r\n\r\n".encode())
        lines = (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in lines[1:] if line)
        if fields.get(b"transfer-encoding") == b"chunked":
            body = await self._chunks()
        else:
            body = await self._reader.readexactly(int(fields.get(b"content-length", b"0")))
        if not lines[0].startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{method} {path}: {lines[0].decode()} {body[:300].decode()}")
        return body

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self._reader.readline(), 16):
            body += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readline()
        return body


class Done(BaseModel):
    id: UUID


def _bare() -> FastAPI:
    app = FastAPI()

    @app.post("/v1/visits/{visit_id}/submit")
    async def submit(visit_id: UUID) -> Done:
        return Done(id=visit_id)

    return app


def _product(database_url: str) -> FastAPI:
    settings = Settings(_env_file=None, database_url=database_url, run_jobs=False)
    app = create_app(settings)
    clock = FakeClock()
    clock.advance(hours=2)
    equip(app, settings, clock=clock, passwords=Passwords(cheap=True))
    app.state.database = Database(database_url)
    return app


async def _serve(database_url: str) -> None:
    logs.configure("WARNING", stream=sys.stderr)
    app = _bare() if database_url == BARE else _product(database_url)
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False)
    await Announced(config).tell("", {}, {}).serve()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
