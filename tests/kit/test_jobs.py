"""Background jobs within one process: declared, enqueued with the business change, worked, scheduled, forgotten."""

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.kit.clock import utc_now
from app.kit.database import Database
from app.kit.jobs import (
    Jobs,
    Pace,
    Resources,
    Run,
    WorkerNameTaken,
    count_jobs,
    engine,
    enqueue,
    list_dead,
    retention,
    workflow,
)
from app.kit.jobs.declare import DECLARED, Declared
from app.kit.jobs.leases import leases
from app.tables import metadata
from tests.support.databases import Backend, postgres_copy
from tests.support.job_process import resources
from tests.support.job_workflows import let_go, mark, marks
from tests.support.jobs import jobs_done, working
from tests.support.postgres import PostgresServer
from tests.support.waiting import until


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.dispose()


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "trace"


async def put(database: Database, workflow: str, *args: str, workflow_id: str | None = None) -> str:
    async with database.writing() as session:
        return await enqueue(session, workflow, *args, workflow_id=workflow_id)


class TestEnqueue:
    async def test_the_job_runs_after_the_commit(self, database: Database, trace: Path) -> None:
        async with working(resources(database)):
            await put(database, "test.mark", str(trace), "done")

            await until(lambda: marks(trace) == ["done"])

    async def test_a_roll_back_takes_the_job_with_it(self, database: Database, trace: Path) -> None:
        async with working(resources(database)):
            async with database.opened() as session:
                await enqueue(session, "test.mark", str(trace), "never")
                await session.rollback()
            await put(database, "test.mark", str(trace), "after")

            await jobs_done(database)

        assert marks(trace) == ["after"]

    async def test_the_same_id_twice_runs_once(self, database: Database, trace: Path) -> None:
        await put(database, "test.mark", str(trace), "first", workflow_id="only-one")
        await put(database, "test.mark", str(trace), "second", workflow_id="only-one")

        async with working(resources(database)):
            await until(lambda: marks(trace) == ["first"])
            await put(database, "test.mark", str(trace), "third", workflow_id="only-one")
            await put(database, "test.mark", str(trace), "last")
            await until(lambda: "last" in marks(trace))

        assert marks(trace) == ["first", "last"]

    async def test_waiting_jobs_are_counted_by_queue(self, database: Database, trace: Path) -> None:
        await put(database, "test.mark", str(trace), "one")
        await put(database, "test.mark", str(trace), "two")

        async with database.reading() as session:
            counts = await count_jobs(session)

        assert [(each.queue, each.status, each.count) for each in counts] == [("light", "enqueued", 2)]

    async def test_a_workflow_has_one_declaration(self) -> None:
        with pytest.raises(ValueError, match=r"test\.mark"):
            workflow("test.mark")(DECLARED["test.mark"].function)


class TestFailure:
    async def test_a_refusal_is_not_tried_again_and_is_visible_as_dead(self, database: Database) -> None:
        started = utc_now()
        identity = await put(database, "test.refused")
        async with working(resources(database)):
            await jobs_done(database)

        async with database.reading() as session:
            (dead,) = await list_dead(session)

        assert (dead.id, dead.workflow, dead.attempts) == (identity, "test.refused", 1)
        assert dead.reason == "StepFailed: Conflict: the outlet is closed"
        assert started - timedelta(seconds=1) <= dead.enqueued_at <= dead.died_at <= utc_now()

    async def test_a_workflow_may_go_on_after_a_failed_step(self, database: Database, trace: Path) -> None:
        await put(database, "test.copes", str(trace))
        async with working(resources(database)):
            await until(lambda: len(marks(trace)) == 2)

        assert marks(trace) == ["Conflict:-the-outlet-is-closed", "list"]


class TestSchedule:
    async def test_it_fires_by_itself(
        self, database: Database, trace: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def tick(run: Run) -> None:
            mark(str(trace), "tick")

        monkeypatch.setitem(
            DECLARED, "test.tick", Declared("test.tick", tick, "* * * * * *", engine.Queue.LIGHT)
        )
        async with working(resources(database)):
            await until(lambda: len(marks(trace)) >= 2)

    async def test_one_that_is_no_longer_declared_is_gone(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def never(run: Run) -> None:
            raise AssertionError

        monkeypatch.setitem(
            DECLARED, "test.old", Declared("test.old", never, "0 0 1 1 *", engine.Queue.LIGHT)
        )
        async with working(resources(database)):
            before = await schedules(database)
        monkeypatch.delitem(DECLARED, "test.old")
        async with working(resources(database)):
            after = await schedules(database)

        assert before - after == {"test.old"}
        assert "jobs.forget_finished" in after


class TestRetention:
    async def test_jobs_that_ended_long_ago_are_forgotten(self, database: Database, trace: Path) -> None:
        await put(database, "test.mark", str(trace), "old")
        await put(database, "test.refused")
        async with working(resources(database)):
            await jobs_done(database)
            here = resources(database)
            at_once = await retention.forget(Run("x", here))
            later = await retention.forget(Run("x", _later(here, retention.KEPT_FOR)))

        assert (at_once, later) == (0, 2)
        async with database.reading() as session:
            assert await list_dead(session) == []

    async def test_what_ran_well_by_itself_is_forgotten_after_a_day(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, trace: Path
    ) -> None:
        ticks = Declared("test.mark", DECLARED["test.mark"].function, "0 0 1 1 *", engine.Queue.LIGHT)
        await put(database, "test.mark", str(trace), "tick")
        await put(database, "test.refused")
        async with working(resources(database)):
            await jobs_done(database)
            monkeypatch.setitem(DECLARED, "test.mark", ticks)
            here = resources(database)
            at_once = await retention.forget(Run("x", here))
            later = await retention.forget(Run("x", _later(here, retention.TICKS_KEPT_FOR)))

        assert (at_once, later) == (0, 1)


class TestProcess:
    async def test_two_processes_cannot_have_one_name(self, database: Database) -> None:
        """Both would recover, and repeat, what the other is doing."""
        async with working(resources(database)):
            twin = Jobs(
                resources(database), executor_id="here", concurrency=2, pace=Pace(wait_for_name_s=0.0)
            )
            with pytest.raises(WorkerNameTaken, match="PLAINCLOTHES_EXECUTOR_ID"):
                await twin._take_name()

    async def test_a_name_lost_with_its_connection_is_taken_again(
        self, postgres_server: PostgresServer, postgres_template: str
    ) -> None:
        """PostgreSQL was restarted, or a firewall cut the connection that held the lock."""
        with postgres_copy(postgres_server, postgres_template) as url:
            database = Database(url)
            mine, twins = leases(database), leases(database)
            assert await mine.hold("here")
            async with database.engine.connect() as connection:
                holders = sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                )
                await connection.execute(holders)

            assert await mine.hold("here")
            assert not await twins.hold("here")
            await mine.release()
            assert await twins.hold("here")
            await twins.release()
            await database.dispose()

    async def test_the_loop_has_its_threads_back_after_shutdown(self, database: Database) -> None:
        async with working(resources(database)):
            pass

        assert await asyncio.to_thread(lambda: "still there") == "still there"

    async def test_nothing_is_logged_in_ordinary_life(
        self, database: Database, trace: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            async with working(resources(database)):
                await put(database, "test.three_steps", str(trace))
                await until(lambda: marks(trace) == ["one", "two"])

        assert [record.getMessage() for record in caplog.records if record.name == "dbos"] == []

    async def test_a_job_whose_end_could_not_be_noted_is_taken_up_again_by_the_living(
        self, database: Database, trace: Path
    ) -> None:
        """As the crash of a database leaves it: running, of a process that lives and knows nothing of it."""
        rows = "workflow_status" if database.is_sqlite else f"{engine.SCHEMA}.workflow_status"
        async with working(resources(database)):
            async with database.writing() as session:
                job = await enqueue(session, "test.mark", str(trace), "done")
                left = (
                    f"UPDATE {rows} SET status = 'PENDING', executor_id = 'here' WHERE workflow_uuid = :job"  # noqa: S608 (ours)
                )
                await session.execute(sa.text(left), {"job": job})

            await until(lambda: marks(trace) == ["done"])
            await jobs_done(database)

    async def test_an_interrupted_job_is_finished_by_the_next_process(
        self, database: Database, trace: Path
    ) -> None:
        await put(database, "test.three_steps", str(trace))
        async with working(resources(database)):
            await until(lambda: marks(trace) == ["one", "two"])
        let_go(trace)

        async with working(resources(database)):
            await until(lambda: "three" in marks(trace))

        assert marks(trace) == ["one", "two", "two", "three"]


class TestMigration:
    async def test_its_tables_are_told_from_ours(self, database: Database, backend: Backend) -> None:
        """Otherwise a generated migration would drop them."""
        async with database.engine.connect() as connection:
            names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        theirs = {name for name in names if engine.is_engine_table(name)}

        assert set(names) - theirs == {"alembic_version", *metadata.tables}
        match backend:
            case Backend.SQLITE:
                assert "workflow_status" in theirs
            case Backend.POSTGRESQL:
                assert theirs == set()  # they have a schema of their own


async def schedules(database: Database) -> set[str]:
    def names() -> set[str]:
        client = engine.open_client(database.url)
        try:
            return {schedule["schedule_name"] for schedule in client.list_schedules()}
        finally:
            client.destroy()

    return await asyncio.to_thread(names)


def _later(here: Resources, span: timedelta) -> Resources:
    return dataclasses.replace(here, clock=lambda: utc_now() + span)
