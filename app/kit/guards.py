"""Rules the database itself holds and Alembic does not see: triggers, and exclusion constraints.

A SQLite table rebuild silently drops triggers, so guards are put (back) after every upgrade and their
presence is checked at start-up. Each statement list is idempotent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

_EXISTS = {
    "sqlite": sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"),
    "postgresql": sa.text(
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT conname FROM pg_constraint WHERE contype = 'x'"
    ),
}

_registered: dict[str, "Guard"] = {}


@dataclass(frozen=True, slots=True)
class Guard:
    """`names` are the triggers or constraints that must exist afterwards, the statements make them."""

    table: str
    sqlite: Sequence[tuple[str, str]]
    postgresql: Sequence[tuple[str, str]]

    def statements(self, dialect: str) -> Sequence[tuple[str, str]]:
        return self.sqlite if dialect == "sqlite" else self.postgresql


def register(key: str, guard: Guard) -> None:
    _registered[key] = guard


def append_only(table: str, *, changeable: Sequence[str] = ()) -> None:
    """Register triggers that refuse to change or delete rows of `table`.

    `changeable` names columns that may still change. The trigger's name, `<table>_is_append_only`, is in the error.
    """
    name = f"{table}_is_append_only"
    register(
        name,
        Guard(table, _append_only_sqlite(table, name, changeable), _append_only_pg(table, name, changeable)),
    )


def install(connection: sa.Connection) -> None:
    """Put every guard whose table is there as the code has it into the database, replacing what is there.

    A database that is upgraded only part of the way keeps the guards it had: ours name columns that are still to come.
    """
    inspector = sa.inspect(connection)
    present = {name for name in inspector.get_table_names() if _is_whole(inspector, name)}
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
    for guard in _registered.values():
        if guard.table in present:
            for _name, statement in guard.statements(connection.dialect.name):
                connection.exec_driver_sql(statement)


def lift(connection: sa.Connection) -> None:
    """Before a column goes that SQLite's triggers name: they would be errors. `plainclothes migrate` puts them back."""
    if connection.dialect.name == "sqlite":
        for guard in _registered.values():
            for name, _statement in guard.sqlite:
                if name:
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def rest(connection: sa.Connection, table: str) -> None:
    """Until `rise` in the same transaction, for what moves every row of a table alike. PostgreSQL only."""
    connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def rise(connection: sa.Connection, table: str) -> None:
    connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _is_whole(inspector: sa.Inspector, table: str) -> bool:
    from app.kit.orm import Base  # noqa: PLC0415 (the tables are complete only when a guard is installed)

    wanted = Base.metadata.tables.get(table)
    return wanted is None or {column.name for column in wanted.columns} <= {
        column["name"] for column in inspector.get_columns(table)
    }


def missing(connection: sa.Connection) -> list[str]:
    """Names of guards that should be there and are not."""
    there = set(connection.scalars(_EXISTS[connection.dialect.name]))
    wanted = [
        name
        for guard in _registered.values()
        for name, _statement in guard.statements(connection.dialect.name)
        if name
    ]
    return sorted(set(wanted) - there)


def _append_only_sqlite(table: str, name: str, changeable: Sequence[str]) -> list[tuple[str, str]]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
    statements = []
    for event in ("UPDATE", "DELETE"):
        trigger = f"{name}_{event.lower()}"
        statements.append(("", f"DROP TRIGGER IF EXISTS {trigger}"))
        when = ""
        if event == "UPDATE" and changeable:
            when = f" WHEN {_frozen_changed_sqlite(table, changeable)}"
        statements.append((trigger, f"CREATE TRIGGER {trigger} BEFORE {event} ON {table}{when} {refuse}"))
    return statements


def _frozen_changed_sqlite(table: str, changeable: Sequence[str]) -> str:
    from app.kit.orm import Base  # noqa: PLC0415 (the tables are complete only when a guard is installed)

    frozen = [column.name for column in Base.metadata.tables[table].columns if column.name not in changeable]
    return " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in frozen)


def _append_only_pg(table: str, name: str, changeable: Sequence[str]) -> list[tuple[str, str]]:
    kept = "".join(f" - '{column}'" for column in changeable)
    condition = f"to_jsonb(NEW){kept} IS DISTINCT FROM to_jsonb(OLD){kept}" if changeable else "true"
    body = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' OR ({condition}) THEN "
        f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}'; "
        f"END IF; RETURN NEW; END $$"
    )
    return [
        ("", body),
        ("", f"DROP TRIGGER IF EXISTS {name} ON {table}"),
        (
            name,
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ),
    ]
