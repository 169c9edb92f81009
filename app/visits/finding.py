"""What a finding about a visit's recordings is, and what is known of the files and the visit it is made of. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.visits.declared import Declared
from app.visits.interruptions import Interruption


class Kind(StrEnum):
    """Stable: clients show them."""

    GAP = "gap"
    COVERAGE = "coverage"
    CLOCK = "clock"
    DUPLICATE = "duplicate"
    CUSTODY = "custody"
    LENGTH = "length"
    INTERRUPTED = "interrupted"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    FAILED = "failed"


# What an inspector can put right, and sees. The rest would teach whoever cheats what is looked at.
TOLD_TO_THE_CREW = frozenset({Kind.GAP, Kind.COVERAGE, Kind.LENGTH, Kind.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Stretch:
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Finding:
    """`recording_id` is null for what concerns the visit; `earlier_on` is the day of the visit a file was used at."""

    kind: Kind
    severity: Severity
    zh: str
    en: str
    recording_id: str | None = None
    intervals: tuple[Stretch, ...] = ()
    earlier_on: date | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """What the organisation's books say of the device a file is declared from. Null: of no such device."""

    kind: str
    is_in_service: bool
    with_declarer: bool  # when the recording was made
    offset: timedelta | None  # true time minus the device's, as measured


@dataclass(frozen=True, slots=True)
class Repeat:
    """A stretch of the file that was there at an earlier visit."""

    earlier_on: date
    is_same_file: bool
    similarity: float
    start_ms: int  # of the file
    end_ms: int


@dataclass(frozen=True, slots=True)
class File:
    """A declared file with all that is known around it."""

    declared: Declared
    told_duration: timedelta
    device_kind: str
    device_label: str
    declared_at: datetime  # by the server's clock
    told_offset: timedelta  # server time minus the device's, as the phone told it
    created_at: datetime | None = None  # as the container has it
    books: Books | None = None
    repeats: tuple[Repeat, ...] = ()
    interruptions: tuple[Interruption, ...] = ()  # as its recorder noticed them


@dataclass(frozen=True, slots=True)
class Scene:
    """The visit the files were made at. `utc_offset` is the outlet's; `lawful_kinds` of devices (D7.5)."""

    stays: Sequence[tuple[datetime, datetime]]
    entered_at: datetime
    utc_offset: timedelta
    lawful_kinds: frozenset[str]
    coverage_asked: float
    all_looked_into: bool  # no declared file is still on its way
    files: Sequence[File] = field(default=())
    undeclared: Mapping[str, Sequence[Repeat]] = field(default_factory=dict)  # files no manifest names

    def at(self, start: datetime, end: datetime) -> tuple[Stretch, ...]:
        return (Stretch(_ms(start - self.entered_at), _ms(end - self.entered_at)),)


def about(scene: Scene, file: File, what: tuple[Kind, Severity], zh: str, en: str) -> Finding:
    """A finding on the whole of a file."""
    starts, ends = file.declared.starts_at, file.declared.ends_at
    where = scene.at(starts, ends) if starts is not None and ends is not None else ()
    return Finding(*what, zh, en, file.declared.id, where)


def _ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
