"""The product as `plainclothes serve` runs it: a process of its own on a free port."""

import random
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.support.command import MODULE, ROOT, environment
from tests.support.waiting import until

STARTED_WITHIN_S = 180.0  # 4 s of work, on a machine that tests share
QUIET_PORTS = range(20_000, 32_000)  # below those that Linux (32768) and others (49152) give to clients


@dataclass(frozen=True, slots=True)
class Served:
    """A started process; it may not answer yet."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    async def ready(self) -> None:
        """Raises `TimeoutError` when it does not answer in time."""

        def answers() -> bool:
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            try:
                return httpx2.get(f"{self.address}/readyz").status_code == 200
            except httpx2.TransportError:
                return False

        await until(answers, within_s=STARTED_WITHIN_S)


@contextmanager
def serving(directory: Path, settings: Mapping[str, object]) -> Iterator[Served]:
    """Killed at the end, if it is still there."""
    port = free_port()
    log = directory / "serve.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*MODULE, "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment({"data_dir": directory / "var", "s3_port": 0, **settings}),
            stdout=file,
            stderr=file,
        )
    try:
        yield Served(process, f"http://127.0.0.1:{port}", log)
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def quiet_port() -> int:
    """A free one that the system gives to no client: a server that is killed finds it again, whoever calls meanwhile.

    An ordinary free port may be given to anybody's connection before it is back.
    """
    for port in random.SystemRandom().sample(QUIET_PORTS, len(QUIET_PORTS)):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("every port is taken")
