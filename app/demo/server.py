"""The product in a process of its own, with data of its own, as the command line starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

import app
from app.demo.account import Unexpected

READY_S = 180.0
PAUSE_S = 0.1
GOODBYE_S = 30.0
FINE = frozenset({"debug", "info"})
EARLY_PROBE = "not ready"  # told to whoever asks before everything is up
PREFIX = "PLAINCLOTHES_"
COMMAND = (sys.executable, "-m", "app.cli")
SOURCE = Path(app.__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where commands run. `directory` is theirs alone; only the settings given here count unless `inherits`."""

    directory: Path
    settings: Mapping[str, str]
    inherits: bool = False

    def environment(self) -> dict[str, str]:
        own = {f"{PREFIX}{name.upper()}": value for name, value in self.settings.items()}
        around = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251 (handed on to a child, nothing is read from it)
            if self.inherits or not name.startswith(PREFIX)
        }
        return {**around, **own, "PYTHONPATH": str(SOURCE)}

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as file:
            return subprocess.Popen(  # noqa: S603 - our own command
                [*COMMAND, *arguments],
                cwd=self._home,
                env=self.environment(),
                stdout=file,
                stderr=file,
                start_new_session=True,  # ctrl-C is for us: we stop it in order
            )

    def run(self, arguments: Sequence[str]) -> str:
        """What a command prints. Raises `Unexpected` when it fails."""
        done = subprocess.run(  # noqa: S603 - our own command
            [*COMMAND, *arguments],
            cwd=self._home,
            env=self.environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise Unexpected(f"plainclothes {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    @property
    def _home(self) -> Path | None:
        """Away from any `.env`, unless the settings in force are wanted."""
        return None if self.inherits else self.directory


@contextmanager
def serving(surroundings: Surroundings, *, port: int, log: Path) -> Iterator[str]:
    """The address of a server that is ready; it is stopped at the end, by its process id."""
    process = surroundings.start("serve", "--port", str(port), log=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, address, log)
        yield address
    finally:
        _stop(process)


def complaints(log: Path) -> list[str]:
    """What the server found worth a warning, or worse, and what was written past its log."""
    return [line for line in log.read_text(encoding="utf-8").splitlines() if _level(line) not in FINE]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + READY_S
    answer = "nothing"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Unexpected(f"the server ended with {process.returncode}; its log: {log}")
        try:
            response = httpx2.get(f"{address}/readyz", timeout=PAUSE_S + 5)
        except httpx2.TransportError:
            time.sleep(PAUSE_S)
            continue
        if response.is_success:
            return
        answer = response.text
        time.sleep(PAUSE_S)
    raise Unexpected(
        f"the server was not ready within {READY_S:.0f} s; /readyz said: {answer}; its log: {log}"
    )


def _level(line: str) -> str:
    try:
        told = json.loads(line)
        return "info" if told["event"] == EARLY_PROBE else str(told["level"])
    except (ValueError, TypeError, KeyError):
        return "not of the log"


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(GOODBYE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
