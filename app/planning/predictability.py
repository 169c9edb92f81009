"""How well could somebody who knows an outlet's whole history guess its next visit (D6.3)?

Each predictor sees an outlet's visits up to a moment and names the weekday and day part of the next one. The
measure is how often the best of them is right, against chance: one over the number of cells in which the outlet
can be visited at all. Entropy is no target: never repeating has the highest entropy and
is easily guessed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from app.planning.clocktimes import ClockTime
from app.planning.parts import DayPart, Document, Name, Outlet, Rules

LEAST_CHOICE = 30  # minutes; a shorter while to start a visit in is hardly a choice
Cell = tuple[int, int]
"""ISO weekday and index of the day part."""


class Sighting(Document):
    outlet: Name
    on: date
    at: ClockTime


class KnownHours(Document):
    """What everybody may know of an outlet: the cells in which a visit can start at all."""

    outlet: Name
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...]
    parts: tuple[Name, ...] = Field(min_length=1)


class VisitHistory(Document):
    """Past visits of outlets, by whomever: the input of `plainclothes plan predictability`."""

    format: Literal["plainclothes/visit-history/1"] = "plainclothes/visit-history/1"
    day_parts: tuple[DayPart, ...] = Rules().day_parts
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    least_known: int = Field(4, ge=2, description="visits an observer knows before the first guess")
    since: date | None = Field(None, description="guesses count from this day on; null: all of them")
    hours: tuple[KnownHours, ...] = Field((), description="of outlets that do not open at all times")
    visits: tuple[Sighting, ...]


Past = Sequence[tuple[date, int]]
"""An outlet's visits so far: date and day part, in order."""


@dataclass(slots=True)
class Observer:
    """What all predictors may use: the outlet's past and, for the learned model, everybody's."""

    cells: list[Cell]  # of the outlet in question
    after: dict[tuple[Cell, Cell], Counter[Cell]] = field(default_factory=lambda: defaultdict(Counter))
    features: dict[tuple[str, int], Counter[Cell]] = field(default_factory=lambda: defaultdict(Counter))

    def learn(self, past: Past, cell: Cell) -> None:
        """Takes in a visit after the guesses for it are made."""
        if len(past) >= 2:
            self.after[_cell(past[-2]), _cell(past[-1])][cell] += 1
        for feature in _features(past):
            self.features[feature][cell] += 1


@dataclass(frozen=True, slots=True)
class Rates:
    """Share of guesses that were right: of the cell, of the weekday alone, of the day part alone."""

    cell: float
    weekday: float
    part: float


@dataclass(frozen=True, slots=True)
class OutletRate:
    outlet: str
    guesses: int
    best_predictor: str
    hits: int
    alarm: bool  # more than two standard deviations above chance, for one predictor chosen beforehand


@dataclass(frozen=True, slots=True)
class Predictability:
    guesses: int
    chance: Rates
    predictors: dict[str, Rates]
    best_predictor: str
    best: float
    times_chance: float
    outlets: list[OutletRate]


def known_hours(
    outlets: Iterable[Outlet], parts: Sequence[DayPart], weekdays: Collection[int]
) -> Iterator[KnownHours]:
    """When outlets can be visited at all: open, on `weekdays`, with a start to choose from in the day part.

    An outlet that leaves no such time is not among them.
    """
    for outlet in outlets:
        open_on = {day for hours in outlet.hours for day in hours.weekdays} & {*weekdays}
        names = tuple(part.name for part, span in _spans(outlet, parts) if span >= LEAST_CHOICE)
        if open_on and names:
            yield KnownHours(outlet=outlet.id, weekdays=tuple(sorted(open_on)), parts=names)


def _spans(outlet: Outlet, parts: Sequence[DayPart]) -> Iterator[tuple[DayPart, int]]:
    """Minutes in which a visit can start, by day part, on the weekday that leaves most."""
    begins = [0, *(part.until for part in parts)]
    for part, start in zip(parts, begins, strict=False):
        yield (
            part,
            max(
                (
                    min(part.until, hours.closes - outlet.service_minutes) - max(start, hours.opens)
                    for hours in outlet.hours
                ),
                default=0,
            ),
        )


def predictability(history: VisitHistory) -> Predictability:
    """The report of D6.3. Raises ValueError when nobody has enough visits for a single guess."""
    tally = _Tally(history)
    tally.run()
    return tally.report()


def _cell(visit: tuple[date, int]) -> Cell:
    return visit[0].isoweekday(), visit[1]


def _features(past: Past) -> list[tuple[str, int]]:
    """What the learned model looks at (naive Bayes over everybody's visits)."""
    last, counts = past[-1], Counter(_cell(visit) for visit in past)
    repeats = sum(1 for visit in past if _cell(visit) == _cell(last))
    top = counts.most_common(1)[0][0]
    return [
        ("last", last[0].isoweekday() * 10 + last[1]),
        ("top", top[0] * 10 + top[1]),
        ("repeats", min(repeats, 3)),
        ("part", Counter(part for _, part in past).most_common(1)[0][0]),
    ]


def _same(past: Past, observer: Observer) -> Cell:  # noqa: ARG001 - predictors share one shape
    return _cell(past[-1])


def _majority(past: Past, observer: Observer) -> Cell:
    cells = Counter(_cell(visit) for visit in past)
    weekdays = Counter(visit[0].isoweekday() for visit in past)
    parts = Counter(part for _, part in past)
    return max(observer.cells, key=lambda one: (cells[one], weekdays[one[0]] + parts[one[1]], one))


def _product(past: Past, observer: Observer) -> Cell:
    weekdays = Counter(visit[0].isoweekday() for visit in past)
    parts = Counter(part for _, part in past)
    return max(observer.cells, key=lambda one: (weekdays[one[0]] + 1) * (parts[one[1]] + 1))


def _least_used(past: Past, observer: Observer) -> Cell:
    cells = Counter(_cell(visit) for visit in past)
    weekdays = Counter(visit[0].isoweekday() for visit in past)
    parts = Counter(part for _, part in past)
    return min(observer.cells, key=lambda one: (cells[one], weekdays[one[0]] + parts[one[1]], one))


def _interval(past: Past, observer: Observer) -> Cell:
    """The last interval once more, on the part seen most."""
    days = (past[-1][0] - past[-2][0]).days
    weekday = (past[-1][0] + timedelta(days=days)).isoweekday()
    part = Counter(one for _, one in past).most_common(1)[0][0]
    return min(observer.cells, key=lambda one: (one[0] != weekday, one[1] != part))


def _markov(past: Past, observer: Observer) -> Cell:
    """After the same two cells, what came most often anywhere; else the outlet's majority."""
    seen = observer.after.get((_cell(past[-2]), _cell(past[-1])))
    return seen.most_common(1)[0][0] if seen else _majority(past, observer)


def _learned(past: Past, observer: Observer) -> Cell:
    scores = dict.fromkeys(observer.cells, 1.0)
    for feature in _features(past):
        seen = observer.features.get(feature, Counter())
        total = sum(seen.values()) + len(observer.cells)
        for cell in scores:
            scores[cell] *= (seen[cell] + 1) / total
    return max(scores, key=lambda cell: scores[cell])


MEASURED = ("cell", "weekday", "part")
PREDICTORS: dict[str, Callable[[Past, Observer], Cell]] = {
    "same_as_last": _same,
    "majority": _majority,
    "weekday_times_part": _product,
    "least_used": _least_used,
    "last_interval": _interval,
    "markov_order_2": _markov,
    "learned": _learned,
}


class _Tally:
    def __init__(self, history: VisitHistory) -> None:
        self.history = history
        self.observer = Observer(_cells(history, None))
        self.cells = {hours.outlet: _cells(history, hours) for hours in history.hours}
        self.everywhere = self.observer.cells
        self.hits: dict[str, Counter[str]] = {name: Counter() for name in PREDICTORS}
        self.of_outlet: dict[str, Counter[str]] = defaultdict(Counter)
        self.tries: Counter[str] = Counter()

    def run(self) -> None:
        """Goes through all visits in the order of time, as an observer of the whole network would."""
        past: dict[str, list[tuple[date, int]]] = defaultdict(list)
        for seen in sorted(self.history.visits, key=lambda one: (one.on, one.at, one.outlet)):
            known = past[seen.outlet]
            visit = (seen.on, self._part(seen.at))
            self.observer.cells = self.cells.get(seen.outlet, self.everywhere)
            if len(known) >= self.history.least_known and seen.on >= (self.history.since or seen.on):
                self._guess(seen.outlet, known, _cell(visit))
            if known:
                self.observer.learn(known, _cell(visit))
            known.append(visit)

    def _part(self, minute: int) -> int:
        return next(number for number, part in enumerate(self.history.day_parts) if minute < part.until)

    def _guess(self, outlet: str, known: Past, cell: Cell) -> None:
        self.tries[outlet] += 1
        for name, predictor in PREDICTORS.items():
            weekday, part = predictor(known, self.observer)
            self.hits[name]["weekday"] += weekday == cell[0]
            self.hits[name]["part"] += part == cell[1]
            if (weekday, part) == cell:
                self.hits[name]["cell"] += 1
                self.of_outlet[outlet][name] += 1

    def report(self) -> Predictability:
        guesses = self.tries.total()
        if not guesses:
            raise ValueError(
                f"no outlet has more than {self.history.least_known} known visits: nothing can be guessed yet"
            )
        rates = {
            name: Rates(*(hits[what] / guesses for what in MEASURED)) for name, hits in self.hits.items()
        }
        best = max(rates, key=lambda name: rates[name].cell)
        chance = self._chance(guesses)
        return Predictability(
            guesses=guesses,
            chance=chance,
            predictors=rates,
            best_predictor=best,
            best=rates[best].cell,
            times_chance=rates[best].cell / chance.cell,
            outlets=[self._outlet(outlet, best) for outlet in sorted(self.tries)],
        )

    def _chance(self, guesses: int) -> Rates:
        """Luck, outlet by outlet: each has its own number of weekdays and day parts."""
        cell = weekday = part = 0.0
        for outlet, tries in self.tries.items():
            cells = self.cells.get(outlet, self.everywhere)
            cell += tries / len(cells)
            weekday += tries / len({one for one, _ in cells})
            part += tries / len({one for _, one in cells})
        return Rates(cell / guesses, weekday / guesses, part / guesses)

    def _outlet(self, outlet: str, best: str) -> OutletRate:
        tries, hits = self.tries[outlet], self.of_outlet[outlet]
        chance = 1 / len(self.cells.get(outlet, self.everywhere))
        own = max(PREDICTORS, key=lambda name: hits[name])
        limit = tries * chance + 2 * (tries * chance * (1 - chance)) ** 0.5
        return OutletRate(outlet, tries, own, hits[own], alarm=hits[best] > limit)


def _cells(history: VisitHistory, hours: KnownHours | None) -> list[Cell]:
    weekdays = hours.weekdays if hours else history.weekdays
    names = [part.name for part in history.day_parts]
    parts = [number for number, name in enumerate(names) if hours is None or name in hours.parts]
    if not weekdays or not parts:
        raise ValueError(f"the hours of {hours.outlet if hours else 'all outlets'} leave no time for a visit")
    return [(weekday, part) for weekday in weekdays for part in parts]
