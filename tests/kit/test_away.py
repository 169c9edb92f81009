"""A database that does not answer is told apart from a mistake of ours: the same request may be sent again (D11)."""

from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from app.kit.database import Database, is_away
from tests.support.world import World, assert_problem

NOBODY_LISTENS = "postgresql+psycopg://nobody@127.0.0.1:9/nowhere"


@pytest.fixture
def unreachable(tmp_path: Path) -> list[str]:
    (tmp_path / "directory").mkdir()  # a directory is no database
    return [NOBODY_LISTENS, f"sqlite+aiosqlite:///{tmp_path / 'directory'}"]


class TestRequest:
    async def test_is_put_off_with_503_and_nothing_is_claimed_about_what_happened(
        self, app: FastAPI, client: httpx2.AsyncClient, unreachable: list[str]
    ) -> None:
        """ "Nothing was changed" could be untrue: a connection may be lost after the commit."""
        credentials = {
            "organisation": "northwind",
            "email": "ivy@northwind.example",
            "password": "of ivy's own",
        }
        for url in unreachable:
            app.state.database = Database(url)

            answer = await client.post("/v1/auth/login", json=credentials)

            problem = assert_problem(answer, 503, "unavailable")
            assert (
                problem["detail"] == "The database does not answer: send the same request again in a moment."
            )
            await app.state.database.dispose()


class TestIsAway:
    async def test_says_so_of_a_connection_that_was_ended_and_not_of_a_wrong_statement(
        self, world: World
    ) -> None:
        wrong = sa.text("SELECT no_such_column FROM organisations")
        ended = sa.text("SELECT pg_terminate_backend(pg_backend_pid())")

        assert not is_away(await _error(world.database, wrong))
        if not world.database.is_sqlite:
            assert is_away(await _error(world.database, ended))


async def _error(database: Database, statement: sa.TextClause) -> DBAPIError:
    with pytest.raises(DBAPIError) as raised:
        async with database.reading() as session:
            await session.execute(statement)
    return raised.value
