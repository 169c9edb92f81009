"""The product as it runs in earnest: two web processes, two workers, a database, an object store and the way to it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from app.kit.embedded_s3.supervisor import EmbeddedS3
from tests.support.command import ROOT, environment
from tests.support.databases import Backend, migrate, sqlite_url
from tests.support.postgres import OUTLIVES_ITS_PROCESSES, PostgresServer
from tests.support.s3 import ACCESS_KEY, SECRET_KEY, make_embedded_s3
from tests.support.serving import quiet_port
from tests.torture.line import Line

BUCKET = "torture"
SCRATCH_BYTES = 700 * 1024 * 1024  # a worker begins nothing with less than half a gigabyte free
STARTED_WITHIN_S = 300.0  # 4 s of work, on a machine that others load; four start at once
GOODBYE_WITHIN_S = 60.0
PAUSE_S = 0.1
MOUNTED = 'mount -t tmpfs -o size="$0" tmpfs "$1" && shift && exec "$@"'


@dataclass
class Process:
    """One of ours: started, killed, started again. Its log grows over all its lives."""

    name: str
    command: list[str]
    settings: Mapping[str, object]
    directory: Path
    started_at: float = 0.0
    _running: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"

    @property
    def clock(self) -> Path:
        """How many seconds it is ahead."""
        return self.directory / f"{self.name}.clock"

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    @property
    def runs(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        self.started_at = time.monotonic()
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environment(self.settings),
                stdin=subprocess.PIPE,  # which ends with us, and the process with it (`tests.torture.process`)
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """`kill -9`: no clean-up of any kind."""
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.runs and self._running is not None:
            self._running.send_signal(how)
            try:
                self._running.wait(GOODBYE_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()


@dataclass
class Web(Process):
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answers(self) -> bool:
        """Whether it is ready for requests."""
        try:
            async with httpx2.AsyncClient() as client:
                return (await client.get(f"{self.address}/readyz")).is_success
        except httpx2.TransportError:
            return False


@dataclass
class Worker(Process):
    """Its scratch files lie on a disk of their own, where the system lets us mount one."""

    has_own_disk: bool = False

    @property
    def scratch(self) -> Path:
        return self.directory / self.name / "scratch"

    @property
    def _filler(self) -> Path:
        # Nobody but the process sees its disk, and whoever looks with its eyes.
        return Path(f"/proc/{self.pid}/root") / self.scratch.relative_to("/") / "filler"

    def fill_disk(self) -> None:
        """Not one byte is left."""
        free = shutil.disk_usage(self._filler.parent).free
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free - 4096, 1))

    def empty_disk(self) -> None:
        self._filler.unlink(missing_ok=True)


@dataclass
class Site:
    backend: Backend
    directory: Path
    database_url: str
    postgres: PostgresServer | None
    store: EmbeddedS3
    line: Line
    webs: list[Web] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)

    @property
    def processes(self) -> list[Process]:
        return [*self.webs, *self.workers]

    def set_clocks(self, ahead_s: float, *, of: Process | None = None) -> None:
        for process in [of] if of else self.processes:
            process.clock.write_text(str(ahead_s))

    def settings(self, name: str) -> dict[str, object]:
        return {
            "environment": "development",
            "data_dir": self.directory / name,
            "database_url": self.database_url,
            "s3_endpoint": self.line.url,
            "s3_public_endpoint": self.line.url,
            "s3_bucket": BUCKET,
            "s3_access_key": ACCESS_KEY,
            "s3_secret_key": SECRET_KEY,
            "run_jobs": "false",
            "executor_id": name,
            "webhooks_to_loopback": "true",
            "log_level": "WARNING",
        }


@asynccontextmanager
async def open_site(backend: Backend, directory: Path) -> AsyncIterator[Site]:
    """A migrated database and a store; the processes are not started yet, and killed at the end."""
    postgres = PostgresServer(OUTLIVES_ITS_PROCESSES) if backend is Backend.POSTGRESQL else None
    with postgres or nullcontext():
        url = sqlite_url(directory / "plainclothes.sqlite")
        if postgres is not None:
            postgres.create("torture")
            url = postgres.url("torture")
        await asyncio.to_thread(migrate, url)
        async with (
            make_embedded_s3(directory / "s3", port=quiet_port()) as store,
            Line(store.endpoint_url) as line,
        ):
            site = Site(backend, directory, url, postgres, store, line)
            _add_processes(site, can_mount=_can_mount())
            try:
                yield site
            finally:
                for process in site.processes:
                    process.kill()


def _add_processes(site: Site, *, can_mount: bool) -> None:
    for number in (1, 2):
        name, port = f"web-{number}", quiet_port()
        settings = {**site.settings(name), "port": port}
        site.webs.append(
            Web(name, _command("web", site.directory / f"{name}.clock"), settings, site.directory, port=port)
        )
    for number in (1, 2):
        name = f"worker-{number}"
        command = _command("worker", site.directory / f"{name}.clock")
        worker = Worker(name, command, site.settings(name), site.directory, has_own_disk=can_mount)
        worker.scratch.mkdir(parents=True)
        if can_mount:
            worker.command = [
                *_unshare(),
                "sh",
                "-c",
                MOUNTED,
                str(SCRATCH_BYTES),
                str(worker.scratch),
                *command,
            ]
        site.workers.append(worker)
    site.set_clocks(0)


def _command(kind: str, clock: Path) -> list[str]:
    return [sys.executable, "-m", "tests.torture.process", kind, str(clock)]


def _unshare() -> list[str]:
    return ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]


def _can_mount() -> bool:
    """Whether a process of ours may have a disk of its own."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        [*_unshare(), "sh", "-c", MOUNTED, "4096", "/mnt", "true"], capture_output=True, check=False
    )
    return tried.returncode == 0
