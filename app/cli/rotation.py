"""`plainclothes rotation`: the rotation rule on dates alone (D5.1)."""

import re
from datetime import date
from typing import Annotated

import typer

from app.cli.terminal import Output, print_json
from app.rotation.rules import DEFAULT_MONTHS, first_allowed_day, last_blocked_day, may_both_be

app = typer.Typer(
    help="Ask the rotation rule: may the same inspector come back on that day?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(text: str) -> date:
    """Only the one form in which dates are written everywhere here; `fromisoformat` knows more."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as problem:
        raise typer.BadParameter(f"{text}: {problem}") from problem
    raise typer.BadParameter(f"{text}: write a date as 2025-11-30")


Day = Annotated[date, typer.Argument(metavar="DATE", parser=_day, help="As 2025-11-30.", show_default=False)]
Months = Annotated[int, typer.Option(min=1, max=24, help="The programme's interval.")]


@app.command(name="first-allowed")
def first_allowed(visited_on: Day, *, months: Months = DEFAULT_MONTHS) -> None:
    """Say until when a visit on DATE blocks its inspector at that outlet, and from when on not."""
    print_json(_interval(visited_on, months))


@app.command()
def check(one: Day, other: Day, *, months: Months = DEFAULT_MONTHS) -> None:
    """Say whether one inspector may be at one outlet on both dates, in whatever order they are given.

    The interval is always counted forward from the earlier date.
    """
    interval = _interval(min(one, other), months)
    print_json({"allowed": may_both_be(one, other, months), **interval})


def _interval(visited_on: date, months: int) -> dict[str, Output]:
    try:
        last, first = last_blocked_day(visited_on, months), first_allowed_day(visited_on, months)
    except (ValueError, OverflowError) as problem:
        raise typer.BadParameter("the interval ends beyond the calendar (year 9999)") from problem
    return {"last_blocked_day": last.isoformat(), "first_allowed_day": first.isoformat()}
