"""What stands between a submitted visit and its approval (D4.3, D8.1). Standard library only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.review.rules_marking import AWAITED, MarkingStatus


class Verdict(StrEnum):
    """What a second person says of a veto that fired (D4.3)."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class PublishedMedium(StrEnum):
    """What an outlet gets: something to play, or something to look at."""

    RECORDING = "recording"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class FiredVeto:
    """A breached basic norm as the review sees it; `verdict` is null until a second person spoke."""

    item: str
    needs_confirmation: bool
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A file of the manifest; `state` is null while nothing of it has arrived."""

    id: str
    state: str | None
    processed: bool
    rejected: bool


@dataclass(frozen=True, slots=True)
class Case:
    """All that an approval depends on."""

    vetoes: Sequence[FiredVeto]
    files: Sequence[DeclaredFile]
    unmarked: Sequence[str]  # answered texts and photos with a weight that have no mark yet (D3.3)
    has_number: bool  # false: insufficient evidence (D3.4)
    second_marking: MarkingStatus
    differing: Sequence[str]  # items that the second marker answered otherwise
    files_may_miss: bool  # the approver takes the visit without them, and says why


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to see to, or to know; `where` names items or files."""

    rule: str
    message: str
    where: tuple[str, ...] = ()


def blocks(case: Case) -> list[Finding]:
    """What forbids approval, in the order in which a reviewer would put it right. Empty: may be approved."""
    return [
        *_named("veto-unconfirmed", _UNCONFIRMED, (one.item for one in case.vetoes if _open(one))),
        *_named("veto-rejected", _REJECTED, (one.item for one in case.vetoes if _refused(one))),
        *_named("mark-missing", _UNMARKED, case.unmarked),
        *([Finding("second-marking-missing", _SECOND_MISSING)] if case.second_marking in AWAITED else []),
        *([] if case.files_may_miss else _missing_files(case)),
    ]


def remarks(case: Case) -> list[Finding]:
    """What does not forbid approval, and yet should be known to whoever approves."""
    return [
        *([] if case.has_number else [Finding("insufficient-evidence", _INSUFFICIENT)]),
        *_named("second-marking-differs", _SECOND_DIFFERS, case.differing),
        *([Finding("second-marking-excused", _SECOND_EXCUSED)] if _is_excused(case) else []),
        *(_missing_files(case) if case.files_may_miss else []),
    ]


def publish_after(approved_at: datetime, *, delay_hours: int) -> datetime:
    """Published later and in batches, so that the day of a visit cannot be guessed from it (D8.3)."""
    return approved_at + timedelta(hours=delay_hours)


_UNCONFIRMED = "A second person has to confirm each breached basic norm, or reject it (D4.3)."
_REJECTED = "A breach was rejected: send the visit back, naming the item."
_UNMARKED = "Texts and photos that have a weight wait for your mark (D3.3)."
_SECOND_MISSING = "The visit is to be marked a second time, blind, by somebody else (D8.1)."
_SECOND_DIFFERS = "The second marker saw these otherwise (D8.1)."
_SECOND_EXCUSED = "A supervisor decided that no second marking is needed."
_NOT_THERE = "Declared files have not arrived, or are still being worked on (D7.3)."
_REFUSED = "Declared files arrived and cannot be used."
_INSUFFICIENT = "Too little was seen: the visit has no total, and will be published without one (D3.4)."


def _open(veto: FiredVeto) -> bool:
    return veto.needs_confirmation and veto.verdict is None


def _refused(veto: FiredVeto) -> bool:
    return veto.verdict is Verdict.REJECTED


def _is_excused(case: Case) -> bool:
    return case.second_marking is MarkingStatus.EXCUSED


def _missing_files(case: Case) -> list[Finding]:
    waiting = (file.id for file in case.files if not file.processed and not file.rejected)
    refused = (file.id for file in case.files if file.rejected)
    return [
        *_named("recording-missing", _NOT_THERE, waiting),
        *_named("recording-rejected", _REFUSED, refused),
    ]


def _named(rule: str, message: str, where: Iterable[str]) -> list[Finding]:
    found = tuple(where)
    return [Finding(rule, message, found)] if found else []
