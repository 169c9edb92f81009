"""Bringing a database to the newest revision, and telling whether it is there."""

import asyncio
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError

from app.kit import guards
from app.kit.database import Database
from app.kit.floor import floor_of

BESIDE_THE_SOURCE = Path(__file__).parents[2] / "migrations"
IN_THE_WHEEL = Path(__file__).parents[1] / "_data" / "migrations"


class NotMigrated(Exception):
    """The database is not what this code expects; the message says what to do."""


def configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_directory()))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Bring the database at `url`, and the job engine's tables in it, to the newest revision. Blocks.

    A SQLite file and its directory are made if they are not there. Raises `NotMigrated` for a database of a newer release.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        command.upgrade(configuration(url), "head")
    except CommandError as problem:
        if isinstance(problem.__cause__, ResolutionError):
            raise NotMigrated(_of_a_newer_release(problem.__cause__.argument)) from problem
        raise


@cache
def newest() -> str:
    """The revision this code expects."""
    head = ScriptDirectory(str(_directory())).get_current_head()
    assert head is not None
    return head


async def missing(database: Database) -> str | None:
    """What keeps this code from working on that database, in words; `None` if nothing does.

    Raises SQLAlchemy's `DBAPIError` when the database does not answer.
    """
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: sa.inspect(sync).has_table("alembic_version"))
        current = (
            await connection.scalar(sa.text("SELECT version_num FROM alembic_version")) if tables else None
        )
        wanted = await asyncio.to_thread(newest)
        known = await asyncio.to_thread(_known)
        if current is not None and current not in known:  # its guards are that release's too
            return None if await floor_of(connection) in known else _of_a_newer_release(current)
        if current != wanted:
            return (
                f"the database is at revision {current}, this code needs {wanted}: run `plainclothes migrate`"
            )
        lost = await connection.run_sync(guards.missing)
    return f"the database lost its guards {', '.join(lost)}: run `plainclothes migrate`" if lost else None


async def require(database: Database) -> None:
    """Raises `NotMigrated` unless this code can work on that database."""
    lacking = await missing(database)
    if lacking is not None:
        raise NotMigrated(lacking)


@cache
def _known() -> frozenset[str]:
    """Every revision up to the newest."""
    return frozenset(one.revision for one in ScriptDirectory(str(_directory())).walk_revisions())


def _of_a_newer_release(revision: str) -> str:
    return (
        f"the database is at revision {revision}, which this release does not know: run the newer one that brought it "
        "there, or go back as OPERATIONS.md says"
    )


def _directory() -> Path:
    return BESIDE_THE_SOURCE if BESIDE_THE_SOURCE.is_dir() else IN_THE_WHEEL
