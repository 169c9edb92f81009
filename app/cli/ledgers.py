"""`plainclothes ledger`: who played which recording, in a chain that shows tampering (D10.3)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli.chains import commands
from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import BAD_INPUT, complain, print_json
from app.recordings.ledger import PLAYS
from app.recordings.screens import Screen, with_code
from app.settings import Settings

app = commands(PLAYS, of="the ledger of plays")


@app.command(name="who")
def who(
    code: Annotated[str, typer.Argument(help="The code of a watermark, as a picture of a screen shows it.")],
) -> None:
    """Tell whose player showed a watermark: who, when, what, and for which purpose."""
    settings = read_settings()
    prepare_database(settings)
    found = run(lambda: _screens(settings, code.strip().lower()))
    print_json([{name: str(value) for name, value in asdict(one).items()} for one in found])
    if not found:
        complain("No player ever showed this code.")
        raise typer.Exit(BAD_INPUT)


async def _screens(settings: Settings, code: str) -> Sequence[Screen]:
    async with opened(settings) as database, database.reading() as session:
        return await with_code(session, code)
