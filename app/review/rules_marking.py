"""Second marking (D8.1): which visits, by whom, and where it stands. Standard library only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Reminder(StrEnum):
    """What is told once of each submission that waits."""

    DUE_SOON = "due_soon"
    ESCALATED = "escalated"


class MarkingStatus(StrEnum):
    """Where a visit's second marking stands."""

    NOT_WANTED = "not_wanted"
    WANTED = "wanted"
    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    EXCUSED = "excused"


AWAITED = (MarkingStatus.WANTED, MarkingStatus.ASSIGNED)  # no approval before it is in


class Unfit(StrEnum):
    """Why somebody cannot be the second marker of a visit."""

    IN_CREW = "in-crew"
    REVIEWED_IT = "reviewed-it"
    READS_AUDIT = "reads-audit"  # the audit trail tells of reviews: no blindfold would help
    NOT_OF_THE_DESK = "not-of-the-desk"  # no reviewer and no supervisor of the outlet's region


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the status of a second marking follows from."""

    is_recorded: bool  # without a recording there is nothing to mark from
    is_drawn: bool
    has_veto: bool
    is_assigned: bool = False
    is_submitted: bool = False
    is_excused: bool = False

    @property
    def status(self) -> MarkingStatus:
        """One that was given to somebody is awaited, also where neither lot nor veto ask for it."""
        if self.is_submitted:
            return MarkingStatus.SUBMITTED
        if self.is_excused:
            return MarkingStatus.EXCUSED
        if self.is_assigned:
            return MarkingStatus.ASSIGNED
        wanted = self.is_recorded and (self.is_drawn or self.has_veto)
        return MarkingStatus.WANTED if wanted else MarkingStatus.NOT_WANTED


def why_unfit(
    person_id: UUID,
    *,
    crew: Collection[UUID],
    reviewed: Collection[UUID],
    auditing: Collection[UUID],
    desk: Collection[UUID],
) -> Unfit | None:
    """`None` for somebody who may be the second marker: of the desk, not of the crew, and new to the visit."""
    if person_id in crew:
        return Unfit.IN_CREW
    if person_id in reviewed:
        return Unfit.REVIEWED_IT
    if person_id in auditing:
        return Unfit.READS_AUDIT
    return None if person_id in desk else Unfit.NOT_OF_THE_DESK


def least_busy(candidates: Collection[UUID], open_tasks: Mapping[UUID, int]) -> list[UUID]:
    """Those with the fewest open tasks, among whom the lot decides; in order, so that a seed gives one result."""
    fewest = min((open_tasks.get(one, 0) for one in candidates), default=0)
    return sorted(one for one in candidates if open_tasks.get(one, 0) == fewest)


def is_due_soon(due_at: datetime, *, now: datetime, review_hours: int) -> bool:
    """Within the last quarter of the time there is."""
    return due_at - timedelta(hours=review_hours) / 4 <= now <= due_at
