"""The hour of each visit, drawn late and in secret: direction and departure of every route (D6.3).

The weekday costs nothing to vary; the hour is what gives a pattern away. Each visit draws a day part, each route
takes the direction and departure that meet most of its draws, at no more travel.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from app.planning.cells import Runs, part_of
from app.planning.schedule import Day, Stop, arrivals, keeps, span
from app.planning.solver.encode import Month
from app.planning.solver.layout import LATEST, LEG, NOWHERE, OPENS, TASK, Floats, Ints, State

DEPARTURES = 16  # drawn per direction; more hardly meet more draws
LONGEST_BREAK = 180  # minutes between two visits, where the day's length allows it
REPEATS = 100.0  # a run of one cell is worse than any missed draw
LATER = 1 / 60  # in a repair, an hour's shift of a visit that could stay weighs as much as a missed draw


@dataclass(slots=True)
class Timetable:
    """Start of every task served, and the tasks that repeat a cell whatever the route does."""

    start: Ints
    order: dict[int, list[int]] = field(default_factory=dict)
    repeating: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Choice:
    tasks: list[int]
    starts: list[int]


def draw_times(month: Month, state: State, *, seed: int, before: dict[int, int] | None = None) -> Timetable:
    """A timetable for every route of `state`. `before` are the starts to stay near to, in a repair.

    Drawn twice: routes favour the middle of the day, so the second time the rarer parts are wished for more.
    """
    equal = np.ones(len(month.instance.rules.day_parts))
    first = _Drawing(month, state, seed, before or {}, equal)
    table = first.run()
    return (
        _Drawing(month, state, seed, before or {}, first.corrections()).run()
        if len(table.order) > 1
        else table
    )


def _with_break(legs: list[int], behind: int, minutes: int) -> list[int]:
    return [leg + minutes * (number == behind) for number, leg in enumerate(legs)]


class _Drawing:
    def __init__(self, month: Month, state: State, seed: int, before: dict[int, int], favour: Floats) -> None:
        self.month = month
        self.state = state
        self.before = before
        self.rng = np.random.default_rng([seed, 6])
        self.runs = Runs(month.instance)
        self.table = Timetable(np.full(len(month.facts.tasks), NOWHERE, np.int64))
        self.favour = favour
        self.wishes = self._wishes()

    def corrections(self) -> Floats:
        """By day part, how much more often it was wished for than met."""
        tasks = np.flatnonzero(self.table.start != NOWHERE)
        parts = len(self.favour)
        met = [part_of(self.month.instance.rules, int(start)) for start in self.table.start[tasks]]
        wished = np.bincount(self.wishes[tasks], minlength=parts)
        corrections: Floats = np.clip((wished + 1) / (np.bincount(met, minlength=parts) + 1), 1 / 4, 4)
        return corrections

    def run(self) -> Timetable:
        days = self.month.facts.days
        used = np.flatnonzero(self.state.filled > 0)
        for slot in used[
            np.argsort(used % days, kind="stable")
        ]:  # by date: a run is judged when its last is timed
            self._time(int(slot))
        return self.table

    def _wishes(self) -> Ints:
        """The day part each task draws, among those its opening hours reach; a crew draws once."""
        facts, rules = self.month.facts, self.month.instance.rules
        wanted = np.zeros(len(facts.tasks), np.int64)
        for visit, tasks in enumerate(self.month.tasks_of):
            outlet = self.month.visits[visit].outlet
            opens = min((hours.opens for hours in outlet.hours), default=0)
            latest = max((hours.closes for hours in outlet.hours), default=0) - outlet.service_minutes
            parts = range(part_of(rules, opens), part_of(rules, max(opens, latest)) + 1)
            chances = np.array([self._chance(part, len(parts)) * self.favour[part] for part in parts])
            wanted[tasks] = self.rng.choice(list(parts), p=chances / chances.sum())
        return wanted

    def _chance(self, part: int, parts: int) -> float:
        """Equal chances, raised for off-peak parts where their share asks for it."""
        rules = self.month.instance.rules
        off_peak = rules.day_parts[part].name in rules.off_peak_parts
        return (
            max(1 / parts, rules.off_peak_share / max(1, len(rules.off_peak_parts)))
            if off_peak
            else 1 / parts
        )

    def _time(self, slot: int) -> None:
        day = slot % self.month.facts.days
        choice = max(self._choices(slot), key=lambda one: self._worth(one, day))
        self.table.order[slot] = choice.tasks
        for task, start in zip(choice.tasks, choice.starts, strict=True):
            self.table.start[task] = start
            outlet = self._outlet(task)
            if self._repeats(task, day, start):
                self.table.repeating.append(task)
            if task == self.month.tasks_of[int(self.month.facts.tasks["visit"][task])][0]:
                self.runs.add(outlet, self.month.days[day], start)

    def _outlet(self, task: int) -> str:
        return self.month.visits[int(self.month.facts.tasks["visit"][task])].outlet.id

    def _repeats(self, task: int, day: int, start: int) -> bool:
        if self.month.facts.tasks["start"][task] != NOWHERE:
            return False  # a person, or the crew's draw, has decided the hour
        return self.runs.would_repeat(self._outlet(task), self.month.days[day], start)

    def _choices(self, slot: int) -> Iterator[_Choice]:
        """Feasible timetables of one route: both directions, drawn departures."""
        facts, state = self.month.facts, self.state
        last = int(state.filled[slot]) + 1
        tasks = [int(task) for task in state.stops[slot, 1:last, TASK]]
        legs = [int(leg) for leg in state.stops[slot, :last, LEG]]
        row = facts.staff[slot // facts.days]
        day = Day(int(row["starts"]), int(row["ends"]), int(row["longest"]))
        stops = [self._stop(task, slot % facts.days) for task in tasks]
        known = [self.before.get(task, NOWHERE) for task in tasks]
        if NOWHERE not in known and keeps(day, stops, legs, known):
            yield _Choice(tasks, known)
        yield from self._departures(day, tasks, stops, legs)
        if facts.roads.symmetric and len(tasks) > 1:
            yield from self._departures(day, tasks[::-1], stops[::-1], legs[::-1])

    def _departures(
        self, day: Day, tasks: list[int], stops: list[Stop], legs: list[int]
    ) -> Iterator[_Choice]:
        frame = span(day, stops, legs)
        if frame is None or frame.least > day.longest:
            return
        drawn = self.rng.integers(frame.first, frame.last + 1, DEPARTURES)
        for departure in (frame.first, frame.last, *map(int, drawn)):
            yield _Choice(tasks, arrivals(departure, stops, legs))
        for departure in map(int, drawn) if len(stops) > 1 else ():
            behind, minutes = int(self.rng.integers(1, len(stops))), int(self.rng.integers(15, LONGEST_BREAK))
            starts = arrivals(departure, stops, _with_break(legs, behind, minutes))
            if keeps(day, stops, legs, starts):
                yield _Choice(tasks, starts)

    def _stop(self, task: int, day: int) -> Stop:
        facts = self.month.facts
        row = facts.tasks[task]
        service = int(facts.outlets["service"][row["outlet"]])
        if row["start"] != NOWHERE:
            return Stop(int(row["start"]), int(row["start"]), service)
        hours = facts.hours[row["outlet"], facts.calendar["weekday"][day]]
        return Stop(int(hours[OPENS]), int(hours[LATEST]), service)

    def _worth(self, choice: _Choice, day: int) -> float:
        rules = self.month.instance.rules
        worth = 0.0
        for task, start in zip(choice.tasks, choice.starts, strict=True):
            if task in self.before:
                worth -= abs(start - self.before[task]) * LATER
            else:
                worth += part_of(rules, start) == self.wishes[task]
            if self._repeats(task, day, start):
                worth -= REPEATS
        return worth
