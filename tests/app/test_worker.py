"""The job-only process, as a service manager runs it."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.kit.database import Database
from app.kit.jobs import count_jobs, enqueue, queries
from tests.support.s3 import S3Server
from tests.support.waiting import DEADLINE_S, eventually

RUN = "from app.settings import Settings; from app.worker import run_worker; run_worker(Settings(_env_file=None))"


@pytest.fixture
def environment(s3_server: S3Server, tmp_path: Path) -> dict[str, str]:
    return {
        "PLAINCLOTHES_DATA_DIR": str(tmp_path / "var"),
        "PLAINCLOTHES_S3_ENDPOINT": s3_server.endpoint_url,
        "PLAINCLOTHES_S3_BUCKET": "worker-tests",
        "PLAINCLOTHES_S3_ACCESS_KEY": s3_server.access_key,
        "PLAINCLOTHES_S3_SECRET_KEY": s3_server.secret_key,
        "PLAINCLOTHES_EXECUTOR_ID": "worker-1",
    }


@contextmanager
def worker(url: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
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


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.dispose()


class TestWorker:
    async def test_it_works_jobs_until_it_is_told_to_end(
        self, database: Database, database_url: str, environment: dict[str, str]
    ) -> None:
        async with database.writing() as session:
            await enqueue(session, "jobs.forget_finished")

        async def worked() -> bool:
            async with database.reading() as session:
                return await count_jobs(session) == []

        with worker(database_url, environment) as process:
            await eventually(worked)
            process.terminate()
            _, log = process.communicate(timeout=DEADLINE_S)

        assert process.returncode == 0
        assert '"event": "working"' in log
        assert "Traceback" not in log
        async with database.reading() as session:
            assert await queries.list_dead(session) == []

    async def test_it_refuses_a_database_that_is_not_migrated(
        self, empty_database_url: str, environment: dict[str, str]
    ) -> None:
        with worker(empty_database_url, environment) as process:
            _, log = process.communicate(timeout=DEADLINE_S)

        assert process.returncode == 1
        assert "run `plainclothes migrate`" in log
