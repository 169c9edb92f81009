"""`plainclothes jobs`: a look at the background jobs."""

from typing import Annotated

import typer

from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import Output, print_json
from app.kit.jobs import DeadJob, list_dead
from app.settings import Settings

app = typer.Typer(
    help="Look at the background jobs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def jobs() -> None:
    """Look at the background jobs."""


@app.command(name="list-dead")
def list_the_dead(*, limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100) -> None:
    """List the jobs that nobody will try again by itself, the latest first, with the reason."""
    settings = read_settings()
    prepare_database(settings)
    print_json([_shown(job) for job in run(lambda: _dead(settings, limit))])


async def _dead(settings: Settings, limit: int) -> list[DeadJob]:
    async with opened(settings) as database, database.reading() as session:
        return await list_dead(session, limit=limit)


def _shown(job: DeadJob) -> dict[str, Output]:
    return {
        "id": job.id,
        "job": job.workflow,
        "reason": job.reason,
        "attempts": job.attempts,
        "enqueued_at": job.enqueued_at.isoformat(),
        "died_at": job.died_at.isoformat(),
    }
