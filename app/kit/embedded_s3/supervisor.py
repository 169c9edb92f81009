"""Our process's side: start the server, know that it is ready, end it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

import app
from app.kit.embedded_s3.settings import USUAL, Patience

log = structlog.get_logger(__name__)

_START_TIMEOUT_S = 60.0  # it takes 1.2 s on a quiet machine
_STOP_TIMEOUT_S = 10.0
_RESTART_PAUSE_S = 1.0
_LOG_TAIL_BYTES = 2000
# The interpreter must find this package wherever we are started from.
_IMPORT_ROOT = Path(app.__file__ or "").resolve().parent.parent


class EmbeddedS3Failed(Exception):
    """The server did not start; the message carries its own last words."""


class EmbeddedS3:
    """One embedded server and its data directory. It ends with our process, however that ends.

    With port 0 the first start takes a free port, and later starts of this object keep it.
    """

    def __init__(
        self,
        directory: Path,
        *,
        access_key: str,
        secret_key: str,
        host: str = "127.0.0.1",
        port: int = 0,
        cors_origins: Sequence[str] = (),
        encryption_keys: str = "",
        patience: Patience = USUAL,
    ) -> None:
        self._directory = directory.absolute()
        self._access_key = access_key
        self._secret_key = secret_key
        self._host = host
        self._port = port
        self._cors_origins = tuple(cors_origins)
        self._encryption_keys = encryption_keys
        self._patience = patience
        self._process: Process | None = None
        self._url = ""

    @property
    def endpoint_url(self) -> str:
        """The address of the started server, on this machine."""
        if not self._url:
            raise EmbeddedS3Failed("the server has not been started")
        return self._url

    @property
    def pid(self) -> int | None:
        """The server's process, or `None` when it does not run."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def log_path(self) -> Path:
        """Where the server writes what went wrong."""
        return self._directory / "server.log"

    async def start(self) -> None:
        """Return once requests are accepted; raise `EmbeddedS3Failed` with the reason when they never will be."""
        if self.pid is not None:
            return
        await asyncio.to_thread(self._directory.mkdir, mode=0o700, parents=True, exist_ok=True)
        process = await self._spawn()
        try:
            line = await asyncio.wait_for(self._read_announcement(process), _START_TIMEOUT_S)
        except TimeoutError:
            line = b""
        except BaseException:
            await _end(process)
            raise
        if not line:
            await _end(process)
            raise EmbeddedS3Failed(await asyncio.to_thread(self._last_words))
        self._url = line.decode().strip()
        self._port = int(self._url.rpartition(":")[2])
        self._process = process

    async def stop(self) -> None:
        """End the server; its data stays. Nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            await _end(process)

    async def restart(self) -> None:
        """Stop and start on the same port; also after the server was killed."""
        await self.stop()
        await self.start()

    async def keep_running(self) -> None:
        """Start the server again whenever it ends without `stop`, as often as it takes. Runs until cancelled."""
        while self._process is not None:
            process = self._process
            await process.wait()
            if self._process is not process:
                return
            while not await self._is_back():
                continue

    async def _is_back(self) -> bool:
        """One more try, after a pause."""
        await asyncio.sleep(_RESTART_PAUSE_S)
        try:
            await self.restart()
        except (EmbeddedS3Failed, OSError) as failure:
            log.warning("the embedded object store did not start again", reason=str(failure))
            return False
        return True

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _spawn(self) -> Process:
        command = [
            *(sys.executable, "-m", "app.kit.embedded_s3", str(self._directory)),
            *("--host", self._host, "--port", str(self._port)),
            *("--access", self._access_key, "--parent", str(os.getpid())),
            *("--head-seconds", str(self._patience.head_s)),
            *("--stalled-seconds", str(self._patience.stalled_s)),
            *("--slowest-bytes-per-second", str(self._patience.bytes_per_s)),
        ]
        for origin in self._cors_origins:
            command += ["--cors-origin", origin]
        with await asyncio.to_thread(self.log_path.open, "wb") as log:
            # A session of its own: Ctrl-C ends us, and we end the server after our last request.
            return await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=log, cwd=_IMPORT_ROOT, start_new_session=True
            )

    async def _read_announcement(self, process: Process) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        # Through a pipe: a command line is readable by every user of the machine.
        process.stdin.write(f"{self._secret_key}\n{self._encryption_keys}\n".encode())
        with suppress(ConnectionError):
            await process.stdin.drain()
        process.stdin.close()
        return await process.stdout.readline()

    def _last_words(self) -> str:
        tail = self.log_path.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace").strip()
        return tail or "the server said nothing before it ended"


async def _end(process: Process) -> None:
    """Terminate, then kill: nothing is lost either way, the data survives both."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
    await process.wait()
