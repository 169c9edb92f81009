"""The difference between two plans of one month: what a supervisor is shown before accepting a repair."""

from dataclasses import dataclass
from enum import StrEnum

from app.planning.plan import Plan, PlannedVisit


class Change(StrEnum):
    ADDED = "added"
    DROPPED = "dropped"
    PERSON = "person"
    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class VisitChange:
    """One visit that differs, and in what; `before` or `after` is missing when it was not planned."""

    visit: str
    changes: tuple[Change, ...]
    before: PlannedVisit | None
    after: PlannedVisit | None


def compare(before: Plan, after: Plan) -> list[VisitChange]:
    """Every visit that is planned differently, in the order of their names."""
    old = {visit.visit: visit for visit in before.visits}
    new = {visit.visit: visit for visit in after.visits}
    changed = [
        VisitChange(name, _changes(old.get(name), new.get(name)), old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
    ]
    return [one for one in changed if one.changes]


def _changes(old: PlannedVisit | None, new: PlannedVisit | None) -> tuple[Change, ...]:
    if old is None:
        return (Change.ADDED,)
    if new is None:
        return (Change.DROPPED,)
    differs = {
        Change.PERSON: set(old.inspectors) != set(new.inspectors),
        Change.DAY: old.on != new.on,
        Change.HOUR: old.arrive != new.arrive,
    }
    return tuple(change for change, does in differs.items() if does)
