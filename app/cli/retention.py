"""`plainclothes retention`: what will be deleted, and what no rule reaches, for whoever runs the product."""

from datetime import datetime
from typing import Annotated

import typer

from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import Output, print_json
from app.identity.queries import organisations
from app.kit.clock import utc_now
from app.retention.schemas import MOST_LINES
from app.retention.service import preview as preview_of
from app.settings import Settings

app = typer.Typer(
    help="Look at what will be deleted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DELETE = typer.Option("--delete", help="delete them for good, every version, locked or not")
ON = typer.Option(formats=["%Y-%m-%d"], help="the day until which things come to be due; today")


@app.callback()
def retention() -> None:
    """Look at what will be deleted."""


@app.command()
def preview(on: Annotated[datetime | None, ON] = None) -> None:
    """Print what will be deleted by a day, by organisation, programme and class; nothing is deleted (D10.4)."""
    settings = read_settings()
    prepare_database(settings)
    print_json(run(lambda: _previews(settings, on)))


@app.command()
def unknown(*, delete: Annotated[bool, DELETE] = False) -> None:
    """Print the originals in the store that no recording refers to, as they are left by a restore of the database (D10.4)."""
    settings = read_settings()
    prepare_database(settings)
    print_json(run(lambda: _unknown(settings, delete=delete)))


async def _unknown(settings: Settings, *, delete: bool) -> list[Output]:
    from app.cli.storing import reached  # noqa: PLC0415 (takes longer to import than the preview to run)
    from app.recordings.sweeping import list_unknown_originals  # noqa: PLC0415

    async with reached(settings) as resources:
        found = await list_unknown_originals(resources)
        for one in found if delete else ():
            await resources.storage.delete(one.key, lift_lock=True)
    return [
        {"key": one.key, "size_bytes": one.size_bytes, "arrived_at": one.modified_at.isoformat()}
        for one in found
    ]


async def _previews(settings: Settings, on: datetime | None) -> dict[str, object]:
    """By the organisation's name in addresses."""
    day = None if on is None else on.date()
    async with opened(settings) as database, database.reading() as session:
        return {
            slug: (await preview_of(session, identity, on=day, limit=MOST_LINES, now=utc_now())).model_dump(
                mode="json"
            )
            for slug, identity in (await organisations(session)).items()
        }
