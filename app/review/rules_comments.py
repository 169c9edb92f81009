"""Who says something at a second of a published recording, and who is told the name (D10.1). Standard library only."""

from enum import StrEnum


class Side(StrEnum):
    OUTLET = "outlet"
    DESK = "desk"


def is_named(author: Side, reader: Side) -> bool:
    """The other side is told which side spoke, and no name."""
    return author is reader
