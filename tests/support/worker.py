"""The job-only process as a service manager runs it, for tests that end or kill it."""

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from app.kit.jobs import count_jobs, enqueue
from tests.support.line import Line
from tests.support.s3 import S3Server
from tests.support.waiting import eventually, until
from tests.support.world import World

Answer = TypeVar("Answer")
Seen = TypeVar("Seen")

PATIENCE_S = 200  # a worker imports half the world before it begins, twice

RUN = "from app.settings import Settings; from app.worker import run_worker; run_worker(Settings(_env_file=None))"


def worker_environment(server: S3Server, data_dir: Path, *, bucket: str = "worker-tests") -> dict[str, str]:
    return {
        "PLAINCLOTHES_DATA_DIR": str(data_dir),
        "PLAINCLOTHES_S3_ENDPOINT": server.endpoint_url,
        "PLAINCLOTHES_S3_BUCKET": bucket,
        "PLAINCLOTHES_S3_ACCESS_KEY": server.access_key,
        "PLAINCLOTHES_S3_SECRET_KEY": server.secret_key,
        "PLAINCLOTHES_EXECUTOR_ID": "worker-1",
    }


async def killed_midway(
    world: World,
    database_url: str,
    environment: Mapping[str, str],
    *,
    after_bytes: int,
    begin: Callable[[], Awaitable[Answer]],
    is_done: Callable[[], Awaitable[bool]],
    look: Callable[[], Awaitable[Seen]],
) -> tuple[Answer, Seen]:
    """A worker dies while it works what `begin` asks for, after so many bytes to or from the store; another ends it.

    Gives the answer of `begin`, and what `look` saw between the two.
    """
    with Line(environment["PLAINCLOTHES_S3_ENDPOINT"]) as line:
        environment = {**environment, "PLAINCLOTHES_S3_ENDPOINT": line.url}
        async with world.database.writing() as session:
            await enqueue(session, "jobs.forget_finished")
        with worker(database_url, environment) as process:
            await eventually(lambda: _is_idle(world), within_s=PATIENCE_S)
            line.stop_after(after_bytes)
            answer = await begin()
            await until(line.stopped.is_set, within_s=PATIENCE_S)
            process.kill()
        seen = await look()
        line.mend()
        with worker(database_url, environment):
            await eventually(is_done, within_s=PATIENCE_S)
    return answer, seen


async def _is_idle(world: World) -> bool:
    """It has worked a job, and asks the store nothing more by itself."""
    async with world.database.reading() as session:
        return await count_jobs(session) == []


@contextmanager
def worker(url: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", RUN],
        env={**os.environ, **environment, "PLAINCLOTHES_DATABASE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
