"""Weekday and day part: the cell a visit falls in, and runs of one cell (D6.3)."""

from bisect import insort
from collections import defaultdict
from datetime import date

from app.planning.instance import Instance
from app.planning.parts import Rules

Seen = tuple[date, int]


def part_of(rules: Rules, minute: int) -> int:
    """Index of the day part in which a stay starts."""
    return next(number for number, part in enumerate(rules.day_parts) if minute < part.until)


class Runs:
    """All known visits of each outlet in order, and whether one more would repeat a cell too often."""

    def __init__(self, instance: Instance) -> None:
        self._rules = instance.rules
        self._seen: dict[str, list[Seen]] = defaultdict(list)
        for exposure in instance.history:
            if exposure.at is not None:
                self._seen[exposure.outlet].append((exposure.on, exposure.at))
        for seen in self._seen.values():
            seen.sort()

    def add(self, outlet: str, on: date, at: int) -> None:
        insort(self._seen[outlet], (on, at))

    def would_repeat(self, outlet: str, on: date, at: int) -> bool:
        """Whether a visit then would complete a run of `same_cell_run` visits in one cell."""
        run = self._rules.same_cell_run
        if not run:
            return False
        seen = sorted([*self._seen[outlet], (on, at)])
        here = seen.index((on, at))
        for start in range(max(0, here - run + 1), min(here, len(seen) - run) + 1):
            cells = {
                (day.isoweekday(), part_of(self._rules, minute)) for day, minute in seen[start : start + run]
            }
            if len(cells) == 1:
                return True
        return False
