"""`plainclothes person`: what only whoever runs the product can do for somebody who is locked out."""

from typing import Annotated

import typer

from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import Failed, Output, print_json
from app.identity.problems import SecondFactorOff
from app.identity.queries import find_account
from app.identity.second_factor import reset_from_the_machine
from app.kit.clock import utc_now
from app.settings import Settings

app = typer.Typer(
    help="Let somebody in again who is locked out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def person() -> None:
    """Let somebody in again who is locked out."""


@app.command()
def reset_second_factor(
    organisation: Annotated[str, typer.Argument(help="Short name people log in with.")],
    email: Annotated[str, typer.Argument(help="Whose phone and recovery codes are gone.")],
) -> None:
    """Take the second factor from somebody, such as the only admin; other admins do this on the person's page.

    It stands in the audit trail, and the person is told by mail. The password stays what it is.
    """
    settings = read_settings()
    prepare_database(settings)
    print_json(run(lambda: reset(settings, organisation, email)))


async def reset(settings: Settings, organisation: str, email: str) -> dict[str, Output]:
    """Raises `Failed` for nobody and for nothing to reset."""
    async with opened(settings) as database, database.writing() as session:
        found = await find_account(session, organisation, email)
        if found is None:
            raise Failed(f"{email}: nobody in {organisation} logs in with this address")
        try:
            await reset_from_the_machine(session, found, now=utc_now())
        except SecondFactorOff as problem:
            raise Failed(f"{email} has no second factor") from problem
    return {"id": str(found.id), "email": found.email, "second_factor": "reset"}
