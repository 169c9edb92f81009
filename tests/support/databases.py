"""A fresh, migrated database per test, fast: the migrations run once for each server, then their result is copied."""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config

from tests.support.postgres import PostgresServer

MIGRATIONS = Path(__file__).parents[2] / "migrations"


class Backend(StrEnum):
    """The databases the product promises to work on."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def sqlite_url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


def migrate(url: str, *, to: str = "head") -> None:
    """Bring the database at `url` to the newest revision, as `plainclothes migrate` does, or to an older one."""
    command.upgrade(_configuration(url), to)


def migrate_down(url: str, *, to: str) -> None:
    """Back to an older revision."""
    command.downgrade(_configuration(url), to)


def _configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def make_sqlite_template(file: Path) -> Path:
    """A migrated SQLite file without a write-ahead log beside it, so that copying the one file is enough."""
    migrate(sqlite_url(file))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


def make_postgres_template(server: PostgresServer) -> str:
    """The name of a migrated database of `server` with no connection left open."""
    server.create("migrated")
    migrate(server.url("migrated"))
    return "migrated"


@contextmanager
def sqlite_copy(directory: Path, template: Path | None) -> Iterator[str]:
    """The URL of a copy of `template` in `directory`; without a template: of a database that does not exist yet."""
    file = directory / "plainclothes.sqlite"
    if template is not None:
        shutil.copyfile(template, file)
    yield sqlite_url(file)


@contextmanager
def postgres_copy(server: PostgresServer, template: str) -> Iterator[str]:
    """The URL of a copy of the database `template`, dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    server.create(name, template=template)
    try:
        yield server.url(name)
    finally:
        server.drop(name)
