"""`make bench`: takes every measurement of MEASUREMENTS and prints them as a table beside their goals."""

import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; the texts carry their units."""

    what: str
    measured: str
    goal: str


MEASUREMENTS: tuple[Callable[[], Row], ...] = ()


def main() -> None:
    sys.stdout.write("| what | measured | goal |\n|---|---|---|\n")
    for measure in MEASUREMENTS:
        row = measure()
        sys.stdout.write(f"| {row.what} | {row.measured} | {row.goal} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
