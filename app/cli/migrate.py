"""`plainclothes migrate`: the database, brought to what this release needs."""

import typer

from app.cli.surroundings import migrate as bring_up_to_date
from app.cli.surroundings import read_settings
from app.cli.terminal import complain
from app.kit.migrations import newest

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def migrate() -> None:
    """Bring the database, and the job engine's tables in it, to the newest revision. Running it again is harmless."""
    bring_up_to_date(read_settings())
    complain(f"the database is at revision {newest()}")
