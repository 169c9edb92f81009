"""`plainclothes worker`: a process that only works background jobs."""

import typer

from app.cli.lacking import told_of_files, told_plainly
from app.cli.surroundings import read_settings
from app.worker import run_worker

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def worker() -> None:
    """Work background jobs until SIGINT or SIGTERM.

    Each worker needs a PLAINCLOTHES_EXECUTOR_ID of its own, which stays the same when it is restarted.
    """
    settings = read_settings()
    with told_plainly(), told_of_files():
        run_worker(settings)
