"""`plainclothes migrate`: the database, brought to what this release needs."""

from typing import Annotated

import typer

from app.cli.restoring import go_on
from app.cli.surroundings import migrate as bring_up_to_date
from app.cli.surroundings import read_settings, run
from app.cli.terminal import complain
from app.kit.migrations import newest

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

RESTORED = typer.Option(
    "--restored", help="The database was just brought back from a copy; see OPERATIONS.md."
)


@app.command()
def migrate(*, restored: Annotated[bool, RESTORED] = False) -> None:
    """Bring the database, and the job engine's tables in it, to the newest revision. Running it again is harmless."""
    settings = read_settings()
    bring_up_to_date(settings)
    if run(lambda: go_on(settings, restored=restored)):
        complain("the database was restored: phones and desks begin their copies again")
    complain(f"the database is at revision {newest()}")
