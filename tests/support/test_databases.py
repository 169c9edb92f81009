"""What the database fixtures promise to every other test."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from app.kit.database import Database
from tests.support import postgres
from tests.support.databases import Backend
from tests.support.postgres import SUPERUSER, PostgresServer, PostgresUnavailable

ROOT = Path(__file__).parents[2]


class TestDatabaseUrl:
    async def test_each_test_gets_a_database_of_its_kind_that_it_can_write_to(
        self, backend: Backend, database_url: str
    ) -> None:
        database = Database(database_url)
        async with database.writing() as session:
            await session.execute(sa.text("CREATE TABLE scribble (n INTEGER)"))
            await session.execute(sa.text("INSERT INTO scribble VALUES (1)"))
        await database.dispose()

        assert database.engine.dialect.name == backend

    async def test_what_another_test_wrote_is_not_there(self, database_url: str) -> None:
        database = Database(database_url)
        async with database.engine.connect() as connection:
            tables = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        await database.dispose()

        assert "scribble" not in tables

    async def test_it_stands_at_the_newest_revision(self, database_url: str) -> None:
        newest = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
        database = Database(database_url)
        async with database.engine.connect() as connection:
            revision = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        await database.dispose()

        assert newest is not None
        assert revision == newest

    async def test_an_empty_database_has_no_tables(self, empty_database_url: str) -> None:
        database = Database(empty_database_url)
        async with database.engine.connect() as connection:
            tables = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        await database.dispose()

        assert tables == []


class TestPostgresServer:
    def test_ends_by_itself_when_the_test_run_is_killed(self) -> None:
        code = (
            "import signal; from tests.support.postgres import PostgresServer\n"
            "with PostgresServer() as server: print(server.directory, flush=True); signal.pause()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as run:
            assert run.stdout is not None
            directory = run.stdout.readline().strip()
            with psycopg.connect(host=directory, user=SUPERUSER, dbname="postgres") as connection:
                run.kill()

                with pytest.raises(psycopg.OperationalError, match=r"terminating|closed the connection"):
                    connection.execute("SELECT pg_sleep(60)")

    def test_without_the_programs_the_failure_names_the_way_to_get_them(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres, "PLACES", ())
        monkeypatch.setenv("PATH", "/nowhere")

        with pytest.raises(PostgresUnavailable, match="apt-get install postgresql"):
            PostgresServer()
