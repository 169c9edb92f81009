"""`plainclothes serve`: the web process."""

import signal
import sys
from typing import Annotated

import typer
import uvicorn

from app.cli.surroundings import prepare_database, read_settings
from app.kit import logs
from app.kit.clock import Clock, utc_now
from app.main import create_app
from app.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

GOODBYE_S = 20  # for requests that are being answered when the process is told to end


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
    config = uvicorn.Config(
        create_app(settings, clock=clock),
        host=settings.host,
        port=settings.port,
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
