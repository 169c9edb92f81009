"""The leave gate (D7.3): may the inspector go, and if not, what is missing. Standard library only.

The phone runs the same rules without a network; the server's answer decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kit.sentences import counted
from app.visits.declared import Declared, Medium, Quality, coverage, recorded_time, serves


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


def _questionnaire(claim: Claim, demands: Demands) -> Iterable[Unmet]:
    if claim.unanswered:
        yield Unmet(
            "required-answers",
            f"{counted(len(claim.unanswered), 'required item has', 'required items have')} no answer.",
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
