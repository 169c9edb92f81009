"""Background jobs over the death of their process: real processes, really killed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.kit.database import Database
from app.kit.jobs import DeadJob, enqueue, list_dead
from tests.support.job_process import WorkerProcess
from tests.support.job_workflows import let_go, marks
from tests.support.waiting import eventually, until


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """What a web process has that works no jobs itself."""
    database = Database(database_url)
    yield database
    await database.dispose()


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "trace"


async def put(database: Database, workflow: str, *args: str) -> str:
    async with database.writing() as session:
        return await enqueue(session, workflow, *args)


async def dead_jobs(database: Database) -> list[DeadJob]:
    async with database.reading() as session:
        return await list_dead(session)


class TestWorkerProcess:
    async def test_it_works_what_a_process_without_jobs_enqueued(
        self, database: Database, database_url: str, trace: Path
    ) -> None:
        await put(database, "test.mark", str(trace), "before")

        with WorkerProcess(database_url, "a") as worker:
            await until(lambda: marks(trace) == ["before"])
            await put(database, "test.mark", str(trace), "meanwhile")
            await until(lambda: marks(trace) == ["before", "meanwhile"])

            assert worker.terminate() == 0

    async def test_asked_to_end_it_leaves_a_long_job_to_its_successor(
        self, database: Database, database_url: str, trace: Path
    ) -> None:
        await put(database, "test.three_steps", str(trace))
        with WorkerProcess(database_url, "a") as worker:
            await until(lambda: marks(trace) == ["one", "two"])
            assert worker.terminate() == 0
        let_go(trace)

        with WorkerProcess(database_url, "a"):
            await until(lambda: "three" in marks(trace))

        assert marks(trace) == ["one", "two", "two", "three"]


class TestKill:
    async def test_finished_steps_are_not_repeated_and_the_rest_is_done(
        self, database: Database, database_url: str, trace: Path
    ) -> None:
        await put(database, "test.three_steps", str(trace))
        with WorkerProcess(database_url, "a") as worker:
            await until(lambda: marks(trace) == ["one", "two"])
            worker.kill()
        let_go(trace)

        with WorkerProcess(database_url, "a"):
            await until(lambda: "three" in marks(trace))

        assert marks(trace) == ["one", "two", "two", "three"]

    async def test_another_worker_takes_over(
        self, database: Database, database_url: str, trace: Path
    ) -> None:
        await put(database, "test.three_steps", str(trace))
        with WorkerProcess(database_url, "a") as first:
            await until(lambda: marks(trace) == ["one", "two"])
            with WorkerProcess(database_url, "b"):
                await put(database, "test.mark", str(trace), "b-is-working")
                await until(lambda: "b-is-working" in marks(trace))
                first.kill()
                let_go(trace)
                await until(lambda: "three" in marks(trace))

        assert [mark for mark in marks(trace) if mark != "b-is-working"] == ["one", "two", "two", "three"]

    async def test_a_living_worker_is_left_alone(
        self, database: Database, database_url: str, trace: Path
    ) -> None:
        await put(database, "test.three_steps", str(trace))
        with WorkerProcess(database_url, "a"):
            await until(lambda: marks(trace) == ["one", "two"])
            with WorkerProcess(database_url, "b"):
                for word in ("some", "rounds", "of", "looking"):
                    await put(database, "test.mark", str(trace), word)
                    await until(lambda word=word: word in marks(trace))  # type: ignore[misc]
                let_go(trace)
                await until(lambda: "three" in marks(trace))

        assert marks(trace).count("two") == 1


class TestPoison:
    async def test_a_job_that_kills_its_process_ends_dead_and_visible(
        self, database: Database, database_url: str, trace: Path
    ) -> None:
        identity = await put(database, "test.poison", str(trace))
        for _ in range(2):
            with WorkerProcess(database_url, "a", restarts=1) as worker:
                await until(worker.ended)
        assert await dead_jobs(database) == []

        with WorkerProcess(database_url, "a", restarts=1):
            await put(database, "test.mark", str(trace), "healthy")
            await until(lambda: "healthy" in marks(trace))
            (dead,) = await eventually(lambda: dead_jobs(database))

        assert (dead.id, dead.workflow) == (identity, "test.poison")
        assert dead.reason == "every process that worked on it ended before it was done"
        assert marks(trace).count("died") == 2
