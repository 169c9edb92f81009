"""`plainclothes worker`: a process that only works background jobs."""

import typer

from app.cli.surroundings import read_settings
from app.cli.terminal import Failed
from app.kit.jobs import WorkerNameTaken
from app.kit.migrations import NotMigrated
from app.kit.resources import UnknownObjectStore
from app.kit.storage import StorageUnavailable
from app.worker import run_worker

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def worker() -> None:
    """Work background jobs until SIGINT or SIGTERM.

    Each worker needs a PLAINCLOTHES_EXECUTOR_ID of its own, which stays the same when it is restarted.
    """
    try:
        run_worker(read_settings())
    except (NotMigrated, WorkerNameTaken, UnknownObjectStore) as problem:
        raise Failed(str(problem)) from problem
    except StorageUnavailable as problem:  # a service manager starts it again
        raise Failed(f"the object store does not answer: {problem}") from problem
