"""Where a visit could go: every inspector on every day, with what a move there breaks or costs (D6.4).

It promises what a move by hand then does: the same rules, the same hours, all other visits left where they are.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from statistics import mean

from app.planning.by_hand import (
    hours_to_try,
    is_confirmed,
    new_violations,
    part_of,
    placed,
    route_of,
)
from app.planning.cells import part_of as day_part_of
from app.planning.check import hours_on
from app.planning.clocktimes import clock
from app.planning.demand import DemandedVisit
from app.planning.hard_rules import Fact, Rule, Violation, Why
from app.planning.instance import Instance
from app.planning.parts import Inspector
from app.planning.plan import Plan, PlannedVisit

OF_THE_HOUR = {Rule.TRAVEL, Rule.SHIFT, Rule.DAY_LENGTH, Rule.VARIATION}
OF_THE_PERSON = {Rule.LANGUAGE, Rule.CERTIFICATE, Rule.REACH, Rule.BARRED}
LONG_WAY_MINUTES = 60  # more travel than now: as long as a visit with its way, so the move costs a visit
UNFAIR = 1.5  # times the mean share of the own capacity
FEW_VISITS = 2  # above the mean: fewer make no load unfair, whatever the shares


class Verdict(StrEnum):
    ALLOWED = "allowed"
    SOFT = "soft"
    BLOCKED = "blocked"


class SoftConflict(StrEnum):
    """What speaks against a move and does not forbid it."""

    COMMUNITY = "community"  # D2.9
    TRAVEL = "travel"
    FAIR_LOAD = "fair_load"
    OFF_PEAK = "off_peak"
    PATTERN = "pattern"  # the weekday and day part of the outlet's visit before (D6.3)


@dataclass(frozen=True, slots=True)
class Option:
    """`travel_minutes` is what all travel becomes more by; null where it is blocked."""

    on: date
    arrive: int | None
    broken: tuple[Violation, ...]
    soft: tuple[SoftConflict, ...]
    travel_minutes: int | None
    visits_that_day: int

    @property
    def verdict(self) -> Verdict:
        if self.broken:
            return Verdict.BLOCKED
        return Verdict.SOFT if self.soft else Verdict.ALLOWED


@dataclass(frozen=True, slots=True)
class Row:
    """One inspector's month for the visit. What is `never` allowed needs no days."""

    inspector: str
    crew: tuple[str, ...]
    visits_in_month: int
    never: tuple[Violation, ...]
    days: tuple[Option, ...]


def options(
    instance: Instance,
    plan: Plan,
    demanded: DemandedVisit,
    *,
    beside: Sequence[str] | None = None,
    lead: str | None = None,
) -> list[Row]:
    """A row for each inspector who works in the month. `beside` None: the rest of the present crew.

    With fewer people than the crew has, it is told what forbids those there are; a move wants all of them.
    """
    board = _Board(instance, plan, demanded, lead)
    if beside is None:
        beside = board.now.inspectors[1:] if board.now else ()
    return [
        _Person(board, one, board.crew(one.id, beside)).row() for one in instance.inspectors if one.max_days
    ]


class _Board:
    """The plan without the visit, and what all inspectors' rows share."""

    def __init__(
        self, instance: Instance, plan: Plan, demanded: DemandedVisit, lead: str | None = None
    ) -> None:
        self.lead = lead
        self.instance = instance
        self.plan = plan
        self.demanded = demanded
        self.now = next((one for one in plan.visits if one.visit == demanded.id), None)
        self.others = [one for one in plan.visits if one.visit != demanded.id]
        self.loads = Counter(name for one in self.others for name in one.inspectors)
        self.days = instance.days()
        self.stays = self._stays()

    def crew(self, name: str, beside: Sequence[str]) -> tuple[str, ...]:
        """Who was named to lead; else the present lead leads on, if still there; else whoever is new."""
        crew = dict.fromkeys([name, *beside])
        lead = self.lead or (self.now.inspectors[0] if self.now else name)
        return tuple(sorted(crew, key=lambda one: one != lead))

    def _stays(self) -> tuple[Violation, ...]:
        """Why the visit moves nowhere at all."""
        if self.now is not None and self.now.pinned:
            says = "it is pinned: let it go first (D6.5)"
            return (Violation(Rule.PIN, self.demanded.id, says=says, why=Why.PINNED),)
        if is_confirmed(self.instance, self.demanded.id):
            says = "it is confirmed or has begun (D6.5)"
            return (Violation(Rule.PIN, self.demanded.id, says=says, why=Why.CONFIRMED),)
        return ()

    @cached_property
    def saved_minutes(self) -> int:
        """Travel that is not needed any more once the visit is gone from where it is."""
        if self.now is None:
            return 0
        visits = [*self.others, self.now]
        return sum(
            _minutes(self.instance, visits, name, self.now.on)
            - _minutes(self.instance, self.others, name, self.now.on)
            for name in self.now.inspectors
        )

    @cached_property
    def mean_share(self) -> float:
        return mean(_share(one, self.loads[one.id]) for one in self.instance.inspectors if one.max_days)

    @cached_property
    def mean_load(self) -> float:
        return mean(self.loads[one.id] for one in self.instance.inspectors if one.max_days)

    @cached_property
    def is_short_of_off_peak(self) -> bool:
        """Whether one more visit in peak hours leaves the month short of its share (D6.3)."""
        rules = self.instance.rules
        quiet = {number for number, one in enumerate(rules.day_parts) if one.name in rules.off_peak_parts}
        count = sum(day_part_of(rules, one.arrive) in quiet for one in self.others)
        return count < rules.off_peak_share * (len(self.others) + 1)

    def repeats(self, candidate: PlannedVisit) -> bool:
        """Whether the visit before it at this outlet was on the same weekday and day part."""
        rules = self.instance.rules
        seen = [
            (one.on, one.at)
            for one in self.instance.history
            if one.outlet == candidate.outlet and one.at is not None
        ] + [(one.on, one.arrive) for one in self.others if one.outlet == candidate.outlet]
        before = max((one for one in seen if one[0] < candidate.on), default=None)
        return before is not None and (before[0].isoweekday(), day_part_of(rules, before[1])) == (
            candidate.on.isoweekday(),
            day_part_of(rules, candidate.arrive),
        )


class _Person:
    """The row of one inspector."""

    def __init__(self, board: _Board, person: Inspector, crew: tuple[str, ...]) -> None:
        self.board = board
        self.person = person
        self.crew = crew
        people = {*crew, *(board.now.inspectors if board.now else ())}
        near = [
            one
            for one in board.plan.visits
            if one.outlet == board.demanded.outlet.id or people & {*one.inspectors, *one.backups}
        ]
        probe = placed(board.demanded, crew, board.days[0], 0)
        self.instance = part_of(board.instance, [*near, probe])
        self.plan = board.plan.model_copy(update={"visits": tuple(near), "unserved": (), "routes": ()})
        self.others = [one for one in near if one.visit != board.demanded.id]
        self.people = [one for one in self.instance.inspectors if one.id in crew]

    def row(self) -> Row:
        never = self.board.stays or self._never()
        days = () if never else tuple(self._option(day) for day in self.board.days)
        load = self.board.loads[self.person.id] + 1
        return Row(self.person.id, self.crew, load, never, days)

    def _never(self) -> tuple[Violation, ...]:
        outlet = self.board.demanded.outlet
        day = next((one for one in self.board.days if hours_on(outlet, one)), self.board.days[0])
        return tuple(one for one in self._broken(day, self._hours(day)[0]) if one.rule in OF_THE_PERSON)

    def _option(self, day: date) -> Option:
        stops = self._stops_on(day) + 1
        arrive, broken = self._first_hour(day)
        if arrive is None:
            return Option(day, None, broken, (), None, stops)
        candidate = placed(self.board.demanded, self.crew, day, arrive)
        travel = self._detour(candidate) - self.board.saved_minutes
        soft = tuple(self._soft(candidate, travel))
        return Option(day, arrive, (), soft, travel, stops)

    def _stops_on(self, day: date) -> int:
        """How many other visits the inspector has that day."""
        return sum(one.on == day and self.person.id in one.inspectors for one in self.others)

    def _hours(self, day: date) -> list[int]:
        return hours_to_try(self.board.demanded.outlet, day, self.board.now)

    def _broken(self, day: date, arrive: int) -> list[Violation]:
        candidate = placed(self.board.demanded, self.crew, day, arrive)
        some_are_missing = len(self.crew) < self.board.demanded.outlet.crew
        return [
            one
            for one in new_violations(self.instance, self.plan, [candidate])
            if one.why is not Why.CREW_SIZE or not some_are_missing
        ]

    def _first_hour(self, day: date) -> tuple[int | None, tuple[Violation, ...]]:
        """The first hour that breaks nothing, or else what stands in the way on that day."""
        outlet = self.board.demanded.outlet
        open_hours = hours_on(outlet, day)
        hours = [
            one
            for one in self._hours(day)
            if open_hours is None or open_hours.opens <= one <= open_hours.closes - outlet.service_minutes
        ] or self._hours(day)[:1]
        first = self._broken(day, hours[0])
        if not first:
            return hours[0], ()
        if hard := tuple(one for one in first if one.rule not in OF_THE_HOUR):
            return None, hard
        for arrive in hours[1:]:
            if self._fits(day, arrive) and not self._broken(day, arrive):
                return arrive, ()
        return None, (self._no_hour(day, first),)

    def _fits(self, day: date, arrive: int) -> bool:
        """Whether the ways leave time for it, each of the crew: a quick look before all rules are asked."""
        visits = [*self.others, placed(self.board.demanded, self.crew, day, arrive)]
        for one in self.people:
            route = route_of(self.instance, visits, one.id, day)
            if route is None or route.leaves_home < one.starts or route.returns_home > one.ends:
                return False
        return True

    def _no_hour(self, day: date, first: Sequence[Violation]) -> Violation:
        """In the place of what the first hour alone would break."""
        if all(one.rule is Rule.VARIATION for one in first):
            return first[0]
        stops = self._stops_on(day)
        starts, ends = clock(self.person.starts), clock(self.person.ends)
        says = (
            f"beside {stops} other visits that day no hour leaves time for it and its ways ({starts}–{ends})"
        )
        facts: dict[str, Fact] = {"others": stops, "starts": starts, "ends": ends}
        return Violation(
            Rule.SHIFT, self.board.demanded.id, self.person.id, day, says, why=Why.NO_HOUR, facts=facts
        )

    def _detour(self, candidate: PlannedVisit) -> int:
        """Minutes of travel more for the crew that day."""
        visits = [*self.others, candidate]
        return sum(
            _minutes(self.instance, visits, name, candidate.on)
            - _minutes(self.instance, self.others, name, candidate.on)
            for name in self.crew
        )

    def _soft(self, candidate: PlannedVisit, travel: int) -> Sequence[SoftConflict]:
        board, outlet = self.board, self.board.demanded.outlet
        load = board.loads[self.person.id] + 1
        speaks_against = {
            SoftConflict.COMMUNITY: outlet.community is not None
            and not any(outlet.community in one.communities for one in self.people),
            SoftConflict.TRAVEL: travel > LONG_WAY_MINUTES,
            SoftConflict.FAIR_LOAD: load - board.mean_load >= FEW_VISITS
            and _share(self.person, load) > UNFAIR * board.mean_share,
            SoftConflict.OFF_PEAK: self._in_peak(candidate) and board.is_short_of_off_peak,
            SoftConflict.PATTERN: board.repeats(candidate),
        }
        return [one for one, does in speaks_against.items() if does]

    def _in_peak(self, candidate: PlannedVisit) -> bool:
        rules = self.board.instance.rules
        return rules.day_parts[day_part_of(rules, candidate.arrive)].name not in rules.off_peak_parts


def _minutes(instance: Instance, visits: Sequence[PlannedVisit], name: str, day: date) -> int:
    route = route_of(instance, visits, name, day)
    return route.travel_minutes if route else 0


def _capacity(one: Inspector) -> int:
    return one.max_days * one.max_visits_per_day


def _share(one: Inspector, load: int) -> float:
    return load / max(1, _capacity(one))
