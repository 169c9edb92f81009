"""All devices of a visit on one timeline: what is covered, by which, and where nothing ran (D6.7, D7.3). Pure.

The device that recorded most is the main one; every other backs it up: what it covers is covered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from app.visits.declared import Declared, coverage, merged

LEAST_GAP = timedelta(seconds=10)  # phones need some seconds from one file to the next


class Role(StrEnum):
    MAIN = "main"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a stay that the main device did not record usably; `is_backed`: another one did."""

    starts_at: datetime
    ends_at: datetime
    is_backed: bool

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class Timeline:
    """Shares are between 0 and 1. `verified` counts only what the server has looked into."""

    roles: Mapping[str, Role]
    gaps: Sequence[Gap]
    coverage: float
    coverage_of_main: float
    coverage_verified: float


def drawn(stays: Sequence[tuple[datetime, datetime]], files: Sequence[Declared]) -> Timeline:
    """`files` are the usable ones that serve what the programme asks for."""
    roles = roles_of(files)
    main = [file for file in files if roles[file.device] is Role.MAIN]
    others = [file for file in files if roles[file.device] is Role.BACKUP]
    return Timeline(
        roles=roles,
        gaps=[gap for span in _unrecorded(stays, main) for gap in _gaps(span, others)],
        coverage=coverage(stays, files),
        coverage_of_main=coverage(stays, main),
        coverage_verified=coverage(stays, (file for file in files if file.is_verified)),
    )


def roles_of(files: Sequence[Declared]) -> dict[str, Role]:
    """By device; of two that recorded as long as each other, the one that began first is the main one."""
    devices = {file.device for file in files}

    def rank(device: str) -> tuple[timedelta, float, str]:
        own = [file for file in files if file.device == device]
        begun = min((file.starts_at.timestamp() for file in own if file.starts_at), default=float("inf"))
        return -sum((file.duration for file in own), timedelta()), begun, device

    ordered = sorted(devices, key=rank)
    return {device: Role.MAIN if device == ordered[0] else Role.BACKUP for device in ordered}


def _unrecorded(
    stays: Sequence[tuple[datetime, datetime]], files: Iterable[Declared]
) -> list[tuple[datetime, datetime]]:
    recorded = merged(span for file in files for span in file.stretches)
    found = []
    for begin, end in stays:
        inside = [
            (max(start, begin), min(stop, end)) for start, stop in recorded if start < end and stop > begin
        ]
        edges = [(begin, begin), *inside, (end, end)]
        found += [(one[1], other[0]) for one, other in pairwise(edges) if other[0] - one[1] >= LEAST_GAP]
    return found


def _gaps(span: tuple[datetime, datetime], others: Sequence[Declared]) -> list[Gap]:
    """Of a stretch the main device missed: what nothing recorded; or all of it, backed."""
    lost = _unrecorded([span], others)
    return [Gap(*one, is_backed=False) for one in lost] or [Gap(*span, is_backed=True)]
