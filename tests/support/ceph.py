"""An independent S3 server for the tests: Ceph's object gateway from Debian packages, on this machine alone.

Monitor, one store in memory and the gateway: about a second to start and 130 MB. All test processes of a run share
one (`shared_ceph`); it lives as long as one of them does and leaves neither processes nor files behind.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from uuid import uuid4

import httpx2

from tests.support.serving import free_port

PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin", "setpriv")
ACCESS_KEY, SECRET_KEY = "tests", "a-secret-of-the-tests"
STARTED_WITHIN_S = 120.0  # 1 s of work, on a machine that tests share
STOPPED_WITHIN_S = 20.0
PAUSE_S = 0.05
ROOT = Path(__file__).parents[2]

# Without encryption between processes of one machine, and without Ceph's waits for slow peers: they made the start
# 16 s long. In memory: a store on disk takes 5 s more to make, and no test kills it (the gateway keeps nothing).
CONFIGURATION = """
[global]
fsid = {fsid}
mon_host = v2:127.0.0.1:{monitor_port}
mon_initial_members = a
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_mon_service_mode = crc
ms_mon_cluster_mode = crc
ms_cluster_mode = crc
ms_service_mode = crc
ms_client_mode = crc
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
mon_tick_interval = 1
mon_data_avail_crit = 0
mon_data_avail_warn = 0
mon_allow_pool_size_one = true
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_max_pg_per_osd = 1000
run_dir = {root}
admin_socket =
pid_file =
log_to_file = false
mon_cluster_log_to_file = false
log_to_stderr = true
err_to_stderr = true
mon_data = {root}/mon
osd_data = {root}/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_op_num_shards = 2
osd_op_num_threads_per_shard = 1
[client.rgw.a]
rgw_data = {root}/rgw
rgw_frontends = beast endpoint=127.0.0.1:{port}
rgw_enable_apis = s3
rgw_dns_name =
rgw_thread_pool_size = 64
"""


class CephUnavailable(RuntimeError):
    """Ceph cannot be started here; the message says how to get it."""


def require_programs() -> None:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        raise CephUnavailable(
            f"The tests need a second, independent S3 server, and {', '.join(missing)} is not here. Debian or "
            "Ubuntu: `sudo apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common`; "
            "Ceph's servers run on Linux only: elsewhere run the tests in a container (`debian:12`). "
            "`make test` installs them by itself where it may."
        )


@dataclass
class Ceph:
    """A private server; a context manager. `kill_gateway` and `start_gateway` are for tests of crashes."""

    directory: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="pc-ceph-")))
    port: int = field(default_factory=free_port)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        require_programs()
        cluster, store = str(uuid4()), str(uuid4())
        monitor_port = free_port()
        text = CONFIGURATION.format(
            fsid=cluster, root=self.directory, monitor_port=monitor_port, port=self.port
        )
        (self.directory / "ceph.conf").write_text(text)
        for part in ("mon", "osd", "rgw"):
            (self.directory / part).mkdir()
        monitors = str(self.directory / "monmap")
        place = f"[v2:127.0.0.1:{monitor_port}]"
        self._do("monmaptool", "--create", "--fsid", cluster, "--addv", "a", place, monitors)
        self._do("ceph-mon", "-i", "a", "--mkfs", "--monmap", monitors)
        self._run("ceph-mon", "-i", "a")
        self._do("ceph", "osd", "new", store)
        self._do("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        self._run("ceph-osd", "-i", "0")
        self.start_gateway()
        self._do(
            "radosgw-admin", "user", "create", "--uid=tests", "--display-name=tests",
            f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}",
        )  # fmt: skip

    def start_gateway(self) -> None:
        """Returns when it answers."""
        gateway = self._run("radosgw", "-n", "client.rgw.a")
        deadline = time.monotonic() + STARTED_WITHIN_S
        while True:
            try:
                httpx2.get(self.endpoint_url)
            except httpx2.TransportError as error:
                if gateway.poll() is not None or time.monotonic() > deadline:
                    raise CephUnavailable(f"radosgw did not start: {self._log('radosgw')}") from error
                time.sleep(PAUSE_S)
            else:
                return

    def kill_gateway(self) -> None:
        """As a power cut would: `kill -9`."""
        gateway = self._running.pop("radosgw")
        gateway.kill()
        gateway.wait()

    def stop(self) -> None:
        """A second call does nothing."""
        for name in reversed(list(self._running)):
            process = self._running.pop(name)
            # Nothing of it is kept: there is no need to wait for an orderly end.
            process.kill()
            process.wait(STOPPED_WITHIN_S)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _do(self, *command: str) -> None:
        done = subprocess.run(
            [*command, *self._configuration(command[0])],
            capture_output=True, text=True, check=False, timeout=STARTED_WITHIN_S, env=_environment(),
        )  # fmt: skip
        if done.returncode != 0:
            raise CephUnavailable(
                f"{' '.join(command)} failed:\n{done.stderr.strip()}\n{self._log('ceph-mon')}"
            )

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        """A daemon that the kernel ends with this process, however that ends."""
        with (self.directory / f"{command[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command, *self._configuration(command[0]), "-f"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=_environment(),
                start_new_session=True,  # Ctrl-C is for the tests
            )  # fmt: skip
        self._running[command[0]] = process
        return process

    def _configuration(self, program: str) -> list[str]:
        return [] if program == "monmaptool" else ["-c", str(self.directory / "ceph.conf")]

    def _log(self, name: str) -> str:
        log = self.directory / f"{name}.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""


@contextmanager
def shared_ceph(run: Path) -> Iterator[str]:
    """The endpoint of the server that all processes with this directory share; the first to come starts it.

    Each user holds a lock that the kernel takes back when the process ends. The keeper waits to have it alone.
    """
    require_programs()
    with _held(run / "ceph.users", fcntl.LOCK_SH):
        with _held(run / "ceph.starting", fcntl.LOCK_EX):
            endpoint_url = _running_one(run) or _start_keeper(run)
        yield endpoint_url


def keep(run: Path) -> None:
    """Run the server until nobody uses it."""
    with Ceph() as ceph:
        _state(run).write_text(json.dumps({"endpoint_url": ceph.endpoint_url, "pid": os.getpid()}))
        print(ceph.endpoint_url, flush=True)  # noqa: T201 (the answer)
        with _held(run / "ceph.users", fcntl.LOCK_EX):
            _state(run).unlink(missing_ok=True)


def _running_one(run: Path) -> str | None:
    try:
        found = json.loads(_state(run).read_text())
        httpx2.get(found["endpoint_url"], timeout=STOPPED_WITHIN_S)
    except (FileNotFoundError, httpx2.TransportError):
        return None
    endpoint_url: str = found["endpoint_url"]
    return endpoint_url


def _start_keeper(run: Path) -> str:
    log = run / "ceph-keeper.log"
    with log.open("wb") as errors:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.support.ceph", str(run)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
        )  # fmt: skip
    assert keeper.stdout is not None
    endpoint_url = keeper.stdout.readline().decode().strip()
    keeper.stdout.close()
    if not endpoint_url:
        raise CephUnavailable(f"Ceph did not start: {log.read_text()[-3000:]}")
    keeper.returncode = 0  # it outlives us; nobody waits for it here
    return endpoint_url


@contextmanager
def _held(path: Path, how: int) -> Iterator[IO[bytes]]:
    with path.open("ab") as file:
        fcntl.flock(file, how)
        yield file


def _state(run: Path) -> Path:
    return run / "ceph.json"


def _environment() -> dict[str, str]:
    """Not ours: `ceph` is a program of the system's Python."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
