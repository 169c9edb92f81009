"""The cursor a replica goes on with. Standard library only."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

IDLE_FOR = timedelta(days=30)  # a phone in a drawer begins again after that
MOST_VISITS = 100  # in one answer
MOST_EVENTS = 1_000  # looked through for one answer
LARGEST = 2**62
POSITION = r"^([0-9]{1,18})-([0-9]{1,18})$"
_POSITION = re.compile(POSITION)


class Unreadable(ValueError):
    """A text that is no cursor of ours."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which replica asks, up to which round it has everything, and behind which event."""

    replica: UUID
    round: int
    transaction: int
    number: int

    def __str__(self) -> str:
        text = json.dumps([str(self.replica), self.round, self.transaction, self.number])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Raises `Unreadable`."""
    try:
        replica, *numbers = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if len(numbers) != 3 or not all(type(one) is int and 0 <= one <= LARGEST for one in numbers):
            raise Unreadable("three numbers are missing")
        return Cursor(UUID(str(replica)), *numbers)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise Unreadable("the cursor was not made here") from error


def read_position(text: str) -> tuple[int, int]:
    """Transaction and number, as an event of a stream is named: `4711-12`. Raises `Unreadable`."""
    match = _POSITION.fullmatch(text)
    if match is None:
        raise Unreadable("no position in the feed")
    return int(match.group(1)), int(match.group(2))
