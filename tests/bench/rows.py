"""What `make bench` prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; the texts carry their units."""

    what: str
    measured: str
    goal: str
