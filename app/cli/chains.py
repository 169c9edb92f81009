"""What the commands over hash-chained records have in common: verify, and the heads to be kept elsewhere."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import BAD_INPUT, Failed, Output, complain, print_json
from app.kit.chains import Anchor, Chain, ChainReport, anchors_of, verify_all
from app.settings import Settings

AGAINST = typer.Option(
    exists=True, dir_okay=False, help="a file that `head` wrote: the chains must still hold those entries"
)


def commands(chain: Chain, *, of: str) -> typer.Typer:
    """The commands `verify` and `head` over one kind of chain."""
    app = typer.Typer(
        help=f"Look after {of}.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def group() -> None:
        pass

    group.__doc__ = f"Look after {of}."

    @app.command()
    def verify(against: Annotated[Path | None, AGAINST] = None) -> None:
        """Recompute every organisation's chain; fail when an entry was changed, moved, put in, taken out or cut off."""
        anchors = [] if against is None else _read(against)
        settings = read_settings()
        prepare_database(settings)
        _tell(run(lambda: _verified(settings, chain, anchors)))

    @app.command()
    def head() -> None:
        """Print where each chain ends now. Keep it where nobody who writes the database can change it."""
        settings = read_settings()
        prepare_database(settings)
        print_json([_anchor(one) for one in run(lambda: _ends(settings, chain))])

    return app


def _tell(chains: Sequence[ChainReport]) -> None:
    print_json([_report(chain) for chain in chains])
    broken = [chain for chain in chains if not chain.is_whole]
    for chain in broken:
        complain(f"{chain.organisation_id}: broken at entry {chain.broken_at}: {chain.fault}")
    if broken:
        raise typer.Exit(BAD_INPUT)


async def _verified(settings: Settings, chain: Chain, anchors: Sequence[Anchor]) -> list[ChainReport]:
    async with opened(settings) as database, database.reading() as session:
        return await verify_all(session, chain, anchors=anchors)


async def _ends(settings: Settings, chain: Chain) -> list[Anchor]:
    async with opened(settings) as database, database.reading() as session:
        return await anchors_of(session, chain)


def _read(path: Path) -> list[Anchor]:
    try:
        return [
            Anchor(UUID(one["organisation_id"]), int(one["number"]), str(one["hash"]))
            for one in json.loads(path.read_text(encoding="utf-8"))
        ]
    except (ValueError, TypeError, KeyError) as problem:
        raise Failed(f"{path} does not hold what `head` prints: {problem}") from problem


def _anchor(one: Anchor) -> dict[str, Output]:
    return {"organisation_id": str(one.organisation_id), "number": one.number, "hash": one.hash}


def _report(chain: ChainReport) -> dict[str, Output]:
    return {
        "organisation_id": str(chain.organisation_id),
        "entries": chain.entries,
        "is_whole": chain.is_whole,
        "broken_at": chain.broken_at,
        "fault": chain.fault,
    }
