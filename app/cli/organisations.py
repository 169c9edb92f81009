"""`plainclothes organisation`: tenants, which only whoever runs the product can found."""

from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import Failed, Output, print_json
from app.identity.people import found_organisation
from app.identity.schemas import Email, Slug
from app.kit.clock import utc_now
from app.kit.wire import In, Line
from app.settings import Settings

app = typer.Typer(
    help="Found organisations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class NewOrganisation(In):
    """A tenant and its first admin."""

    slug: Slug
    name: Line
    admin_email: Email
    admin_name: Line


@app.callback()
def organisation() -> None:
    """Found organisations."""


@app.command()
def create(
    slug: Annotated[str, typer.Argument(help="Short name people log in with, as northwind-telecom.")],
    name: Annotated[str, typer.Argument(help="Name in full.")],
    *,
    admin_email: Annotated[str, typer.Option(help="Who is in charge first.", show_default=False)],
    admin_name: Annotated[str, typer.Option(help="That person's name.", show_default=False)],
) -> None:
    """Found an organisation and invite its first admin.

    Prints JSON with the invitation's token, which is shown this once: hand it to that person, who makes the
    account with POST /v1/invitations/accept.
    """
    try:
        wanted = NewOrganisation(slug=slug, name=name, admin_email=admin_email, admin_name=admin_name)
    except ValidationError as problem:
        lines = [
            f"{error['loc'][0]}: {error['msg'].removeprefix('Value error, ')}" for error in problem.errors()
        ]
        raise Failed("\n".join(lines)) from problem
    settings = read_settings()
    prepare_database(settings)
    print_json(run(lambda: _found(settings, wanted)))


async def _found(settings: Settings, wanted: NewOrganisation) -> dict[str, Output]:
    async with opened(settings) as database:
        try:
            async with database.writing() as session:
                founded, token = await found_organisation(
                    session, **wanted.model_dump(), settings=settings, now=utc_now()
                )
        except IntegrityError as problem:
            raise Failed(f"{wanted.slug}: there is an organisation of this name already") from problem
    return {
        "id": str(founded.id),
        "slug": founded.slug,
        "invitation_token": token,
        "good_for_hours": settings.invitation_hours,
    }
