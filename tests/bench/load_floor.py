"""The floor under a submission: the statements it makes, sent again by a bare script that thinks of nothing."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import sqlalchemy as sa

from app.kit.database import Database, prepare_sqlite

CHAIN = "INSERT INTO audit_links"


@dataclass(frozen=True, slots=True)
class Said:
    """One statement as the driver got it."""

    text: str
    parameters: Any
    is_many: bool


@contextmanager
def listening(database: Database) -> Iterator[list[Said]]:
    """What is said to the database while the block runs."""
    heard: list[Said] = []

    def hear(
        _connection: Any, _cursor: Any, text: str, parameters: Any, _context: Any, is_many: bool
    ) -> None:
        heard.append(Said(text, parameters, is_many))

    engine = database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def floor_per_s(database: Database, heard: Sequence[Said], about: UUID, visits: Sequence[UUID]) -> float:
    """How often in a second the same can be said of other visits, one after the other over one connection."""
    made = made_by(heard)
    run = _on_sqlite if database.is_sqlite else _on_postgresql
    with run(database) as transaction:
        begun = time.perf_counter()
        for number, visit in enumerate(visits):
            swap = {about: visit, **{one: uuid4() for one in made}}
            transaction([_told_of(one, swap, number + 1) for one in heard])
        return round(len(visits) / (time.perf_counter() - begun), 1)


def made_by(heard: Sequence[Said]) -> set[UUID]:
    """The ids that it made: they first come up where a row is put in."""
    known: set[UUID] = set()
    made: set[UUID] = set()
    for one in heard:
        named = set(_ids_in(one.parameters))
        (made if one.text.startswith("INSERT") else known).update(named - known - made)
    return made


def _ids_in(value: Any) -> Iterator[UUID]:
    if isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, UUID):
        yield value
    elif isinstance(value, str):
        if len(value) == 32 and all(digit in "0123456789abcdef" for digit in value):
            yield UUID(value)
    elif isinstance(value, Sequence) or type(value).__name__ == "dict_values":
        for one in value:
            yield from _ids_in(one)


def _told_of(said: Said, swap: Mapping[UUID, UUID], number: int) -> Said:
    parameters = _swapped(said.parameters, swap)
    if said.text.startswith(CHAIN):
        parameters = _counted_on(said.text, parameters, number)
    return Said(said.text, parameters, said.is_many)


def _swapped(value: Any, swap: Mapping[UUID, UUID]) -> Any:
    if isinstance(value, Mapping):
        return {name: _swapped(one, swap) for name, one in value.items()}
    if isinstance(value, UUID):
        return swap.get(value, value)
    if isinstance(value, str):
        ids = list(_ids_in(value))
        return swap[ids[0]].hex if ids and ids[0] in swap else value
    if isinstance(value, (list, tuple)):
        return type(value)(_swapped(one, swap) for one in value)
    return value


def _counted_on(text: str, parameters: Any, number: int) -> Any:
    """A place further on in the chain for every row."""
    if isinstance(parameters, Mapping):
        return {
            name: one + 1000 * number if name.startswith("number") else one
            for name, one in parameters.items()
        }
    if parameters and isinstance(parameters[0], (tuple, list, Mapping)):
        return [_counted_on(text, row, number) for row in parameters]
    columns = [one.strip() for one in text[text.index("(") + 1 : text.index(")")].split(",")]
    at = columns.index("number")
    return tuple(
        one + 1000 * number if place % len(columns) == at else one for place, one in enumerate(parameters)
    )


@contextmanager
def _on_postgresql(database: Database) -> Iterator[Callable[[Sequence[Said]], None]]:
    url = database.url
    with psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database) as connection:

        def transaction(all_of_it: Sequence[Said]) -> None:
            with connection.cursor() as cursor:
                for one in all_of_it:
                    if one.is_many:
                        cursor.executemany(one.text, one.parameters)
                    else:
                        cursor.execute(one.text, one.parameters)
            connection.commit()

        yield transaction


@contextmanager
def _on_sqlite(database: Database) -> Iterator[Callable[[Sequence[Said]], None]]:
    with closing(sqlite3.connect(str(database.url.database))) as connection:
        prepare_sqlite(connection, None)

        def transaction(all_of_it: Sequence[Said]) -> None:
            connection.execute("BEGIN IMMEDIATE")
            for one in all_of_it:
                if one.text.startswith("BEGIN"):
                    continue
                if one.is_many:
                    connection.executemany(one.text, one.parameters)
                else:
                    connection.execute(one.text, one.parameters).fetchall()
            connection.commit()

        yield transaction
