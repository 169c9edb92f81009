"""`plainclothes upload`: bring a recording to a visit, from any machine that holds the file."""

import mimetypes
import sys
import time
from pathlib import Path
from typing import Annotated
from uuid import UUID

import httpx2
import typer
from pydantic import ValidationError

from app.cli.terminal import Failed, complain
from app.client.bringing import Article, bring
from app.client.desk import Desk, LogIn, NoApi, Refused, by_password
from app.client.patience import Patience, TryLater
from app.client.uploading import FileChanged, PartRefused, Uploader
from app.identity.schemas import LoginIn
from app.kit.ids import new_id
from app.recordings.rules import Kind, State
from app.recordings.schemas import RecordingOut
from app.recordings.upload_rules import CONTENT_TYPES

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

ANSWER_WITHIN_S = 60.0
LOOK_EVERY_S = 1.0
BAR = 30
MIB = 1024 * 1024
# What Python's own list lacks, or names in a way of its own.
SUFFIXES = {
    ".3gp": "video/3gpp",
    ".amr": "audio/amr",
    ".avi": "video/x-msvideo",
    ".flac": "audio/flac",
    ".heic": "image/heic",
    ".m4a": "audio/x-m4a",
    ".mkv": "video/x-matroska",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".ts": "video/mp2t",
    ".wav": "audio/wav",
    ".webm": "video/webm",
}
SETTLED = frozenset({State.PROCESSED, State.REJECTED})


@app.command()
def upload(
    *,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FILE")],
    visit: Annotated[UUID, typer.Option(help="Id of the visit it was made at.")],
    url: Annotated[
        str, typer.Option(envvar="PLAINCLOTHES_URL", help="Address of the server.")
    ] = "http://127.0.0.1:8080",
    token: Annotated[
        str,
        typer.Option(
            envvar="PLAINCLOTHES_TOKEN", help="An access token, for short uploads.", show_default=False
        ),
    ] = "",
    organisation: Annotated[str, typer.Option(envvar="PLAINCLOTHES_ORGANISATION", show_default=False)] = "",
    email: Annotated[str, typer.Option(envvar="PLAINCLOTHES_EMAIL", show_default=False)] = "",
    password: Annotated[  # from the environment: a command line is seen by everybody on the machine
        str, typer.Option(envvar="PLAINCLOTHES_PASSWORD", hidden=True)
    ] = "",
    code: Annotated[
        str, typer.Option(help="One-time code of those who have a second factor.", show_default=False)
    ] = "",
    medium: Annotated[
        Kind | None, typer.Option(help="What it is evidence as; else by its name.", show_default=False)
    ] = None,
    content_type: Annotated[
        str | None, typer.Option(help="Its type; else by its name.", show_default=False)
    ] = None,
    device_kind: Annotated[str, typer.Option(help="The kind of device that made it.")] = "recorder",
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Parts at once on a fast line.")] = 3,
    patience_s: Annotated[
        float, typer.Option("--patience", min=0, help="Seconds to go on while nothing gets through.")
    ] = 600.0,
    wait: Annotated[bool, typer.Option("--wait", help="Until the server has looked into it.")] = False,
) -> None:
    """Bring FILE to a visit. Call it again after whatever went wrong: it goes on where the store is.

    Logs in with --token, or with --organisation, --email and the password in PLAINCLOTHES_PASSWORD (asked for on a
    terminal). Prints the recording as JSON. Keep the file until `may_free_copy` is true.
    """
    article = _article(file, medium=medium, content_type=content_type, device_kind=device_kind)
    patience = Patience(patience_s)
    bar = _Bar(file.name) if sys.stderr.isatty() else None
    try:
        with (
            httpx2.Client(base_url=url, timeout=ANSWER_WITHIN_S) as http,
            httpx2.Client(timeout=ANSWER_WITHIN_S) as store,
        ):
            who = _log_in(
                http, token=token, organisation=organisation, email=email, password=password, code=code
            )
            desk = Desk(http, who, patience=patience)
            uploader = Uploader(desk, store, progress=bar, parallel=parallel, patience=patience)
            recording = bring(desk, uploader, visit, article, new_id=new_id).recording
            if wait:
                recording = _settled(desk, recording)
    except (Refused, NoApi, FileChanged, PartRefused) as failure:
        raise Failed(str(failure)) from failure
    except (httpx2.HTTPError, TryLater) as failure:
        raise Failed(f"{str(failure) or type(failure).__name__}: call again to go on from here") from failure
    finally:
        if bar is not None:
            bar.end()
    print(recording.model_dump_json(indent=2))
    if recording.rejected is not None:
        complain(recording.rejected.en)
        raise typer.Exit(1)


def _article(path: Path, *, medium: Kind | None, content_type: str | None, device_kind: str) -> Article:
    if path.stat().st_size == 0:
        raise Failed(f"{path} is empty")
    named = content_type or SUFFIXES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or ""
    kinds = [kind for kind in Kind if named in CONTENT_TYPES[kind]]
    if not named or (medium is None and not kinds):
        raise Failed(f"{path.name} does not tell what it is: give --content-type and --medium")
    return Article(path, medium or kinds[0], named, device_kind)


def _log_in(
    http: httpx2.Client, *, token: str, organisation: str, email: str, password: str, code: str
) -> LogIn:
    if token:
        return lambda: token
    if not (organisation and email):
        raise Failed("say who you are: --token, or --organisation and --email (see --help)")
    try:
        credentials = LoginIn(
            organisation=organisation, email=email, password=_password(email, password), code=code or None
        )
    except ValidationError as error:
        raise Failed("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())) from error
    return by_password(http, credentials)


def _password(email: str, given: str) -> str:
    if given:
        return given
    if not sys.stdin.isatty():
        raise Failed("set PLAINCLOTHES_PASSWORD: there is no terminal to ask for it")
    asked: str = typer.prompt(f"Password of {email}", hide_input=True, err=True)
    return asked


def _settled(desk: Desk, recording: RecordingOut) -> RecordingOut:
    while recording.state not in SETTLED:
        time.sleep(LOOK_EVERY_S)
        recording = desk.get(f"/v1/recordings/{recording.id}", RecordingOut)
    return recording


class _Bar:
    """A line on standard error that is written over: share, bytes, and how fast this call sends."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._began, self._had = time.monotonic(), -1

    def __call__(self, done_bytes: int, all_bytes: int) -> None:
        if self._had < 0:
            self._began, self._had = time.monotonic(), done_bytes
        seconds = max(time.monotonic() - self._began, 0.001)
        filled = BAR * done_bytes // all_bytes
        speed = (done_bytes - self._had) / MIB / seconds
        sys.stderr.write(
            f"\r{self._name}  {'█' * filled}{'░' * (BAR - filled)} {done_bytes / all_bytes:4.0%}  "
            f"{done_bytes / MIB:.1f} of {all_bytes / MIB:.1f} MiB  {speed:.1f} MiB/s \x1b[K"
        )
        sys.stderr.flush()

    def end(self) -> None:
        if self._had >= 0:
            sys.stderr.write("\n")
