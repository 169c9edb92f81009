"""The command `plainclothes`. Commands that read files need neither server nor database.

Each command lives in a module of its own that is imported only when it is called for, so that `plainclothes
score` does not wait for a web framework. A module offers `app`, a Typer application.
"""

import gc
import io
import sys
from importlib import import_module
from types import ModuleType

import typer
from typer._click.core import Command, Context  # Typer carries its own Click; these are its types
from typer._click.formatting import HelpFormatter
from typer.core import TyperGroup
from typer.main import get_command

from app.cli.terminal import failing_plainly

COMMANDS = {
    "serve": ("app.cli.serve", "Serve the API and work background jobs."),
    "worker": ("app.cli.worker", "Only work background jobs."),
    "migrate": ("app.cli.migrate", "Bring the database to what this release needs."),
    "organisation": ("app.cli.organisations", "Found an organisation and invite its first admin."),
    "person": ("app.cli.people", "Let somebody in again who is locked out."),
    "jobs": ("app.cli.jobs", "Look at the background jobs."),
    "mail": ("app.cli.mail", "Read the mails that were caught."),
    "ledger": ("app.cli.ledgers", "Verify the ledger of plays."),
    "audit": ("app.cli.audit", "Verify the trail of who changed what."),
    "insight": ("app.cli.insight", "Make the figures of published visits again, or check them."),
    "retention": ("app.cli.retention", "Preview what will be deleted."),
    "backup": ("app.cli.backup", "Copy the embedded database and all recordings into a directory."),
    "restore": ("app.cli.restore", "Put such a copy where nothing is yet."),
    "settings": ("app.cli.settings", "Print the settings in force."),
    "openapi": ("app.cli.openapi", "Print the description of the API."),
    "upload": ("app.cli.upload", "Bring a recording to a visit."),
    "demo": ("app.cli.demo", "Walk one visit through, on real input."),
    "checklist": ("app.cli.checklists", "Check, compare and guard checklist files."),
    "score": ("app.cli.score", "Compute and explain a score from files."),
    "rotation": ("app.cli.rotation", "Ask the rotation rule about dates."),
    "plan": ("app.cli.plan", "Plan a month of visits, check a plan, ask why."),
}


class Commands(TyperGroup):
    """Finds a command's module by its name."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - the base class hands it over
        """In the order they are listed above."""
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        """Imports the module only now."""
        if cmd_name not in COMMANDS:
            return None
        command = get_command(_imported(COMMANDS[cmd_name][0]).app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002
        """Without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_module, summary) in COMMANDS.items()])


def _imported(module: str) -> ModuleType:
    """What an import makes stays for good: looking through it for rubbish took a fifth of every start."""
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()


app = typer.Typer(
    name="plainclothes",
    cls=Commands,
    help="The open mystery-shopper inspection service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def root() -> None:
    """The open mystery-shopper inspection service."""


def main() -> None:
    """The entry point. Results go to standard output, messages to standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # checklists speak Chinese whatever the locale
    with failing_plainly():
        app(prog_name="plainclothes")
