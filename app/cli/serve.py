"""`plainclothes serve`: the web process."""

import resource
import signal
import sys
from typing import Annotated

import typer
import uvicorn

from app.cli.surroundings import prepare_database, read_settings
from app.kit import logs
from app.kit.clock import Clock, utc_now
from app.kit.patience import patient
from app.main import create_app
from app.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

GOODBYE_S = 20  # for requests that are being answered when the process is told to end
OTHER_FILES = 1000  # open besides connections of clients: databases, the object store, jobs


@app.command()
def serve(
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="PLAINCLOTHES_HOST")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port to listen on.", show_default="PLAINCLOTHES_PORT"),
    ] = None,
) -> None:
    """Serve the API, and work the background jobs unless PLAINCLOTHES_RUN_JOBS is false.

    The embedded database is brought up to date first; any other is refused until `plainclothes migrate` was run.
    """
    serve_with(read_settings(host=host, port=port))


def serve_with(settings: Settings, *, clock: Clock = utc_now) -> None:
    """Serve until SIGINT or SIGTERM."""
    logs.configure(settings.log_level)
    prepare_database(settings)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(0)
    )  # uvicorn raises the signal again after its goodbyes
    allow_files(settings.max_connections + OTHER_FILES)
    config = uvicorn.Config(
        create_app(settings, clock=clock),
        host=settings.host,
        port=settings.port,
        http=patient(settings),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GOODBYE_S,
    )
    server = uvicorn.Server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        sys.exit(0)
    if not server.started:
        sys.exit(1)


def allow_files(wanted: int) -> None:
    """Raise what the process may have open, as far as the system lets it: usual are 1,024, connections included."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
