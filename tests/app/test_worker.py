"""The job-only process, as a service manager runs it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.kit.database import Database
from app.kit.jobs import count_jobs, enqueue, queries
from tests.support.s3 import S3Server
from tests.support.waiting import DEADLINE_S, eventually
from tests.support.worker import worker, worker_environment


@pytest.fixture
def environment(s3_server: S3Server, tmp_path: Path) -> dict[str, str]:
    return worker_environment(s3_server, tmp_path / "var")


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
