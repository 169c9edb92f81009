"""`plainclothes openapi`: the description of the API, committed so that a change of it is seen in review."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli.terminal import Failed
from app.main import create_app
from app.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def openapi(
    *,
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Print nothing; fail when this file is not the description.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print the API's OpenAPI description."""
    if check is None:
        print(description(), end="")
        return
    try:
        committed = check.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Failed(f"{check}: cannot be read") from problem
    if committed != description():
        raise Failed(f"{check}: out of date; run: plainclothes openapi > {check}")


def description() -> str:
    """The same whatever the environment says."""
    document = create_app(Settings.model_construct()).openapi()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
