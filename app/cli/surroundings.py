"""What a command needs besides files: settings, and a database this code can work on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import SettingsError

from app import tables  # noqa: F401 (a foreign key takes its type from the table it refers to: all must be there)
from app.cli.lacking import told_of_files, told_plainly
from app.cli.terminal import Failed
from app.events import moving
from app.kit import migrations
from app.kit.database import Database
from app.settings import Settings

Result = TypeVar("Result")


def read_settings(**given: object) -> Settings:
    """The settings in force; what is given and not None goes before the environment. Raises `Failed`."""
    try:
        return Settings.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as problem:
        raise Failed("\n".join(_line(error["loc"], error["msg"]) for error in problem.errors())) from problem
    except SettingsError as problem:
        raise Failed(str(problem)) from problem


def prepare_database(settings: Settings) -> None:
    """Bring the embedded database up to date; any other must be already, or it is `Failed` with the way out.

    One process alone may migrate a shared database, and when is the operator's decision.
    """
    if not settings.database_url:
        migrate(settings)
    else:
        run(lambda: _require_migrated(settings))


def migrate(settings: Settings) -> None:
    """Bring the database to the newest revision. Raises `Failed` when that cannot be."""
    with told_plainly(), told_of_files():
        migrations.upgrade(settings.database)


def run(work: Callable[[], Coroutine[None, None, Result]]) -> Result:
    """Run a command's asynchronous part; a database or an object store that does not answer is `Failed`."""
    with told_plainly():
        return asyncio.run(work())


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database)
    try:
        yield database
    finally:
        await database.dispose()


async def _require_migrated(settings: Settings) -> None:
    async with opened(settings) as database:
        await migrations.require(database)
        await moving.require_at_home(database)


def _line(where: tuple[int | str, ...], message: str) -> str:
    named = f"PLAINCLOTHES_{str(where[0]).upper()}: " if where else ""
    return f"{named}{message.removeprefix('Value error, ')}"
