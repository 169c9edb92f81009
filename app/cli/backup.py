"""`plainclothes backup`: an installation on one machine, as files."""

from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from app.cli.storing import reached
from app.cli.surroundings import read_settings, run
from app.cli.terminal import Failed, print_json
from app.kit import backup as copying
from app.kit.clock import utc_now
from app.settings import Settings

DIRECTORY = typer.Argument(help="Where the backup is; the same one each time saves copying what is there.")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def backup(directory: Annotated[Path, DIRECTORY]) -> None:
    """Copy the embedded database and all recordings, while the product runs or not.

    Not copied: the settings, with the secret under which webhooks' secrets are sealed, and mails that were caught.
    """
    settings = read_settings()
    database = embedded(settings)
    if not database.is_file():
        raise Failed(f"there is no database at {database}")
    print_json(asdict(done(lambda: back_up(settings, database, directory))))


def done(work: Callable[[], Coroutine[None, None, copying.Summary]]) -> copying.Summary:
    """What a copy came to. Raises `Failed` with the reason when it could not be made."""
    try:
        return run(work)
    except (copying.BackupUnusable, copying.NotEmpty) as problem:
        raise Failed(str(problem)) from problem


async def back_up(settings: Settings, database: Path, directory: Path) -> copying.Summary:
    async with reached(settings) as resources:
        return await copying.back_up(database, resources.storage, directory, now=utc_now())


def embedded(settings: Settings) -> Path:
    """The file of the database. Raises `Failed` for one that is a server's."""
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Failed("this is for the embedded database; for PostgreSQL and S3 see OPERATIONS.md")
    return Path(url.database)
