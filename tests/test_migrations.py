"""The migrations build exactly the tables the code works with, and the rules the database itself must hold."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.audit.chain import TRAIL
from app.audit.models import AuditEntry, AuditLink
from app.identity.models import Organisation
from app.kit import guards
from app.kit.chains import verify_all
from app.kit.database import Database
from app.kit.ids import new_id
from app.tables import metadata
from tests.support.databases import MIGRATIONS, migrate
from tests.support.world import MONDAY


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    """A connection to a freshly migrated database, through the synchronous driver."""
    url = sa.make_url(database_url)
    if url.get_backend_name() == "sqlite":
        url = url.set(drivername="sqlite")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def constraints(kind: type[sa.Constraint]) -> set[tuple[str, str]]:
    """(table, name) of every constraint of a kind that the code declares."""
    return {
        (table.name, str(constraint.name))
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, kind)
    }


class TestUpgrade:
    def test_leads_to_one_newest_revision(self) -> None:
        assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1

    def test_builds_the_tables_columns_and_indexes_of_the_code(self, connection: sa.Connection) -> None:
        def ours(name: str | None, kind: str, _parents: object) -> bool:
            return kind != "table" or name in metadata.tables  # the job library keeps tables of its own

        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours})

        assert len(metadata.tables) > 5
        assert compare_metadata(context, metadata) == []

    def test_builds_every_check_constraint_of_the_code(self, connection: sa.Connection) -> None:
        # Alembic does not compare these, and a forgotten one would be noticed only by bad data.
        inspector = sa.inspect(connection)
        built = {
            (table, str(check["name"]))
            for table in metadata.tables
            for check in inspector.get_check_constraints(table)
        }

        assert built == constraints(sa.CheckConstraint)

    def test_names_every_constraint_so_that_its_violation_can_be_told(self) -> None:
        named = constraints(sa.Constraint)

        assert len(named) > 10
        assert [where for where in named if where[1] == "None"] == []

    def test_puts_the_guards_in_place(self, connection: sa.Connection) -> None:
        assert guards.missing(connection) == []

    def test_may_be_run_again(self, database_url: str, connection: sa.Connection) -> None:
        migrate(database_url)

        assert guards.missing(connection) == []


class TestAuditChain:
    """Revision 0016 gives what was written down before it a place in the chain."""

    async def test_old_entries_are_chained_oldest_first(self, empty_database_url: str) -> None:
        migrate(empty_database_url, to="0015_events")
        database = Database(empty_database_url)
        home, later, early = new_id(), new_id(), new_id()
        async with database.writing() as session:
            await session.execute(
                sa.insert(Organisation).values(id=home, slug="northwind", name="Northwind", created_at=MONDAY)
            )
            for identity, day in ((later, 2), (early, 1)):
                await session.execute(
                    sa.insert(AuditEntry).values(
                        id=identity,
                        organisation_id=home,
                        actor_id=None,
                        action="outlet.entered",
                        subject_id=home,
                        details={"zh": "营业厅", "n": 1.0},
                        at=MONDAY + timedelta(days=day),
                    )
                )

        migrate(empty_database_url)

        async with database.reading() as session:
            (report,) = await verify_all(session, TRAIL)
            order = await session.scalars(sa.select(AuditLink.entry_id).order_by(AuditLink.number))
            assert (report.is_whole, report.entries, list(order)) == (True, 2, [early, later])
        await database.dispose()
