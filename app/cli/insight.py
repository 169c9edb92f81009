"""`plainclothes insight`: make the figures of published visits again, or see whether they are right."""

from uuid import UUID

import typer

from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import BAD_INPUT, Output, complain, print_json
from app.insight import assigning, checking, folding, gathering, queries_facts
from app.insight.checking import Findings
from app.kit.clock import utc_now
from app.kit.database import Database
from app.settings import Settings

app = typer.Typer(
    help="Look after the figures of published visits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def insight() -> None:
    """Look after the figures of published visits."""


@app.command()
def rebuild() -> None:
    """Make all figures again from what is published. The service may run meanwhile."""
    settings = read_settings()
    prepare_database(settings)
    print_json(run(lambda: _rebuild(settings)))


@app.command()
def check() -> None:
    """Compute all figures anew and compare; fail when one differs. What waits to be folded is no difference."""
    settings = read_settings()
    prepare_database(settings)
    found = run(lambda: _check(settings))
    print_json([_shown(one) for one in found])
    wrong = [one for one in found if not one.is_right]
    for one in wrong:
        complain(
            f"{one.organisation_id}: {len(one.wrong_visits)} visits, {one.wrong_months} months,"
            f" {one.wrong_spans} quarters or years and {one.wrong_assignments} months of assignments differ"
        )
    if wrong:
        raise typer.Exit(BAD_INPUT)


async def _rebuild(settings: Settings) -> list[Output]:
    async with opened(settings) as database:
        async with database.reading() as session:
            homes = await queries_facts.organisations_published(session)
        return [await _rebuild_one(database, home) for home in homes]


async def _rebuild_one(database: Database, home: UUID) -> dict[str, Output]:
    visits = await folding.rebuild(database, home, now=utc_now())
    await gathering.gather(database, home, now=utc_now())
    await assigning.rebuild(database, home, now=utc_now())
    return {"organisation_id": str(home), "visits": visits}


async def _check(settings: Settings) -> list[Findings]:
    async with opened(settings) as database:
        async with database.reading() as session:
            homes = await queries_facts.organisations_published(session)
        return [await checking.check(database, home) for home in homes]


def _shown(one: Findings) -> dict[str, Output]:
    return {
        "organisation_id": str(one.organisation_id),
        "visits": one.visits,
        "pending": one.pending,
        "wrong_visits": [str(visit_id) for visit_id in one.wrong_visits],
        "wrong_months": one.wrong_months,
        "wrong_spans": one.wrong_spans,
        "wrong_assignments": one.wrong_assignments,
        "is_right": one.is_right,
    }
