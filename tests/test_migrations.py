"""The migrations build exactly the tables the code works with, and the rules the database itself must hold."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.kit import guards
from app.tables import metadata
from tests.support.databases import MIGRATIONS, migrate


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
