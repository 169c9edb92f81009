"""What the phone's recorder noticed of its own recording: stretches that may be lost, and taps at a moment. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Self


class Why(StrEnum):
    """What cut in, as the phone's recorder names it."""

    HIDDEN = "hidden"
    """The screen was off or another app in front: some phones stop recording then, and some do not."""
    MUTED = "muted"
    """The system took the microphone or the camera away."""
    STALLED = "stalled"
    """Nothing came from the recorder."""
    KILLED = "killed"
    """The app was closed; the file ends there."""


MOST_GAPS = 500  # of a file; a phone that is interrupted more often has nothing to show anyway
MOST_MARKERS = 1000
LOST = frozenset({Why.MUTED, Why.STALLED})  # certainly nothing usable


@dataclass(frozen=True, slots=True, order=True)
class Interruption:
    """A stretch of a file, in milliseconds from its beginning."""

    from_ms: int
    to_ms: int
    why: Why

    @property
    def lasts(self) -> bool:
        return self.from_ms < self.to_ms

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        return cls(kept["from_ms"], kept["to_ms"], Why(kept["why"]))


def read(kept: Iterable[Mapping[str, Any]]) -> list[Interruption]:
    """As the manifest keeps them."""
    return [Interruption.read(one) for one in kept]


def lost(found: Iterable[Interruption], duration: timedelta) -> tuple[tuple[timedelta, timedelta], ...]:
    """What of the file holds nothing, in order and apart."""
    apart: list[tuple[timedelta, timedelta]] = []
    for one in sorted(one for one in found if one.why in LOST):
        begin = min(
            max(timedelta(milliseconds=one.from_ms), apart[-1][1] if apart else timedelta()), duration
        )
        end = min(timedelta(milliseconds=one.to_ms), duration)
        if begin < end:
            apart.append((begin, end))
    return tuple(apart)


def joined(known: Sequence[Any], told: Sequence[Any], *, by: Any, most: int) -> list[Any]:
    """Both, each once and in order: what was told once is not taken back by telling less."""
    fresh = [one for one in told if one not in known]
    return sorted([*known, *fresh][:most], key=by)
