"""The lifecycle of a visit (D6.8) and who of a crew may do what. Standard library only."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

NOON = time(12)
EVENING_BEGINS = time(18)


class State(StrEnum):
    PROPOSED = "proposed"
    RESERVED = "reserved"
    ACCEPTED = "accepted"
    ENTERED = "entered"
    LEFT = "left"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    APPEALED = "appealed"
    FINAL = "final"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DECLINED = "declined"
    ABORTED = "aborted"
    VOID = "void"


class Kind(StrEnum):
    COVERT = "covert"
    OVERT = "overt"


class DayPart(StrEnum):
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"

    @classmethod
    def at(cls, local: time) -> "DayPart":
        """The part of the day at an outlet's local time; all an outlet is told of the time of a visit (D10.1)."""
        if local < NOON:
            return cls.MORNING
        return cls.AFTERNOON if local < EVENING_BEGINS else cls.EVENING


HOURS: dict[DayPart, tuple[int, int]] = {
    DayPart.MORNING: (0, 12),
    DayPart.AFTERNOON: (12, 18),
    DayPart.EVENING: (18, 24),
}


class CrewRole(StrEnum):
    LEAD = "lead"
    COMPANION = "companion"
    BACKUP = "backup"


PLANNED = frozenset({State.PROPOSED, State.RESERVED, State.ACCEPTED})
ON_SITE = frozenset({State.ENTERED, State.LEFT})
DONE = frozenset({State.FINAL, State.CANCELLED, State.EXPIRED, State.DECLINED, State.ABORTED, State.VOID})
REPORTED = frozenset({State.PUBLISHED, State.APPEALED, State.FINAL})
AFTER_SUBMISSION = frozenset({State.SUBMITTED, State.IN_REVIEW, State.APPROVED, *REPORTED})

_NEXT: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.RESERVED, State.CANCELLED, State.EXPIRED}),
    State.RESERVED: frozenset(
        {State.ACCEPTED, State.ENTERED, State.DECLINED, State.CANCELLED, State.EXPIRED, State.PROPOSED}
    ),
    State.ACCEPTED: frozenset(
        {State.ENTERED, State.DECLINED, State.CANCELLED, State.EXPIRED, State.RESERVED, State.PROPOSED}
    ),
    State.ENTERED: frozenset({State.LEFT, State.ABORTED, State.VOID}),
    State.LEFT: frozenset({State.ENTERED, State.SUBMITTED, State.ABORTED, State.VOID}),  # re-entry: D7.4
    State.SUBMITTED: frozenset({State.IN_REVIEW, State.LEFT, State.VOID}),  # sent back: D8.2
    State.IN_REVIEW: frozenset({State.APPROVED, State.LEFT, State.VOID}),
    State.APPROVED: frozenset({State.PUBLISHED, State.IN_REVIEW, State.VOID}),
    State.PUBLISHED: frozenset({State.APPEALED, State.FINAL, State.VOID}),
    State.APPEALED: frozenset({State.PUBLISHED, State.FINAL, State.VOID}),
}


def may_become(current: State, wanted: State) -> bool:
    return wanted in _NEXT.get(current, frozenset())


def next_states(current: State) -> list[State]:
    """What a visit may become from here, in the order of the lifecycle."""
    return sorted(_NEXT.get(current, frozenset()), key=list(State).index)


def review_due_at(submitted_at: datetime, *, review_hours: int) -> datetime:
    """When a review is late (D8.1). Late ones are shown as such, never accepted by themselves."""
    return submitted_at + timedelta(hours=review_hours)


def is_drawn(share: Decimal, *, lot: float) -> bool:
    """Whether a visit is in the sample that is marked twice (D8.1); `lot` is drawn evenly from [0, 1)."""
    return lot < share


MOCKED = "mock-location"
FAR_AWAY = "far-from-outlet"
NO_POSITION = "no-position"
IMPRECISE = "imprecise-position"
OTHER_DAY = "not-on-planned-day"
CLOCK_OFF = "device-clock-off"
LATE_SYNC = "synced-late"

IMPRECISE_M = 200.0  # beyond it a position says nothing about a shop
CLOCK_TOLERANCE = timedelta(minutes=5)
SYNC_TOLERANCE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Presence:
    """What a phone says about where and when it was (D7.6). Distances and accuracies are in metres."""

    device_at: datetime
    received_at: datetime
    clock_offset: timedelta | None  # server minus device, as the phone measured it
    distance_m: float | None
    accuracy_m: float | None
    is_mocked: bool
    is_planned_day: bool

    @property
    def happened_at(self) -> datetime:
        """The device's time put right by its measured offset."""
        return self.device_at + (self.clock_offset or timedelta())


def suspicions(presence: Presence, *, allowed_distance_m: float) -> list[str]:
    """What a reviewer should look at; nothing here rejects a visit (D7.6)."""
    found = []
    if presence.is_mocked:
        found.append(MOCKED)
    if presence.distance_m is None:
        found.append(NO_POSITION)
    elif presence.distance_m > allowed_distance_m + (presence.accuracy_m or 0):
        found.append(FAR_AWAY)
    if presence.accuracy_m is not None and presence.accuracy_m > IMPRECISE_M:
        found.append(IMPRECISE)
    if not presence.is_planned_day:
        found.append(OTHER_DAY)
    if presence.clock_offset is not None and abs(presence.clock_offset) > CLOCK_TOLERANCE:
        found.append(CLOCK_OFF)
    if presence.received_at - presence.happened_at > SYNC_TOLERANCE:
        found.append(LATE_SYNC)
    return found
