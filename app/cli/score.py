"""`plainclothes score`: the score of one visit from files."""

from pathlib import Path
from typing import Annotated

import typer

from app.checklists.document import Load, Stage
from app.cli.files import read_answers, read_checklist
from app.cli.terminal import print_json
from app.visits.marking import mark

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def score(
    checklist: Annotated[
        Path, typer.Argument(metavar="CHECKLIST.yaml", help="The checklist.", show_default=False)
    ],
    answers: Annotated[
        Path,
        typer.Argument(
            metavar="ANSWERS.json",
            help='{"answers": {"<item code>": {"value": …, "state": …, "reason": …}}}',
            show_default=False,
        ),
    ],
    *,
    tier: Annotated[str | None, typer.Option(help="The outlet's tier.", show_default=False)] = None,
    stage: Annotated[
        Stage | None, typer.Option(help="How far the outlet has come.", show_default=False)
    ] = None,
    load: Annotated[Load | None, typer.Option(help="The outlet's load.", show_default=False)] = None,
    purpose: Annotated[
        str | None,
        typer.Option(help="The visit's purpose; without it every item is asked.", show_default=False),
    ] = None,
) -> None:
    """Compute and explain a score.

    Prints JSON: total, total without vetoes, what each dimension, indicator and item brought, fired vetoes
    and completeness. Decimals are strings. The weights are those of the closest tier, stage and load.
    """
    document, sheet = read_checklist(checklist), read_answers(answers)
    marking = mark(
        document, sheet.answers, tier=tier, stage=stage, load=load, purpose=purpose, marks=sheet.marks
    )
    print_json(marking.to_json())
