"""From the first release to this one and back, with a row in every table; what the release before writes is still taken."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import orm

from app.kit import guards
from app.kit.floor import SchemaFloor
from app.kit.migrations import configuration
from app.kit.orm import Base
from app.tables import metadata
from tests.support import statements
from tests.support.databases import Backend, migrate, migrate_down
from tests.support.narrowing import AT, Takes, of_type, tables

FIRST_RELEASE = "0010_planning"
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
COUNTED = 1_000_000  # what the database counts itself, where triggers write rows too
IN_PAIRS = {"recording_duplicates", "appeal_panel_members"}  # a row is of two recordings, or of two people

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


def filled(engine: sa.Engine, written: Sequence[sa.Table] = (), takes: Takes | None = None) -> Rows:
    """A row in every table, and what it was; written as by code that knows the tables `written` and their columns.

    With `takes` what CHECKs want is known, and every table of which one row can stand alone gets one.
    """
    made: Rows = {}
    inspector = sa.inspect(engine)
    for table in written or (alone(tables(engine)) if takes else tables(engine)):
        checks = {
            found[1]: found[2]
            for check in inspector.get_check_constraints(table.name)
            for found in [ONE_OF.search(check["sqltext"])]
            if found
        }
        row = {column.name: _value(column, checks, made) for column in table.columns}
        fitting = takes.plainest(table.name) if takes else FITTING.get(table.name, {})
        made[table.name] = row | {
            name: value if value is None else _referred(table.columns[name], made) or value
            for name, value in fitting.items()
            if table.columns[name] is not table.autoincrement_column  # triggers write such rows too
        }
        with engine.begin() as connection:
            there = connection.execute(sa.select(table)).mappings().one_or_none()
            if there is not None:  # the migration has put it there
                made[table.name] = dict(there)
            else:
                said = {name: one for name, one in made[table.name].items() if one is not None}
                connection.execute(table.insert().values(said))
    return made


def alone(known: Sequence[sa.Table]) -> list[sa.Table]:
    """Those of which a row needs no two others of one kind, and no row that does."""
    left_out = set(IN_PAIRS)
    for table in known:
        needed = {key.column.table.name for key in table.foreign_keys if not key.parent.nullable}
        if needed & left_out:
            left_out.add(table.name)
    return [table for table in known if table.name not in left_out]


def _value(column: sa.Column[Any], checks: Mapping[str, str], made: Rows) -> object:
    """Something the column takes; nothing where nothing is taken too."""
    if column.nullable:
        return None
    if (key := _referred(column, made)) is not None:
        return key
    if column.name in checks:
        return checks[column.name]
    if column is column.table.autoincrement_column:
        return COUNTED
    known = metadata.tables[column.table.name].columns.get(column.name)
    if known is not None and isinstance(known.type, sa.Enum):  # one that no CHECK guards
        return known.type.enums[0]
    return of_type(column.type)


def _referred(column: sa.Column[Any], made: Rows) -> object:
    """What it must be to refer to a row that was made; nothing where it refers to none."""
    keys = (one.column for one in column.foreign_keys if one.column.table.name in made)
    return next((made[key.table.name][key.name] for key in keys), None)


def kept(engine: sa.Engine, rows: Rows) -> Rows:
    """What now stands in the columns that were filled."""
    found: Rows = {}
    for table in tables(engine):
        if table.name in rows:
            row = rows[table.name]
            this = [column == row[column.name] for column in table.primary_key if column.name in row]
            asked = sa.select(*(table.c[name] for name in row)).where(*this)
            with engine.connect() as connection:
                found[table.name] = dict(connection.execute(asked).mappings().one())
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
    migration from then on; and that each value which its schema let it write is still taken, and read.
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

    def test_stays_ready_and_may_be_started_again(self, database_url: str) -> None:
        engine = engine_of(database_url)
        with engine.connect() as connection:
            floor = connection.scalar(sa.select(SchemaFloor.revision))
        script = ScriptDirectory.from_config(configuration(database_url))
        for release in statements.releases():
            known = {one.revision for one in script.walk_revisions(head=statements.revision_of(release))}
            assert floor in known, release
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

    def test_finds_its_rows_and_may_write_each_of_its_values_and_so_it_is_after_the_way_back(
        self, empty_database_url: str
    ) -> None:
        release = statements.releases()[0]
        migrate(empty_database_url, to=statements.revision_of(release))
        engine = engine_of(empty_database_url)
        before = Takes.of(engine)
        rows = filled(engine, takes=before)
        assert (len(before.members()) > 150, before.unproved()) == (True, [])

        migrate(empty_database_url)
        assert before.refused_by(engine) == []
        assert [one for one in before.members() if not is_read(*one)] == []
        assert kept(engine, rows) == rows
        assert rows.keys() <= read(engine)

        migrate_down(empty_database_url, to=statements.revision_of(release))
        assert kept(engine, rows) == rows
        migrate(empty_database_url)
        assert kept(engine, rows) == rows
        engine.dispose()

    def test_would_not_be_served_by_narrower_rules_and_each_is_named(self, database_url: str) -> None:
        engine = engine_of(database_url)
        before = Takes.of(engine, "visits", "mute_revisions")

        narrow(engine, "visits", "ck_visits_state", "'void'", "'gone'")
        narrow(engine, "mute_revisions", "ck_mute_revisions_number_counts_from_one", ">= 1", ">= 2")

        said = before.refused_by(engine)
        assert "visits.state = 'void' is refused by ck_visits_state" in said
        assert "mute_revisions.number = 1 is refused by ck_mute_revisions_number_counts_from_one" in said
        assert len(said) == 2
        engine.dispose()


def is_read(table: str, column: str, member: str) -> bool:
    """Whether the code knows what such a row says."""
    kind = metadata.tables[table].columns[column].type
    return member in kind.enums if isinstance(kind, sa.Enum) else True


def read(engine: sa.Engine) -> set[str]:
    """Tables of which the code reads every row as its own."""
    with orm.Session(engine) as session:
        return {
            str(mapper.local_table)
            for mapper in Base.registry.mappers
            if session.scalars(sa.select(mapper.class_)).all()
        }


def narrow(engine: sa.Engine, table: str, constraint: str, old: str, new: str) -> None:
    """As a migration would that forgets what the release before writes."""
    (check,) = (
        one["sqltext"] for one in sa.inspect(engine).get_check_constraints(table) if one["name"] == constraint
    )
    assert old in check
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA writable_schema = ON")
            connection.exec_driver_sql(
                "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ?",
                (check, check.replace(old, new), table),
            )
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
            connection.exec_driver_sql(
                f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({check.replace(old, new)})"
            )
