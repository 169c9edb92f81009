"""From the first release to this one and back, with a row in every table; what the release before writes is still taken."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.kit import guards
from app.kit.jobs import is_engine_table
from tests.support import statements
from tests.support.databases import Backend, migrate, migrate_down

FIRST_RELEASE = "0010_planning"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\)")
ONE_OF = re.compile(r"\(?\(?\"?(\w+)\"?\)?(?:::text)?\s*(?:IN \(|= ANY \(+ARRAY\[)\s*'(\w+)'")

# What a CHECK wants that is more than one of a list; by table.
FITTING: Mapping[str, Mapping[str, object]] = {
    "regions": {"name_en": "South"},
    "tiers": {"name_en": "Flagship"},
    "outlets": {"name_en": "Hall"},
    "plans": {"seconds": 60},
    "score_revisions": {"total_micro": 66_666_667},
}
VALUES: Sequence[tuple[type[sa.types.TypeEngine[Any]], object]] = (
    (sa.Uuid, uuid4()),
    (sa.Boolean, True),
    (sa.JSON, {}),
    (sa.Date, AT.date()),
    (sa.LargeBinary, b"bytes"),
    (sa.Integer, 1),
    (sa.Numeric, 1),
    (sa.Float, 1),
)

Rows = dict[str, dict[str, object]]


@pytest.fixture
def old(empty_database_url: str) -> Iterator[sa.Engine]:
    """The first release's database."""
    migrate(empty_database_url, to=FIRST_RELEASE)
    engine = engine_of(empty_database_url)
    yield engine
    engine.dispose()


def engine_of(database_url: str) -> sa.Engine:
    url = sa.make_url(database_url)
    return sa.create_engine(
        url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url, poolclass=sa.NullPool
    )


def tables(engine: sa.Engine) -> list[sa.Table]:
    """Ours, parents first."""
    metadata = sa.MetaData()
    metadata.reflect(engine, only=lambda name, _: not is_engine_table(name) and name != "alembic_version")
    return list(metadata.sorted_tables)


def filled(engine: sa.Engine, written: Sequence[sa.Table] = ()) -> Rows:
    """A row in every table, and what it was; written as by code that knows the tables `written` and their columns."""
    made: Rows = {}
    inspector = sa.inspect(engine)
    for table in written or tables(engine):
        checks = {
            found[1]: found[2]
            for check in inspector.get_check_constraints(table.name)
            for found in [ONE_OF.search(check["sqltext"])]
            if found
        }
        row = {column.name: _value(column, checks, made) for column in table.columns}
        made[table.name] = {**row, **FITTING.get(table.name, {})}
        with engine.begin() as connection:
            connection.execute(table.insert().values(made[table.name]))
    return made


def _value(column: sa.Column[Any], checks: Mapping[str, str], made: Rows) -> object:
    """Something the column takes; nothing where nothing is taken too."""
    key = next((one for one in column.foreign_keys if one.column.table.name in made), None)
    if column.nullable:
        return None
    if key is not None:
        return made[key.column.table.name][key.column.name]
    if column.name in checks:
        return checks[column.name]
    return _of_type(column.type)


def _of_type(kind: sa.types.TypeEngine[Any]) -> object:
    if isinstance(kind, sa.DateTime):
        return AT if kind.timezone else AT.replace(tzinfo=None)
    if isinstance(kind, sa.String):
        return uuid4().hex[: kind.length]
    return next(value for known, value in VALUES if isinstance(kind, known))


def kept(engine: sa.Engine, rows: Rows) -> Rows:
    """What now stands in the columns that were filled."""
    found: Rows = {}
    for table in tables(engine):
        if table.name in rows:
            columns = [table.c[name] for name in rows[table.name]]
            with engine.connect() as connection:
                found[table.name] = dict(connection.execute(sa.select(*columns)).mappings().one())
    return found


class TestUpgrade:
    def test_from_the_first_release_keeps_every_row_and_so_does_the_way_back(
        self, old: sa.Engine, empty_database_url: str
    ) -> None:
        rows = filled(old)
        assert len(rows) > 50

        migrate(empty_database_url)
        assert kept(old, rows) == rows
        with old.connect() as connection:
            assert guards.missing(connection) == []

        migrate_down(empty_database_url, to=FIRST_RELEASE)
        assert kept(old, rows) == rows

        migrate(empty_database_url)
        assert kept(old, rows) == rows

    def test_takes_what_the_first_release_writes_and_takes_nothing_away(
        self, old: sa.Engine, empty_database_url: str
    ) -> None:
        """Expand, backfill, contract: web processes of the release before go on working on the new tables."""
        before = {table.name: set(table.columns.keys()) for table in tables(old)}
        writes = tables(old)

        migrate(empty_database_url)

        after = {table.name: table.columns for table in tables(old)}
        assert {name: columns - set(after[name].keys()) for name, columns in before.items()} == {
            name: set() for name in before
        }
        assert filled(old, writes).keys() == before.keys()

    def test_does_not_go_back_where_proofs_of_deletion_would_be_lost(self, empty_database_url: str) -> None:
        """D10.4: the release before has no words for what was deleted."""
        migrate(empty_database_url)
        engine = engine_of(empty_database_url)
        known = {table.name: table for table in tables(engine)}
        made = filled(engine, [known[name] for name in ("organisations", "programmes")])

        def written(name: str, **fitting: object) -> object:
            row = {column.name: _value(column, {}, made) for column in known[name].columns} | fitting
            with engine.begin() as connection:
                connection.execute(known[name].insert().values(row))
            return row["id"]

        bulletin = written(
            "bulletins",
            kind="covert",
            cadence="weekly",
            scope="network",
            last_on=AT.date() + timedelta(days=6),
            subject_id=made["organisations"]["id"],
        )
        written("tombstones", retention_class="bulletin", start_event="ready", bulletin_id=bulletin)

        with pytest.raises(RuntimeError, match="1 tombstones of files and bulletins would be lost"):
            migrate_down(empty_database_url, to=FIRST_RELEASE)

        with engine.connect() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(known["tombstones"])) == 1
        engine.dispose()


def left_open(engine: sa.Engine, said: Sequence[str]) -> list[str]:
    """Columns that rows must have by now, and that an INSERT among the statements does not know."""
    needed = {
        table.name: {
            column.name
            for column in table.columns
            if not (
                column.nullable or column.server_default is not None or column is table.autoincrement_column
            )
        }
        for table in tables(engine)
    }
    written = [(found[1], set(found[2].split(", "))) for found in map(INSERT.match, said) if found]
    return sorted({f"{name}.{column}" for name, known in written for column in needed[name] - known})


class TestTheReleaseBefore:
    """Its web processes go on working while the next one's migrations have already run: expand, then contract.

    What they say was heard when the release was made (`tests.support.hearing`). That every table, column, type and
    target of a conflict in it is still there, and that no row needs a value it does not bring, is shown here for each
    migration from then on; that the old values also satisfy a new CHECK is not.
    """

    def test_is_understood_in_all_that_it_says(self, database_url: str, backend: Backend) -> None:
        engine = engine_of(database_url)
        assert statements.releases() != []
        for release in statements.releases():
            said = statements.said_by(release)[str(backend)]
            assert len({found[1] for found in map(INSERT.match, said) if found}) > 50
            assert len(said) > 500
            assert (statements.not_understood(engine, said), left_open(engine, said)) == ({}, []), release
        engine.dispose()

    def test_would_not_be_where_a_column_got_another_name_or_rows_needed_one_more(
        self, database_url: str, backend: Backend
    ) -> None:
        engine = engine_of(database_url)
        said = statements.said_by(statements.releases()[0])[str(backend)]
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE visits RENAME COLUMN planned_on TO day")

        refused = statements.not_understood(engine, said)

        assert len(refused) > 5
        assert all("planned_on" in why for why in refused.values())
        assert left_open(engine, said) == ["visits.day"]
        engine.dispose()
