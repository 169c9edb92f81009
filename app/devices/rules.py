"""What a recording device is, and when it may change hands (D6.7, D7.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """Lawful kinds only (D7.5): what disguises itself as something else is eavesdropping gear and has no name here."""

    PHONE = "phone"
    RECORDER = "recorder"
    BODY_CAMERA = "body-camera"
    CAMERA = "camera"


class State(StrEnum):
    IN_SERVICE = "in_service"
    LOST = "lost"
    RETIRED = "retired"


class Refusal(StrEnum):
    """Why a hand-over cannot be as told; one per rule."""

    MOVED = "moved"  # somebody else holds it by now
    SAME = "same"
    OUT_OF_SERVICE = "out_of_service"
    BEFORE_THE_LAST = "before_the_last"
    IN_THE_FUTURE = "in_the_future"


@dataclass(frozen=True, slots=True)
class Spell:
    """One person's time with a device, `held_from` included, `held_until` not; `None`: they have it still."""

    holder_id: UUID
    held_from: datetime
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """From a person, or the store (`None`), to a person, or the store."""

    giver_id: UUID | None
    receiver_id: UUID | None
    at: datetime


def may_change_hands(wanted: HandOver, *, state: State, last: Spell | None, now: datetime) -> Refusal | None:
    """`last` is the latest spell of the device, over or not. A device out of service may only come back."""
    holder = last.holder_id if last is not None and last.held_until is None else None
    if wanted.giver_id != holder:
        return Refusal.MOVED
    if wanted.receiver_id == holder:
        return Refusal.SAME
    if state is not State.IN_SERVICE and wanted.receiver_id is not None:
        return Refusal.OUT_OF_SERVICE
    if wanted.at > now:
        return Refusal.IN_THE_FUTURE
    if last is not None and not _follows(wanted.at, last):
        return Refusal.BEFORE_THE_LAST
    return None


def _follows(at: datetime, last: Spell) -> bool:
    return at > last.held_from if last.held_until is None else at >= last.held_until


def held_at(moment: datetime, spells: Iterable[Spell]) -> UUID | None:
    """Who had it then; `None`: it was in the store."""
    return next(
        (
            one.holder_id
            for one in spells
            if one.held_from <= moment and (one.held_until is None or moment < one.held_until)
        ),
        None,
    )


def as_code(label: str) -> str:
    """A label as somebody typed it, in the way codes are written: "Recorder 7" is `recorder-7`."""
    return "-".join(label.lower().split())


@dataclass(frozen=True, slots=True)
class Measured:
    """`offset` is true time minus the device's: what its stamps lack."""

    measured_at: datetime
    offset: timedelta


def offset_at(moment: datetime, measurements: Iterable[Measured]) -> timedelta | None:
    """The offset measured nearest to `moment`, the earlier one of two as near; `None` if it never was."""
    nearest = min(
        measurements, key=lambda one: (abs(one.measured_at - moment), one.measured_at), default=None
    )
    return None if nearest is None else nearest.offset
