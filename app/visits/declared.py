"""What a phone declares of its recordings, what is known of them, and when something recorded. Standard library only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Medium(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"
    PHOTO = "photo"


class Quality(StrEnum):
    """What is known of a recording: the phone's own check, or better, the server's."""

    GOOD = "good"
    SILENT = "silent"
    BLACK = "black"
    BLACK_AND_SILENT = "black_and_silent"
    UNUSABLE = "unusable"
    UNCHECKED = "unchecked"


class Basis(StrEnum):
    """Who says so of a recording, the later knowing better."""

    DEVICE = "device"
    SAMPLES = "samples"
    """The server looked at samples: what it found stands, that it found nothing is provisional."""
    FILE = "file"
    """The server looked at the whole file."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What a look at a recording found of what the gate asks for."""

    black: bool
    silent: bool
    unusable: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found in a recording, with a sentence for people."""

    basis: Basis
    kind: str
    severity: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Declared:
    """One file of the manifest on the visit's timeline (outlet recordings in server time)."""

    id: str
    medium: Medium
    starts_at: datetime | None
    duration: timedelta
    quality: Quality
    basis: Basis = Basis.DEVICE
    findings: tuple[Finding, ...] = ()
    device: str = ""  # files of one device have one name here
    lost: tuple[tuple[timedelta, timedelta], ...] = ()  # from its beginning, in order and apart

    @property
    def is_verified(self) -> bool:
        return self.basis is Basis.FILE

    @property
    def ends_at(self) -> datetime | None:
        return None if self.starts_at is None else self.starts_at + self.duration

    @property
    def recorded(self) -> timedelta:
        return self.duration - sum((end - begin for begin, end in self.lost), timedelta())

    @property
    def stretches(self) -> list[tuple[datetime, datetime]]:
        """When it recorded, without what the device lost; empty if nobody knows when it began."""
        if self.starts_at is None:
            return []
        edges = [timedelta(), *(edge for gap in self.lost for edge in gap), self.duration]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return [(self.starts_at + begin, self.starts_at + end) for begin, end in pairs if begin < end]


_DEVICE_FAULTS = {
    Quality.BLACK: Faults(black=True, silent=False),
    Quality.SILENT: Faults(black=False, silent=True),
    Quality.BLACK_AND_SILENT: Faults(black=True, silent=True),
    Quality.UNUSABLE: Faults(black=False, silent=False, unusable=True),
}
_NO_FAULTS = Faults(black=False, silent=False)


def known_quality(device: Quality, samples: Faults | None, file: Faults | None) -> tuple[Quality, Basis]:
    """What is known of a recording, and by whom.

    A look at the whole file replaces the device's word. A look at samples fills in for a device that did not check, and
    overrules no fault that a device found. What samples gave away stands: whatever is looked at later can only add.
    """
    if file is not None:
        return _named(_joined(file, samples or _NO_FAULTS)), Basis.FILE
    if samples is not None:
        return _named(_joined(samples, _DEVICE_FAULTS.get(device, _NO_FAULTS))), Basis.SAMPLES
    return device, Basis.DEVICE


def _joined(one: Faults, other: Faults) -> Faults:
    return Faults(one.black or other.black, one.silent or other.silent, one.unusable or other.unusable)


def _named(faults: Faults) -> Quality:
    if faults.unusable:
        return Quality.UNUSABLE
    if faults.black and faults.silent:
        return Quality.BLACK_AND_SILENT
    if faults.black:
        return Quality.BLACK
    return Quality.SILENT if faults.silent else Quality.GOOD


def coverage(stays: Sequence[tuple[datetime, datetime]], files: Iterable[Declared]) -> float:
    """The share of the stays during which something recorded, between 0 and 1; 1 for a stay without length."""
    recorded = merged(span for file in files for span in file.stretches)
    total = sum(((end - start) for start, end in stays), timedelta())
    if total <= timedelta():
        return 1.0
    shared = sum(
        (
            max(min(end, stop) - max(begin, start), timedelta())
            for begin, end in stays
            for start, stop in recorded
        ),
        timedelta(),
    )
    return shared / total


def recorded_time(files: Iterable[Declared]) -> timedelta:
    """How long something recorded, counting what two devices recorded at once only once."""
    files = list(files)
    placed = merged(span for file in files for span in file.stretches)
    unplaced = sum((file.recorded for file in files if file.starts_at is None), timedelta())
    return sum((end - start for start, end in placed), timedelta()) + unplaced


def merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same moments without overlap, in order."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def serves(medium: Medium, demanded: Medium) -> bool:
    """Whether a file counts as the recording that is asked for: a film does where sound is enough."""
    return medium is demanded or (demanded is Medium.AUDIO and medium is Medium.VIDEO)
