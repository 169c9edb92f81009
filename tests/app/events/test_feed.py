"""Reading the feed while it is written: each event once, none missed, in one order for all readers."""

import asyncio
from uuid import UUID

from app.events import feed
from app.events.feed import BEGINNING, Position
from app.events.kinds import Kind
from app.events.service import announce
from app.identity.models import Organisation
from app.kit.database import Database
from app.kit.ids import new_id
from tests.support.databases import postgres_copy
from tests.support.postgres import PostgresServer
from tests.support.waiting import eventually
from tests.support.world import MONDAY, World

WRITERS, EACH = 8, 12


async def put(database: Database, organisation_id: UUID, subject: UUID) -> None:
    async with database.writing() as session:
        announce(session, Kind.VISIT_LEFT, organisation_id=organisation_id, subject_id=subject, now=MONDAY)


async def read(database: Database, after: Position, limit: int = 5) -> tuple[list[UUID], Position]:
    async with database.reading() as session:
        stretch = await feed.read(session, after, limit=limit)
    return [event.subject_id for event in stretch.events], stretch.until


class TestFeed:
    async def test_under_racing_writers_gives_each_event_once(self, world: World) -> None:
        home = await world.organisation("northwind")
        subjects = [new_id() for _ in range(WRITERS * EACH)]
        found: list[UUID] = []
        after = BEGINNING

        async def write(share: list[UUID]) -> None:
            for subject in share:
                await put(world.database, home.id, subject)

        async def look() -> bool:
            nonlocal after
            some, after = await read(world.database, after)
            found.extend(some)
            return len(found) >= len(subjects)

        writing = [asyncio.create_task(write(subjects[start::WRITERS])) for start in range(WRITERS)]
        await eventually(look)
        await asyncio.gather(*writing)

        assert sorted(found) == sorted(subjects)
        assert (await read(world.database, after))[0] == []

    async def test_gives_a_late_commit_with_a_lower_number_too(
        self, postgres_server: PostgresServer, postgres_template: str
    ) -> None:
        """PostgreSQL: who goes by the number alone has passed it by then."""
        with postgres_copy(postgres_server, postgres_template) as url:
            database = Database(url)
            home = Organisation(id=new_id(), slug="northwind", name="Northwind", created_at=MONDAY)
            async with database.writing() as session:
                session.add(home)
            slow, quick = new_id(), new_id()

            async with database.opened() as session:
                announce(session, Kind.VISIT_LEFT, organisation_id=home.id, subject_id=slow, now=MONDAY)
                await session.flush()  # has the lower number
                await put(database, home.id, quick)
                meanwhile, after = await read(database, BEGINNING)
                await session.commit()

            async def both() -> list[UUID] | None:
                nonlocal after
                some, after = await read(database, after)
                meanwhile.extend(some)
                return meanwhile if len(meanwhile) == 2 else None

            assert meanwhile == []
            assert await eventually(both) == [slow, quick]
            await database.dispose()
