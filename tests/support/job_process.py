"""A worker process for tests that kill it: `python -m tests.support.job_process URL EXECUTOR_ID [RESTARTS]`."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from app.kit.clock import utc_now
from app.kit.database import Database
from app.kit.jobs import Jobs, Resources, runtime
from app.kit.storage.s3 import S3Settings, S3Storage
from app.settings import Settings
from app.webhooks import jobs as webhooks
from tests.support import job_workflows
from tests.support.jobs import BRISK
from tests.support.waiting import DEADLINE_S

ROOT = Path(__file__).parents[2]


def resources(database: Database) -> Resources:
    """With an object store that is never asked."""
    storage = S3Storage(S3Settings("http://127.0.0.1:9", "unused", access_key="a", secret_key="b"))
    return Resources(database=database, storage=storage, settings=Settings(_env_file=None), clock=utc_now)


class WorkerProcess:
    """A context manager around a worker in a process of its own; killed at the end if it still runs."""

    def __init__(self, url: str, executor_id: str, *, restarts: int = runtime.RESTARTS) -> None:
        self._arguments = [url, executor_id, str(restarts)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.support.job_process", *self._arguments],
            cwd=ROOT,
            env={**os.environ, "PLAINCLOTHES_ENVIRONMENT": "development"},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """`kill -9`: no clean-up of any kind."""
        self._process.kill()
        self._process.wait(DEADLINE_S)

    def terminate(self) -> int:
        """Ask it to end, as a service manager does; its exit status."""
        self._process.terminate()
        return self._process.wait(DEADLINE_S)


async def _work(url: str, executor_id: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(url)
    jobs = Jobs(resources(database), executor_id=executor_id, concurrency=2, pace=BRISK)
    await jobs.launch()
    await stop.wait()
    await jobs.shutdown(grace_s=0.1)
    await database.dispose()


if __name__ == "__main__":
    assert job_workflows.three_steps is not None
    assert webhooks.deliver is not None
    runtime.RESTARTS = int(sys.argv[3])
    asyncio.run(_work(sys.argv[1], sys.argv[2]))
