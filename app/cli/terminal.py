"""How every command speaks: JSON on standard output, plain words and an exit code when it cannot."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from app.kit.problems import Problem

Output: TypeAlias = "str | int | bool | list[Output] | dict[str, Output] | None"

BAD_INPUT = 1  # wrong usage is 2, which Typer sees to


class Failed(Exception):
    """The command cannot do what was asked; the message says why to a person."""


def print_json(output: object) -> None:
    """One JSON document."""
    print(json.dumps(output, ensure_ascii=False, indent=2))


def complain(message: str) -> None:
    """A message for a person, apart from the result."""
    print(message, file=sys.stderr)


@contextmanager
def failing_plainly() -> Iterator[None]:
    """Bad input ends with a message and a code, never with a traceback."""
    try:
        yield
    except (Failed, Problem) as failure:
        complain(str(failure))
        sys.exit(BAD_INPUT)
