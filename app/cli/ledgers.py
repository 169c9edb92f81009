"""`plainclothes ledger`: who played which recording, in a chain that shows tampering (D10.3)."""

import typer

from app.cli.surroundings import prepare_database, read_settings, run
from app.cli.terminal import BAD_INPUT, Output, complain, print_json
from app.recordings.ledger import ChainReport, verify

app = typer.Typer(
    help="Look after the ledger of plays.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def ledger() -> None:
    """Look after the ledger of plays."""


@app.command(name="verify")
def verify_all() -> None:
    """Recompute every organisation's chain of plays; fail when an entry was changed, put in or taken out."""
    settings = read_settings()
    prepare_database(settings)
    chains = run(lambda: verify(settings))
    print_json([_shown(chain) for chain in chains])
    broken = [chain for chain in chains if not chain.is_whole]
    for chain in broken:
        complain(f"{chain.organisation_id}: broken at entry {chain.broken_at}: {chain.fault}")
    if broken:
        raise typer.Exit(BAD_INPUT)


def _shown(chain: ChainReport) -> dict[str, Output]:
    return {
        "organisation_id": str(chain.organisation_id),
        "entries": chain.entries,
        "is_whole": chain.is_whole,
        "broken_at": chain.broken_at,
        "fault": chain.fault,
    }
