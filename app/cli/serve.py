"""`plainclothes serve`: the web process."""

import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, closing, contextmanager
from typing import Annotated

import structlog
import typer
import uvicorn
from fastapi import FastAPI

from app.cli.lacking import told_of_files, told_plainly
from app.cli.surroundings import prepare_database, read_settings
from app.cli.terminal import Failed
from app.kit import logs
from app.kit.clock import Clock, utc_now
from app.kit.patience import patient
from app.main import create_app
from app.settings import Settings

log = structlog.get_logger(__name__)

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
    """Serve until SIGINT or SIGTERM. Raises `Failed` when it cannot begin."""
    logs.configure(settings.log_level)
    with closing(listening(settings)) as place:
        prepare_database(settings)
        signal.signal(
            signal.SIGTERM, lambda *_: sys.exit(0)
        )  # uvicorn raises the signal again after its goodbyes
        allow_files(settings.max_connections + OTHER_FILES)
        application = create_app(settings, clock=clock)
        config = uvicorn.Config(
            application,
            host=settings.host,
            port=settings.port,
            http=patient(settings),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GOODBYE_S,
        )
        server = Server(config, application)
        try:
            with told_plainly(), told_of_files():
                server.run(sockets=[place])
        except KeyboardInterrupt:
            sys.exit(0)


class Server(uvicorn.Server):
    """Begins and ends the application's lifespan itself: what fails there is raised, where uvicorn would log a traceback."""

    def __init__(self, config: uvicorn.Config, application: FastAPI) -> None:
        super().__init__(config)
        self._application = application
        self._lifespan = AsyncExitStack()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        lifespan = self._application.router.lifespan_context(self._application)
        await self._lifespan.enter_async_context(lifespan)
        try:
            with told_of_port(self.config.host, self.config.port):
                await super().startup(sockets)
        except BaseException:
            await self._lifespan.aclose()
            raise
        for place in sockets or ():
            host, port, *_ = place.getsockname()
            log.info("serving", host=host, port=port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().shutdown(sockets)
        finally:
            await self._lifespan.aclose()


def listening(settings: Settings) -> socket.socket:
    """The place where clients will be heard, taken before anything else is begun. Raises `Failed`."""
    place = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with told_of_port(settings.host, settings.port), ExitStack() as unless_taken:
        unless_taken.enter_context(place)
        place.bind((settings.host, settings.port))
        unless_taken.pop_all()
    return place


@contextmanager
def told_of_port(host: str, port: int) -> Iterator[None]:
    """What the system says of a place where nobody may listen is `Failed`."""
    try:
        yield
    except OSError as problem:
        raise Failed(
            f"cannot listen on port {port} of {host}: {problem.strerror}: "
            "choose others by PLAINCLOTHES_PORT and PLAINCLOTHES_HOST, or end what has them"
        ) from problem


def allow_files(wanted: int) -> None:
    """Raise what the process may have open, as far as the system lets it: usual are 1,024, connections included."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
