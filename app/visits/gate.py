"""The leave gate (D7.3): may the inspector go, and if not, what is missing. Standard library only.

The phone runs the same rules without a network; the server's answer decides.
"""

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


@dataclass(frozen=True, slots=True)
class Demands:
    """What the programme asks of a visit (D7.1, D7.3). `medium` is null where nothing may be recorded (D10.5)."""

    medium: Medium | None
    recording: timedelta
    coverage: float
    photos: int
    questions: int
    summary_characters: int
    check_out_distance_m: float


@dataclass(frozen=True, slots=True)
class Claim:
    """What the inspector brings to the gate."""

    stays: Sequence[tuple[datetime, datetime]]  # entry to exit; more than one after a re-entry (D7.4)
    files: Sequence[Declared]
    unanswered: Sequence[str]
    vetoes_without_evidence: Sequence[str]
    evidence_nowhere: Sequence[str]  # items whose evidence names a file that is not declared
    summary_characters: int
    questions: int
    check_out_distance_m: float | None


@dataclass(frozen=True, slots=True)
class Unmet:
    """One rule that keeps the gate shut; `where` names items or files to look at."""

    rule: str
    message: str
    where: tuple[str, ...] = ()


def unmet(claim: Claim, demands: Demands) -> list[Unmet]:
    """Everything that is missing, in the order in which an inspector would put it right. Empty: may leave."""
    return [
        *_questionnaire(claim, demands),
        *_evidence(claim),
        *_recordings(claim, demands),
        *_photos(claim, demands),
        *_place(claim, demands),
    ]


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


def _questionnaire(claim: Claim, demands: Demands) -> Iterable[Unmet]:
    if claim.unanswered:
        yield Unmet(
            "required-answers",
            f"{len(claim.unanswered)} required items have no answer.",
            tuple(claim.unanswered),
        )
    if claim.summary_characters < demands.summary_characters:
        yield Unmet(
            "summary-length",
            f"The summary has {claim.summary_characters} characters, at least {demands.summary_characters} are asked for.",
        )
    if claim.questions < demands.questions:
        yield Unmet(
            "questions-asked",
            f"{claim.questions} questions were asked, at least {demands.questions} are due.",
        )


def _evidence(claim: Claim) -> Iterable[Unmet]:
    if claim.vetoes_without_evidence:
        yield Unmet(
            "veto-evidence",
            "A breached basic norm needs a second of a recording or a photo as evidence.",
            tuple(claim.vetoes_without_evidence),
        )
    if claim.evidence_nowhere:
        yield Unmet(
            "evidence-declared",
            "The evidence names files that are not in the manifest.",
            tuple(claim.evidence_nowhere),
        )


def _recordings(claim: Claim, demands: Demands) -> Iterable[Unmet]:
    if demands.medium is None:
        return
    files = [file for file in claim.files if serves(file.medium, demands.medium)]
    usable = [file for file in files if file.quality is Quality.GOOD]
    alone = [file for file in files if not _is_backed(file, usable, demands.coverage)]
    if not files:
        yield Unmet("recording-declared", f"No {demands.medium} recording is declared.")
        return
    for problem, rule, sentence in (
        (
            {Quality.BLACK, Quality.BLACK_AND_SILENT},
            "recording-not-black",
            "The picture is black or the lens covered.",
        ),
        ({Quality.SILENT, Quality.BLACK_AND_SILENT}, "recording-not-silent", "Nothing can be heard."),
        ({Quality.UNUSABLE}, "recording-readable", "The file cannot be read."),
        (
            {Quality.UNCHECKED},
            "recording-checked",
            "The recording was checked neither on the device nor by samples.",
        ),
    ):
        bad = tuple(file.id for file in alone if file.quality in problem)
        if bad:
            yield Unmet(rule, sentence, bad)
    length = recorded_time(usable)
    if length < demands.recording:
        yield Unmet(
            "recording-length",
            f"{_minutes(length)} minutes of good recording, at least {_minutes(demands.recording)} are asked for.",
        )
    share = coverage(claim.stays, usable)
    if share < demands.coverage:
        yield Unmet(
            "recording-coverage",
            f"Good recordings cover {share:.0%} of the stay, at least {demands.coverage:.0%} is asked for.",
        )


def _is_backed(file: Declared, usable: Iterable[Declared], share: float) -> bool:
    """Whether a second device recorded well while this file was made: then nothing is lost by it (D2.4)."""
    if file.starts_at is None or file.ends_at is None or file.duration <= timedelta():
        return False
    others = [one for one in usable if one.device != file.device]
    return coverage([(file.starts_at, file.ends_at)], others) >= share


def serves(medium: Medium, demanded: Medium) -> bool:
    """Whether a file counts as the recording that is asked for: a film does where sound is enough."""
    return medium is demanded or (demanded is Medium.AUDIO and medium is Medium.VIDEO)


def _photos(claim: Claim, demands: Demands) -> Iterable[Unmet]:
    photos = sum(file.medium is Medium.PHOTO for file in claim.files)
    if photos < demands.photos:
        yield Unmet("photos", f"{photos} photos are declared, at least {demands.photos} are asked for.")


def _place(claim: Claim, demands: Demands) -> Iterable[Unmet]:
    distance = claim.check_out_distance_m
    if distance is not None and distance > demands.check_out_distance_m:
        yield Unmet(
            "check-out-distance",
            f"You are {distance:.0f} m from the outlet, at most {demands.check_out_distance_m:.0f} m are allowed.",
        )


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.1f}"
