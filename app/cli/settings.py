"""`plainclothes settings`: what is in force, wherever it came from."""

import sqlalchemy as sa
import typer

from app.cli.surroundings import read_settings
from app.cli.terminal import print_json

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def settings() -> None:
    """Print the settings in force, as environment and `.env` give them; secrets stay hidden."""
    in_force = read_settings().model_dump(mode="json")
    if in_force["database_url"]:
        in_force["database_url"] = sa.make_url(in_force["database_url"]).render_as_string(hide_password=True)
    print_json({f"PLAINCLOTHES_{name.upper()}": value for name, value in in_force.items()})
