"""Rows by the hundred thousand, made by the database out of one that is there: for plans and for measuring.

await multiply(session, Visit, like=Visit.id == case, times=20_000, id=numbered(1), planned_on=days(...))

Every column is that of the row copied but for those named, whose values are made of a running number.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.orm import Base

Made = Callable[["Numbers"], sa.ColumnElement[Any]]


class Numbers:
    """The running number from 1 on, and what either database makes of it."""

    def __init__(self, times: int, *, is_sqlite: bool) -> None:
        first = sa.select(sa.literal(1, sa.Integer).label("n")).cte("numbers", recursive=True)
        self.table = first.union_all(sa.select(first.c.n + 1).where(first.c.n < times))
        self.is_sqlite = is_sqlite

    @property
    def n(self) -> sa.ColumnElement[int]:
        return self.table.c.n


def numbered(kind: int, *, of: int | None = None) -> Made:
    """An id: the same for the same kind and number; with `of`, only so many different ones."""

    def made(numbers: Numbers) -> sa.ColumnElement[Any]:
        n = numbers.n if of is None else numbers.n % of + 1
        if numbers.is_sqlite:
            return sa.func.printf(f"{kind:08x}00004000%016x", n)
        head = f"{kind:08x}-0000-4000-"
        digits = sa.func.lpad(sa.func.to_hex(n), 16, "0")
        tail = sa.func.left(digits, 4).concat("-").concat(sa.func.right(digits, 12))
        return sa.cast(sa.literal(head).concat(tail), sa.Uuid())

    return made


def the_id(kind: int, number: int) -> UUID:
    """What `numbered` makes of a number."""
    return UUID(f"{kind:08x}00004000{number:016x}")


def days(first: date, *, over: int) -> Made:
    """Days from the first on, over and over."""

    def made(numbers: Numbers) -> sa.ColumnElement[Any]:
        step = numbers.n % over
        if numbers.is_sqlite:
            return sa.func.date(first.isoformat(), sa.cast(step, sa.Text).concat(" days"))
        return sa.cast(sa.literal(first, sa.Date()) + step, sa.Date())

    return made


def instants(first: datetime, *, over: int) -> Made:
    """Minutes from an instant on, over and over."""

    def made(numbers: Numbers) -> sa.ColumnElement[Any]:
        step = numbers.n % over
        if numbers.is_sqlite:
            minutes = sa.cast(step, sa.Text).concat(" minutes")
            start = first.strftime("%Y-%m-%d %H:%M:%S")
            return sa.func.strftime("%Y-%m-%d %H:%M:%S.000000", start, minutes)
        return sa.literal(first, sa.DateTime(timezone=True)) + sa.func.make_interval(0, 0, 0, 0, 0, step)

    return made


def text(prefix: str) -> Made:
    return lambda numbers: sa.literal(prefix).concat(sa.cast(numbers.n, sa.Text))


def same(value: Any) -> Made:
    return lambda _: sa.literal(value)


async def multiply(
    session: AsyncSession, table: type[Base], like: sa.ColumnElement[bool], *, times: int, **made: Made
) -> None:
    """So many copies of the one row that is alike. A column that the database counts up is left to it."""
    numbers = Numbers(times, is_sqlite=session.get_bind().dialect.name == "sqlite")
    counted = sa.inspect(table).local_table.autoincrement_column  # type: ignore[attr-defined]
    columns = [one for one in table.__table__.columns if one is not counted]
    given = [made[one.key](numbers) if one.key in made else one for one in columns]
    rows = sa.select(*given).select_from(table.__table__).join(numbers.table, sa.true()).where(like)
    await session.execute(sa.insert(table).from_select([one.key for one in columns], rows))
