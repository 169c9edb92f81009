"""`plainclothes restore`: an installation on one machine, back from files."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.cli.backup import done, embedded
from app.cli.restoring import go_on
from app.cli.surroundings import read_settings
from app.cli.terminal import print_json
from app.kit import backup, migrations
from app.kit.resources import open_resources
from app.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def restore(directory: Annotated[Path, typer.Argument(help="What `plainclothes backup` wrote.")]) -> None:
    """Put a backup where nothing is yet: neither a database nor a recording. Every byte is compared."""
    settings = read_settings()
    database = embedded(settings)
    print_json(asdict(done(lambda: restored(settings, directory, database))))


async def restored(settings: Settings, directory: Path, database: Path) -> backup.Summary:
    async with open_resources(settings, start_embedded=True) as resources:
        summary = await backup.restore(directory, database, resources.storage)
    await asyncio.to_thread(migrations.upgrade, settings.database)  # a copy of an older release is as good
    await go_on(settings, restored=True)
    return summary
