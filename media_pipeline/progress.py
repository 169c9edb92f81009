"""One number between 0 and 1 out of several stages, which never runs backwards."""

from collections.abc import Callable

Listener = Callable[[float], None]


class Progress:
    """Tells the listener of every step forward worth telling, and of 1.0 exactly once."""

    __slots__ = ("_listener", "_reached", "_told")

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._reached = 0.0
        self._told = -1.0

    def stage(self, start: float, end: float) -> Listener:
        """A listener for one stage's own 0–1, which takes up `start`–`end` of the whole."""

        def reached(fraction: float) -> None:
            self._reach(start + (end - start) * min(1.0, max(0.0, fraction)))

        return reached

    def finish(self) -> None:
        self._reach(1.0)

    def _reach(self, value: float) -> None:
        self._reached = max(self._reached, value)
        worth_telling = self._reached - self._told >= 0.005 or (self._reached == 1.0 and self._told < 1.0)
        if self._listener is not None and worth_telling:
            self._told = self._reached
            self._listener(self._reached)
