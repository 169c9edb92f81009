"""The processes of compose.yaml, started by hand: its commands and its settings, on this machine's database and object store."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.command import MODULE, ROOT
from tests.support.s3 import S3Server
from tests.support.serving import Served, free_port

VARIABLE = re.compile(r"\$\{(\w+)(?::(?P<how>[?-])(?P<other>[^}]*))?\}")
MIGRATED_WITHIN_S = 240
GOODBYE_S = 60
SECRET_KEY = "a secret key of a test, long enough to be one"


@dataclass(frozen=True, slots=True)
class Composed:
    """A web process that works no jobs, and a worker. `environment` is what commands beside them need."""

    web: Served
    worker: Served
    environment: Mapping[str, str]


def services_of_compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return found


def filled_in(text: str, given: Mapping[str, str]) -> str:
    """As Compose reads a value. Raises `KeyError` for one that must be given and is not."""

    def value(found: re.Match[str]) -> str:
        if found["how"] == "-":
            return given.get(found[1]) or found["other"]
        return given[found[1]]

    return VARIABLE.sub(value, text)


@dataclass(frozen=True, slots=True)
class Composition:
    """What the services of compose.yaml are started with here; what its names `database` and `objects` lead to is given.

    `own` goes before what the file says.
    """

    directory: Path
    database_url: str
    objects: S3Server
    bucket: str = field(default_factory=lambda: f"composed-{os.getpid()}")
    own: Mapping[str, str] = field(default_factory=dict)

    def settings(self, service: str, **own: str) -> dict[str, str]:
        """The environment of a process."""
        given = {
            "PLAINCLOTHES_SECRET_KEY": SECRET_KEY,
            "PLAINCLOTHES_S3_ACCESS_KEY": self.objects.access_key,
            "PLAINCLOTHES_S3_SECRET_KEY": self.objects.secret_key,
            "PLAINCLOTHES_S3_BUCKET": self.bucket,
            "PLAINCLOTHES_S3_PUBLIC_ENDPOINT": self.objects.endpoint_url,
            "POSTGRES_PASSWORD": "of the test",
        }
        here = {
            "PLAINCLOTHES_DATABASE_URL": self.database_url,
            "PLAINCLOTHES_S3_ENDPOINT": self.objects.endpoint_url,
            "PLAINCLOTHES_HOST": "127.0.0.1",
            "PLAINCLOTHES_DATA_DIR": str(self.directory / "var" / service),
        }
        around = {name: value for name, value in os.environ.items() if not name.startswith("PLAINCLOTHES_")}
        of_file = {
            name: filled_in(text, given)
            for name, text in services_of_compose()[service]["environment"].items()
        }
        return {**around, **of_file, **here, **self.own, **own}

    def run(self, *command: str) -> str:
        """What a command prints that does its work and ends. Blocks."""
        done = subprocess.run(
            [*MODULE, *command],
            env=self.settings("migrate"),
            cwd=self.directory,
            check=False,
            capture_output=True,
            encoding="utf-8",
            timeout=MIGRATED_WITHIN_S,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def started(self, service: str) -> Iterator[Served]:
        """By its command in the file. Stopped in order at the end."""
        port = free_port()
        command = [*MODULE, *services_of_compose()[service]["command"]]
        around = self.settings(service, PLAINCLOTHES_PORT=str(port))
        log = self.directory / f"{service}.log"
        with _running(command, around, self.directory, log) as process:
            yield Served(process, f"http://127.0.0.1:{port}", log)


@contextmanager
def composed(directory: Path, *, database_url: str, objects: S3Server) -> Iterator[Composed]:
    """Migrated, then started; stopped in order at the end."""
    composition = Composition(directory, database_url, objects)
    composition.run(*services_of_compose()["migrate"]["command"])
    with composition.started("web") as web, composition.started("worker") as worker:
        yield Composed(web, worker, composition.settings("web"))


@contextmanager
def _running(
    command: list[str], environment: Mapping[str, str], directory: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, cwd=directory, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(GOODBYE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
