"""Alive and ready: what a service manager and a load balancer ask."""

import asyncio
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from app.kit import guards, migrations
from app.kit.database import Database
from app.kit.floor import SchemaFloor
from app.kit.jobs import enqueue
from tests.support.databases import sqlite_url


class TestHealth:
    async def test_the_process_is_alive(self, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/healthz")

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    async def test_it_is_ready_on_a_migrated_database(self, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/readyz")

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    async def test_it_names_what_does_not_answer(self, app: FastAPI, client: httpx2.AsyncClient) -> None:
        async def refuse() -> str | None:
            raise ConnectionRefusedError

        app.state.readiness = {**app.state.readiness, "object store": refuse}
        answer = await client.get("/readyz")

        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "not-ready"
        assert answer.json()["missing"] == {"object store": "does not answer"}


class TestMetrics:
    async def test_requests_are_counted_by_route_template(self, client: httpx2.AsyncClient) -> None:
        for address in ("/healthz", "/healthz", "/v1/no/such", "/v1/nor/such"):
            await client.get(address)
        await client.request("BREW", "/healthz")
        answer = await client.get("/metrics")

        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = answer.text
        assert 'http_requests_total{method="GET",route="/healthz",status="200"} 2.0' in text
        assert 'http_requests_total{method="GET",route="unmatched",status="404"} 2.0' in text
        assert 'http_requests_total{method="other",route="/healthz",status="405"} 1.0' in text
        assert 'http_request_duration_seconds_count{method="GET",route="/healthz"} 2.0' in text

    async def test_jobs_are_among_the_numbers(self, app: FastAPI, client: httpx2.AsyncClient) -> None:
        async with app.state.database.writing() as session:
            await enqueue(session, "nobody.works_this")
        answer = await client.get("/metrics")

        assert 'jobs{queue="light",status="enqueued"} 1.0' in answer.text


class TestMigrated:
    async def test_an_empty_database_is_told_what_to_do(self, empty_database_url: str) -> None:
        database = Database(empty_database_url)
        answer = await migrations.missing(database)
        await database.dispose()

        assert answer is not None
        assert "revision None" in answer
        assert "plainclothes migrate" in answer

    async def test_the_first_migration_makes_the_directory(self, tmp_path: Path) -> None:
        url = sqlite_url(tmp_path / "not" / "there" / "yet.sqlite")
        await asyncio.to_thread(migrations.upgrade, url)
        database = Database(url)
        answer = await migrations.missing(database)
        await database.dispose()

        assert answer is None

    async def test_lost_guards_are_noticed(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A SQLite table rebuild drops triggers without a word."""
        lost = (("audit_is_watched", "CREATE …"),)
        monkeypatch.setitem(guards._registered, "lost", guards.Guard("audit", sqlite=lost, postgresql=lost))
        database = Database(database_url)
        answer = await migrations.missing(database)
        await database.dispose()

        assert answer == "the database lost its guards audit_is_watched: run `plainclothes migrate`"


class TestWhileTheNextReleaseComesIn:
    """Its migrations have run; processes of this one go on, and are started again where they die."""

    TOMORROWS = "9999_of_tomorrow"

    async def now_at(self, url: str, *, floor: str | None) -> str | None:
        """What is missing on a database of the next release; without a floor: from before there was any."""
        database = Database(url)
        async with database.engine.begin() as connection:
            await connection.execute(
                sa.text("UPDATE alembic_version SET version_num = :it"), {"it": self.TOMORROWS}
            )
            if floor is None:
                await connection.execute(sa.text("DROP TABLE schema_floor"))
            else:
                await connection.execute(sa.update(SchemaFloor).values(revision=floor))
        answer = await migrations.missing(database)
        await database.dispose()
        return answer

    async def test_they_stay_ready_where_it_only_added(self, database_url: str) -> None:
        assert await self.now_at(database_url, floor=migrations.newest()) is None

    async def test_guards_are_the_next_ones_matter(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It may have put others in place of them, which this code does not know."""
        gone = (("audit_was_watched", "CREATE …"),)
        monkeypatch.setitem(guards._registered, "gone", guards.Guard("audit", sqlite=gone, postgresql=gone))

        assert await self.now_at(database_url, floor=migrations.newest()) is None

    @pytest.mark.parametrize("floor", [TOMORROWS, None], ids=["took-away", "says-nothing"])
    async def test_they_are_not_ready_where_it(self, database_url: str, floor: str | None) -> None:
        answer = await self.now_at(database_url, floor=floor)

        assert answer is not None
        assert f"at revision {self.TOMORROWS}, which this release does not know" in answer
        assert "OPERATIONS.md" in answer
