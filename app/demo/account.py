"""The account of what happened: a line for each thing that was shown, and the time each chapter took."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TextIO

RULE = "─" * 78


class Unexpected(Exception):
    """The product did not do what it should. The message says what was expected and what came."""


def expect(what: str, found: object, wanted: object) -> None:
    """Raises `Unexpected` unless the two are equal."""
    if found != wanted:
        raise Unexpected(f"{what}\n  expected: {wanted}\n  came:     {found}")


def require(holds: object, what: str) -> None:
    """Raises `Unexpected` unless it holds."""
    if not holds:
        raise Unexpected(what)


class Account:
    """Prints as things happen, so that a reader sees how long each takes."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._seconds: dict[str, float] = {}

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        self._print(f"\n{title}")
        began = perf_counter()
        yield
        self._seconds[title] = perf_counter() - began

    def shown(self, line: str) -> None:
        """Something was done and found right."""
        self._print(f"  ✓ {line}")

    def told(self, line: str) -> None:
        """Something to know beside it."""
        self._print(f"    {line}")

    def times(self) -> None:
        """The seconds of each chapter."""
        self._print(f"\n{RULE}")
        for title, seconds in self._seconds.items():
            self._print(f"{seconds:6.1f} s  {title}")
        self._print(f"{sum(self._seconds.values()):6.1f} s  in all")

    def _print(self, line: str) -> None:
        print(line, file=self._out, flush=True)
