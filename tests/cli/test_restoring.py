"""What goes on after a restore: copies on phones, and the feed of events on a server that counts by itself."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.cli.restoring import go_on
from app.cli.surroundings import prepare_database
from app.cli.terminal import Failed
from app.events import feed
from app.events.feed import BEGINNING, Position
from app.events.kinds import Kind
from app.events.service import announce
from app.identity.models import Organisation
from app.kit.database import Database
from app.kit.ids import new_id
from app.settings import Settings
from app.webhooks import queries as webhooks
from app.webhooks.fanning import fan_out
from tests.support.databases import postgres_copy
from tests.support.postgres import PostgresServer
from tests.support.tampering import tamper
from tests.support.visits import a_scene
from tests.support.world import MONDAY, World, assert_problem

AHEAD = 1_000_000  # transactions that the other server had counted


class TestCopies:
    async def test_begin_again_when_it_is_told_and_go_on_otherwise(self, world: World) -> None:
        scene = await a_scene(world)
        cursor = (await scene.ivy.get("/v1/sync")).json()["cursor"]

        told_nothing = await go_on(world.settings, restored=False)
        before = await scene.ivy.get("/v1/sync", params={"cursor": cursor})
        told = await go_on(world.settings, restored=True)
        after = await scene.ivy.get("/v1/sync", params={"cursor": cursor})

        assert (told_nothing, before.status_code, told) == (False, 200, True)
        assert_problem(after, 410, "sync-cursor-expired")


@pytest.fixture
async def brought(postgres_server: PostgresServer, postgres_template: str) -> AsyncIterator[Database]:
    """From a server that had counted more transactions: two events were told to subscribers, one was not."""
    with postgres_copy(postgres_server, postgres_template) as url:
        database = Database(url)
        home = Organisation(id=new_id(), slug="northwind", name="Northwind", created_at=MONDAY)
        async with database.writing() as session:
            session.add(home)
        for _ in range(2):
            await put(database, home.id)
        async with database.writing() as session:
            await fan_out(session, now=MONDAY)
        await put(database, home.id)
        await tamper(
            database,
            f"UPDATE events SET transaction = transaction + {AHEAD}",  # noqa: S608 (our own)
            f"UPDATE webhook_position SET transaction = transaction + {AHEAD}",  # noqa: S608
            unguarded=("events",),
        )
        yield database
        await database.dispose()


async def put(database: Database, home: UUID) -> None:
    async with database.writing() as session:
        announce(session, Kind.VISIT_LEFT, organisation_id=home, subject_id=new_id(), now=MONDAY)


async def numbers(database: Database, after: Position) -> list[int]:
    async with database.reading() as session:
        return [event.number for event in (await feed.read(session, after, limit=10)).events]


def settings_of(database: Database) -> Settings:
    return Settings(_env_file=None, database_url=database.url.render_as_string(hide_password=False))


class TestFeed:
    async def test_of_another_server_goes_on_where_it_was(self, brought: Database) -> None:
        hidden = await numbers(brought, BEGINNING)

        assert await go_on(settings_of(brought), restored=False)
        async with brought.reading() as session:
            home = (await session.scalars(sa.select(Organisation.id))).one()
            position = await webhooks.the_position(session)
            untold = Position(position.transaction, position.number)
        await put(brought, home)

        all_of_them = await numbers(brought, BEGINNING)
        assert (hidden, len(all_of_them), all_of_them) == ([], 4, sorted(all_of_them))
        assert await numbers(brought, untold) == all_of_them[2:]
        assert not await go_on(settings_of(brought), restored=False)
        with pytest.raises(IntegrityError, match="events_is_append_only"):
            await tamper(brought, "UPDATE events SET transaction = 0", unguarded=())

    def test_of_another_server_is_not_served(self, brought: Database) -> None:
        with pytest.raises(
            Failed, match=r"restored from another server: run `plainclothes migrate --restored`"
        ):
            prepare_database(settings_of(brought))

    async def test_without_that_tells_readers_of_later_times_what_is_new(self, brought: Database) -> None:
        """As after a fail-over that lost the last moments: the position of subscribers is ahead, no event is."""
        await go_on(settings_of(brought), restored=False)
        async with brought.reading() as session:
            home = (await session.scalars(sa.select(Organisation.id))).one()
            stretch = await feed.read(session, Position(AHEAD, 0), limit=10)
        await put(brought, home)

        assert stretch.events == []
        assert len(await numbers(brought, stretch.until)) == 1
