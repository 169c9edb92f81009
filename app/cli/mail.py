"""`plainclothes mail`: the mails that were caught because no mail server is named."""

from typing import Annotated

import typer

from app.cli.surroundings import read_settings
from app.cli.terminal import Failed, print_json
from app.kit.mail import Caught, caught

app = typer.Typer(
    help="Read the mails that were caught.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def mail() -> None:
    """Read the mails that were caught."""


@app.command(name="list")
def list_mails() -> None:
    """List the mails in DATA_DIR, the latest first."""
    print_json(
        [{"number": one.number, "to": one.to, "subject": one.subject, "date": one.date} for one in _caught()]
    )


@app.command()
def show(number: Annotated[str, typer.Argument(help="as `list` prints it")]) -> None:
    """Print one mail's text."""
    found = next((one for one in _caught() if one.number == number), None)
    if found is None:
        raise Failed(f"there is no mail {number}: see plainclothes mail list")
    print(f"To: {found.to}\nSubject: {found.subject}\nDate: {found.date}\n\n{found.text}")


def _caught() -> list[Caught]:
    return list(caught(read_settings().data_dir / "mail"))
