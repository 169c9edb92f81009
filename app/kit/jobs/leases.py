"""Who is alive. Every process that works jobs holds a lease on its name until it ends, however it ends.

The lease is a lock that the operating system or the database takes back by itself: no heartbeat, no clock.
"""

import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.kit.database import Database


class Leases(Protocol):
    async def hold(self, worker: str) -> bool:
        """Take the lease of our own name, or see that we still have it; False while another process has it."""

    def borrow(self, worker: str) -> AbstractAsyncContextManager[bool]:
        """Hold the lease of another worker for a moment; False if that process lives."""

    async def release(self) -> None:
        """Give our lease back."""


def leases(database: Database) -> Leases:
    if not database.is_sqlite:
        return PostgresLeases(database.engine)
    if not database.url.database or database.url.database == ":memory:":
        raise ValueError("background jobs need a database that other processes can open")
    return FileLeases(Path(f"{database.url.database}-workers"))


class PostgresLeases:
    """Advisory locks of one session, which stays open: no pooler in transaction mode may stand between."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: AsyncConnection | None = None

    async def hold(self, worker: str) -> bool:
        if self._connection is not None:
            try:
                await self._connection.execute(sa.select(1))
            except DBAPIError:  # the server was restarted, and our locks went with the session
                await self._drop()
            else:
                return True
        connection = await self._engine.connect()
        if await connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_key(worker)))):
            self._connection = connection
            return True
        await connection.close()
        return False

    @asynccontextmanager
    async def borrow(self, worker: str) -> AsyncIterator[bool]:
        assert self._connection is not None, "hold your own lease first"
        mine = bool(await self._connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_key(worker)))))
        try:
            yield mine
        finally:
            if mine:
                await self._connection.execute(sa.select(sa.func.pg_advisory_unlock(_key(worker))))

    async def release(self) -> None:
        if self._connection is not None:
            await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                await connection.invalidate()  # ends the session and with it the locks
            await connection.close()


class FileLeases:
    """Locked files beside a SQLite database, which is on one machine by nature."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._own: int | None = None

    async def hold(self, worker: str) -> bool:
        if self._own is None:
            self._own = self._lock(worker)
        return self._own is not None

    @asynccontextmanager
    async def borrow(self, worker: str) -> AsyncIterator[bool]:
        borrowed = self._lock(worker)
        try:
            yield borrowed is not None
        finally:
            if borrowed is not None:
                os.close(borrowed)

    async def release(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            os.close(own)

    def _lock(self, worker: str) -> int | None:
        self._directory.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(worker.encode()).hexdigest()[:16]
        file = os.open(self._directory / name, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return file


def _key(worker: str) -> int:
    """The number PostgreSQL locks for a name."""
    digest = hashlib.sha256(f"plainclothes worker {worker}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
