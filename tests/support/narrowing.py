"""Whether a later schema still takes every value that an earlier one took: asked of the databases, with values from their CHECKs.

before = Takes.of(engine)            # the release's schema
migrate(...)
before.refused_by(engine)            # sentences, each with table, column and value
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from math import prod
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from app.kit.jobs import is_engine_table

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOST = 1_000  # rows that are tried for one table and one of its columns' values
SAID = 3  # sentences about one constraint
QUOTED = re.compile(r"'([^']*)'")
NUMBER = re.compile(r"(?<![\w'.])-?\d+(?![\w'.])")
SPANS = (timedelta(days=6), timedelta(days=30))
APART = re.compile(r"(\w+) <> (\w+)")
ONE, ANOTHER = uuid4(), uuid4()  # the same for all columns, so that those that must be equal are
VALUES: Sequence[tuple[type[sa.types.TypeEngine[Any]], object]] = (
    (sa.Uuid, ONE),
    (sa.Boolean, True),
    (sa.JSON, {}),
    (sa.Date, AT.date()),
    (sa.LargeBinary, b"bytes"),
    (sa.Integer, 1),
    (sa.Numeric, 1),
    (sa.Float, 1),
)

Row = dict[str, object]


def of_type(kind: sa.types.TypeEngine[Any]) -> object:
    """Something a column of this type takes."""
    if isinstance(kind, sa.DateTime):
        return AT if kind.timezone else AT.replace(tzinfo=None)
    if isinstance(kind, sa.String):
        return ONE.hex[: kind.length]
    return next(value for known, value in VALUES if isinstance(kind, known))


def tables(engine: sa.Engine) -> list[sa.Table]:
    """Ours, parents first."""
    metadata = sa.MetaData()
    metadata.reflect(engine, only=lambda name, _: not is_engine_table(name) and name != "alembic_version")
    return list(metadata.sorted_tables)


@dataclass(frozen=True)
class Ruled:
    """A table with its CHECKs by name."""

    table: sa.Table
    checks: Mapping[str, str]

    def columns_in(self, check: str) -> list[sa.Column[Any]]:
        words = set(re.findall(r"\w+", QUOTED.sub("", check)))
        return [column for column in self.table.columns if column.name in words]

    def values_of(self, column: sa.Column[Any]) -> list[object]:
        """Such as its CHECKs tell apart: the members they list, and numbers around those they name."""
        about = [check for check in self.checks.values() if column in self.columns_in(check)]
        found: list[object] = [of_type(column.type)]
        if isinstance(column.type, sa.Boolean):
            found = [True, False]
        elif isinstance(column.type, sa.Uuid | sa.String):
            if not isinstance(column.type, sa.Uuid):
                found += [one for check in about for one in QUOTED.findall(check)]
            if any(column.name in pair for check in about for pair in APART.findall(check)):
                found.append(ANOTHER if isinstance(column.type, sa.Uuid) else ANOTHER.hex)
        elif isinstance(column.type, sa.Integer | sa.Numeric | sa.Float):
            named = {int(one) for check in about for one in NUMBER.findall(QUOTED.sub("", check))}
            found += sorted({one + step for one in named for step in (-1, 0, 1)} - {1})
        elif isinstance(column.type, sa.Date | sa.DateTime) and about:
            found += [found[0] + span for span in SPANS]  # type: ignore[operator]
        return [None, *found] if column.nullable else list(dict.fromkeys(found))

    def listed(self) -> Iterator[tuple[str, str]]:
        """Every member of a list that a column's own CHECK names."""
        for check in self.checks.values():
            columns = self.columns_in(check)
            if len(columns) == 1 and isinstance(columns[0].type, sa.String):
                yield from ((columns[0].name, member) for member in QUOTED.findall(check))

    def usual(self) -> Row:
        return {one.name: None if one.nullable else of_type(one.type) for one in self.table.columns}

    def groups(self) -> list[tuple[list[str], dict[str, str]]]:
        """Columns of which CHECKs speak together, and these CHECKs: what one group says does not matter to another."""
        groups: list[set[str]] = []
        for check in self.checks.values():
            group = {one.name for one in self.columns_in(check)}
            apart = [one for one in groups if not one & group]
            groups = [*apart, group.union(*(one for one in groups if one & group))]
        return [
            (sorted(group), {name: one for name, one in self.checks.items() if self._is_of(one, group)})
            for group in groups
            if group
        ]

    def tried(self, group: Sequence[str]) -> list[Row]:
        """Every combination of the columns' values; where they are too many, some with each value."""
        choices = [self.values_of(self.table.columns[name]) for name in group]
        if prod(map(len, choices)) <= MOST:
            return [dict(zip(group, row, strict=True)) for row in product(*choices)]
        return list(_some(group, choices))

    def _is_of(self, check: str, group: set[str]) -> bool:
        return any(one.name in group for one in self.columns_in(check))


def _some(group: Sequence[str], choices: Sequence[Sequence[object]]) -> Iterator[Row]:
    draw = random.Random(0)  # noqa: S311 (the same rows each time)
    for place, own in enumerate(choices):
        for value in own:
            for _ in range(MOST // (len(group) * len(own))):
                row = [draw.choice(one) for one in choices]
                row[place] = value
                yield dict(zip(group, row, strict=True))


@dataclass(frozen=True)
class Takes:
    """Rows that a schema takes, by table, and how it declares its columns."""

    tables: Mapping[str, Ruled]
    rows: Mapping[str, Sequence[Row]]

    @classmethod
    def of(cls, engine: sa.Engine, *names: str) -> "Takes":
        """Of these tables; of all, if none are named."""
        known = {name: one for name, one in ruled(engine).items() if not names or name in names}
        return cls(known, {name: taken(engine, one) for name, one in known.items()})

    def unproved(self) -> list[str]:
        """Members of lists with which no row could be made: of them nothing would be said."""
        return [
            f"{name}.{column} = {member!r}"
            for name, one in self.tables.items()
            for column, member in one.listed()
            if not any(row[column] == member for row in self.rows[name])
        ]

    def plainest(self, table: str) -> Row:
        """A row of it that says as little as may be; empty where no CHECK has a say."""
        return _plainest(self.rows[table])

    def members(self) -> list[tuple[str, str, str]]:
        return [(name, *one) for name, known in self.tables.items() for one in known.listed()]

    def refused_by(self, engine: sa.Engine) -> list[str]:
        """What is no longer taken, each in a sentence."""
        now = ruled(engine)
        return [
            sentence
            for name, before in self.tables.items()
            for sentence in (
                *_narrower(before.table, now[name].table),
                *_refusals(engine, now[name], self.rows[name]),
            )
        ]


def ruled(engine: sa.Engine) -> dict[str, Ruled]:
    inspector = sa.inspect(engine)
    return {
        table.name: Ruled(
            table,
            {str(one["name"]): one["sqltext"] for one in inspector.get_check_constraints(table.name)},
        )
        for table in tables(engine)
    }


def taken(engine: sa.Engine, one: Ruled) -> list[Row]:
    """Rows such as the table's CHECKs let be, and each value that they tell apart in one of them at least."""
    by_group = []
    for group, checks in one.groups():
        tried = one.tried(group)
        wrong = refused(engine, one, [one.usual() | row for row in tried], checks)
        out = {number for numbers in wrong.values() for number in numbers}
        by_group.append([row for number, row in enumerate(tried) if number not in out])
    base = one.usual()
    for rows in by_group:
        base |= _plainest(rows)
    return [base | row for rows in by_group for row in rows]


def _plainest(rows: Sequence[Row]) -> Row:
    return max(rows, key=lambda row: list(row.values()).count(None), default={})


def refused(
    engine: sa.Engine, one: Ruled, rows: Sequence[Row], checks: Mapping[str, str]
) -> dict[str, list[int]]:
    """By CHECK: the numbers of the rows that it refuses. What a row does not say is what the column says by itself."""
    columns = [
        sa.Column(
            column.name, sa.JSON(none_as_null=True) if isinstance(column.type, sa.JSON) else column.type
        )
        for column in one.table.columns
        if any(column in one.columns_in(check) for check in checks.values())
    ]
    if not rows or not columns:
        return {}
    asked = sa.Table("asked", sa.MetaData(), *columns, sa.Column("asked_number", sa.Integer))
    here = [column.name for column in columns if column.name in rows[0]]
    given = [{name: row[name] for name in here} | {"asked_number": number} for number, row in enumerate(rows)]
    names = ", ".join(f'x."{column.name}"' for column in columns)
    with engine.connect() as connection:
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE asked AS SELECT {names}, 0 AS asked_number FROM {one.table.name} x WHERE 1 = 0"  # noqa: S608
        )
        connection.execute(asked.insert(), given)
        for column in columns:
            default = one.table.columns[column.name].server_default
            if column.name not in here and isinstance(default, sa.DefaultClause):
                connection.execute(asked.update().values({column.name: sa.literal_column(str(default.arg))}))
        found = {
            name: list(
                connection.scalars(
                    sa.select(asked.c.asked_number)
                    .where(sa.not_(sa.literal_column(f"({check})")))
                    .order_by(asked.c.asked_number)
                )
            )
            for name, check in checks.items()
        }
        connection.rollback()
    return found


def _refusals(engine: sa.Engine, now: Ruled, rows: Sequence[Row]) -> Iterator[str]:
    for name, numbers in refused(engine, now, rows, now.checks).items():
        told = {
            ", ".join(
                f"{now.table.name}.{column.name} = {rows[number].get(column.name)!r}"
                for column in now.columns_in(now.checks[name])
            ): None
            for number in numbers
        }
        yield from (f"{said} is refused by {name}" for said in islice(told, SAID))


def _narrower(before: sa.Table, now: sa.Table) -> Iterator[str]:
    for column in before.columns:
        after = now.columns.get(column.name)
        if after is None:
            yield f"{before.name}.{column.name} is gone"
            continue
        if column.nullable and not after.nullable:
            yield f"{before.name}.{column.name} = None is refused: the column must have a value now"
        length, room = (getattr(one.type, "length", None) for one in (column, after))
        if room is not None and (length is None or length > room):
            yield f"{before.name}.{column.name} = {'x' * 3}… of {length} characters is refused: there is room for {room}"
