"""Engines and sessions for SQLite and PostgreSQL, with one promise: a writer never fails because another wrote.

A *write* session on SQLite starts with `BEGIN IMMEDIATE` behind an in-process lock (SQLite's own waiting sleeps
and is unfair); a *read* session is deferred and sees one snapshot. On PostgreSQL both are ordinary transactions.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

Result = TypeVar("Result")

BUSY_TIMEOUT_MS = 15_000  # another process (a worker) may hold the file for one transaction
RETRIES_AFTER_DEADLOCK = 5
SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,  # beyond all patience
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
POSTGRESQL_AWAY = ("08", "53", "57P")  # no connection, no room, shutting down or starting up
DEADLOCK, SERIALIZATION_FAILURE = "40P01", "40001"


class Database:
    """The database of one process. `dispose()` when done."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writers = async_sessionmaker(
            self.engine, expire_on_commit=False, execution_options={"begin": "IMMEDIATE"}
        )
        self._write_lock = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads; whatever it changed is rolled back."""
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[AsyncSession]:
        """A write session whose transaction the caller ends: it must commit, or everything is rolled back."""
        async with self._turn_to_write(), self._writers() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back by an exception."""
        async with self.opened() as session:
            yield session
            await session.commit()

    async def transact(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """Run `work` in one transaction, again after a deadlock with another writer.

        For background jobs; requests are retried by their callers. Raises what `work` raises.
        """
        for attempt in range(RETRIES_AFTER_DEADLOCK):
            try:
                async with self.writing() as session:
                    return await work(session)
            except DBAPIError as error:
                if not lost_a_deadlock(error) or attempt == RETRIES_AFTER_DEADLOCK - 1:
                    raise
        raise AssertionError("unreachable")

    async def dispose(self) -> None:
        await self.engine.dispose()

    def _turn_to_write(self) -> AbstractAsyncContextManager[object]:
        return self._write_lock if self.is_sqlite else nullcontext()


def lost_a_deadlock(error: DBAPIError) -> bool:
    """Whether PostgreSQL chose this transaction as the victim; running it again is safe."""
    return getattr(error.orig, "sqlstate", None) in {DEADLOCK, SERIALIZATION_FAILURE}


def is_away(error: DBAPIError) -> bool:
    """Whether the database could not be asked, or hung up before it answered; what was asked may have been done."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode & 0xFF in SQLITE_AWAY
    code = getattr(error.orig, "sqlstate", None)
    never_connected = code is None and isinstance(error.orig, psycopg.OperationalError)
    return never_connected or str(code).startswith(POSTGRESQL_AWAY)


def violated_constraint(error: DBAPIError) -> str | None:
    """The name of the constraint or trigger that refused a statement, or a text that contains it (SQLite).

    SQLite names CHECK constraints and our triggers, and for unique ones the columns: `UNIQUE constraint failed: t.c`.
    """
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return str(diagnostics.constraint_name) if diagnostics.constraint_name else None
    return str(error.orig) if error.orig is not None else None


def _postgresql_engine(url: sa.URL) -> AsyncEngine:
    return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)


def _sqlite_engine(url: sa.URL) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, pool_size=8, max_overflow=8, hide_parameters=True)
    sa.event.listen(engine.sync_engine, "connect", prepare_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def prepare_sqlite(
    connection: DBAPIConnection | sqlite3.Connection, _entry: ConnectionPoolEntry | None
) -> None:
    """Set a fresh SQLite connection up: write-ahead log, foreign keys, patience, and transactions that we begin."""
    connection.isolation_level = None  # the driver must not begin transactions by itself
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    how = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {how}")
