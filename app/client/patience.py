"""Going on while a line is down: the same request again, with longer and longer waits, until patience ends."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import httpx2

Result = TypeVar("Result")

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
TRY_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class TryLater(Exception):
    """The other side is there and cannot now. `after_s` is what it asked to wait for, if it did."""

    def __init__(self, message: str, *, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Patience:
    """For how many seconds one request is tried again. With 0 the first failure is the answer."""

    seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def through(self, request: Callable[[], Result]) -> Result:
        """What `request` gives in the end. Raises its last `TransportError` or `TryLater`.

        Only for requests that may be repeated: a lost answer looks like a lost request.
        """
        ends, wait_s = self.clock() + self.seconds, FIRST_WAIT_S
        while True:
            try:
                return request()
            except (httpx2.TransportError, TryLater) as error:
                asked_s = error.after_s if isinstance(error, TryLater) else None
                # Somewhere in the second half of the wait: phones that lost one line do not come back in step.
                pause_s = asked_s if asked_s is not None else wait_s * (0.5 + self.chance() / 2)
                if self.clock() + pause_s > ends:
                    raise
            self.sleep(pause_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


IMPATIENT = Patience(0)


def require_answer(response: httpx2.Response) -> httpx2.Response:
    """Raises `TryLater` for what says that the same request may succeed later."""
    if response.status_code in TRY_LATER or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        told = response.headers.get("Retry-After", "")
        raise TryLater(
            f"{response.status_code} {response.text[:300]}", after_s=float(told) if told.isdecimal() else None
        )
    return response
