"""`plainclothes demo`: one visit, whole, on real input."""

import shutil
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import httpx2
import typer

from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import Failed, complain
from app.client.uploading import PartRefused
from app.demo import phone, seed, story
from app.demo.account import Account, Unexpected
from app.demo.client import visitors
from app.demo.clips import ClipFailed, find_ffmpeg
from app.demo.server import Surroundings, free_port, serving
from app.identity.queries import organisation_slugs
from app.kit.clock import utc_now
from app.settings import Environment, Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

LOG = "server.log"
FAILURES = (Unexpected, ClipFailed, PartRefused, httpx2.HTTPError)


@app.command()
def demo(
    *,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Put the demo data into the database of the settings, once, and serve it."
        ),
    ] = False,
    directory: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Work here and leave everything there to look at.", show_default=False
        ),
    ] = None,
) -> None:
    """Walk one visit through, from assignment to publication, against a server started for it.

    Everything goes over HTTP, as the supervisor, the inspector, the reviewer, the outlet manager and the auditor.
    Fails at the first thing that is not as it should be. Data and server are gone afterwards, unless told otherwise.
    """
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # so that our server is stopped too
    if serve:
        _serve_with_demo_data(read_settings())
    elif directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        _play_apart(directory.absolute())
    else:
        place = Path(tempfile.mkdtemp(prefix="plainclothes-demo-"))
        _play_apart(place)
        shutil.rmtree(place)


def _play_apart(directory: Path) -> None:
    """With data of its own, and none of the settings around."""
    port = free_port()
    settings = {
        "data_dir": str(directory / "var"),
        "host": "127.0.0.1",
        "port": str(port),
        "s3_port": "0",
        "executor_id": "demo",
    }
    _play(Surroundings(directory, settings), port=port, directory=directory, organisation=seed.SLUG)


def _serve_with_demo_data(settings: Settings) -> None:
    if settings.environment is Environment.PRODUCTION:
        raise Failed(
            "demo data has log-ins that everybody knows: refused with PLAINCLOTHES_ENVIRONMENT=production"
        )
    prepare_database(settings)
    slugs = run(lambda: _slugs(settings))
    mark = seed.seeded(settings)
    if mark is None and seed.wants_seed(slugs):
        mark = _seed(settings, seed.free_slug(slugs))
    print(f"\nPlainclothes   {settings.address}\nthe API        {settings.address}/docs")
    for line in seed.log_ins(mark) if mark else ["no demo data: the database holds organisations already"]:
        print(line)
    print("ctrl-C stops it; what is in the database stays\n", flush=True)
    from app.cli.serve import serve_with  # noqa: PLC0415 - the story above needs no web framework in this process

    serve_with(settings)


def _seed(settings: Settings, organisation: str) -> seed.Mark:
    print("The database is empty: playing one visit through, so that there is something to look at.")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    directory = settings.data_dir.absolute()
    around = Surroundings(directory, {}, inherits=True)
    _play(around, port=settings.port, directory=directory, organisation=organisation)
    return seed.remember(settings, organisation)


def _play(around: Surroundings, *, port: int, directory: Path, organisation: str) -> None:
    account = Account(sys.stdout)
    log = directory / LOG
    try:
        find_ffmpeg()  # rather now than in the middle
        with ExitStack() as stack:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="plainclothes-clips-"))
            # The clips take as long as what is set up before they are needed.
            recorded = stack.enter_context(ThreadPoolExecutor(1)).submit(phone.record, Path(scratch))
            with account.chapter("A server starts"):
                address = stack.enter_context(serving(around, port=port, log=log))
                account.shown(f"{address} is ready, with a database and an object store of its own")
            story.play(
                around,
                stack.enter_context(visitors(address)),
                organisation=organisation,
                recorded=recorded,
                log=log,
                account=account,
                clock=utc_now,
            )
    except FAILURES as failure:
        print(f"  ✗ {failure}", flush=True)
        complain(f"the demonstration failed; the server's log: {log}")
        raise typer.Exit(1) from failure
    account.times()


async def _slugs(settings: Settings) -> set[str]:
    async with opened(settings) as database, database.reading() as session:
        return await organisation_slugs(session)
