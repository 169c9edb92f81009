"""The processes of compose.yaml, started by hand: its commands and its settings, on this machine's database and object store."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.command import MODULE, ROOT
from tests.support.s3 import S3Server
from tests.support.serving import Served, free_port

VARIABLE = re.compile(r"\$\{(\w+)(?::(?P<how>[?-])(?P<other>[^}]*))?\}")
MIGRATED_WITHIN_S = 240
GOODBYE_S = 60


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


@contextmanager
def composed(directory: Path, *, database_url: str, objects: S3Server) -> Iterator[Composed]:
    """Migrated, then started; stopped in order at the end. What the names `database` and `objects` lead to is given here."""
    given = {
        "PLAINCLOTHES_SECRET_KEY": "a secret key of a test, long enough to be one",
        "PLAINCLOTHES_S3_ACCESS_KEY": objects.access_key,
        "PLAINCLOTHES_S3_SECRET_KEY": objects.secret_key,
        "PLAINCLOTHES_S3_BUCKET": f"composed-{os.getpid()}",
        "PLAINCLOTHES_S3_PUBLIC_ENDPOINT": objects.endpoint_url,
        "POSTGRES_PASSWORD": "of the test",
    }
    here = {
        "PLAINCLOTHES_DATABASE_URL": database_url,
        "PLAINCLOTHES_S3_ENDPOINT": objects.endpoint_url,
        "PLAINCLOTHES_HOST": "127.0.0.1",
    }

    def settings(service: str, **own: str) -> dict[str, str]:
        around = {name: value for name, value in os.environ.items() if not name.startswith("PLAINCLOTHES_")}
        of_file = {
            name: filled_in(text, given)
            for name, text in services_of_compose()[service]["environment"].items()
        }
        return {**around, **of_file, **here, "PLAINCLOTHES_DATA_DIR": str(directory / "var" / service), **own}

    migrated = subprocess.run(
        [*MODULE, *services_of_compose()["migrate"]["command"]],
        env=settings("migrate"),
        cwd=directory,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=MIGRATED_WITHIN_S,
    )
    assert migrated.returncode == 0, migrated.stderr
    with ExitStack() as stack:

        def start(service: str) -> Served:
            port = free_port()
            command = [*MODULE, *services_of_compose()[service]["command"]]
            around = settings(service, PLAINCLOTHES_PORT=str(port))
            log = directory / f"{service}.log"
            process = stack.enter_context(_running(command, around, directory, log))
            return Served(process, f"http://127.0.0.1:{port}", log)

        yield Composed(start("web"), start("worker"), settings("web"))


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
