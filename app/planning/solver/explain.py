"""Why a visit is not served: the inspectors are sieved rule by rule, the first sieve nobody passes is the cause.

The fix names the change nearest at hand among those who passed every sieve before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.planning.demand import Kind
from app.planning.parts import Exposure, Inspector, Outlet
from app.planning.places import Places
from app.planning.plan import Cause, Fix, Remedy, Unserved
from app.planning.solver.eligibility import bare_days, open_days, rotation_blocks, work_days
from app.planning.solver.encode import Month
from app.planning.solver.insertion import busy_days
from app.planning.solver.layout import NOWHERE, State
from app.planning.solver.placing import inspectors_at
from app.planning.solver.routes import best_position, minutes
from app.programmes.rules import RotationScope
from app.rotation.rules import last_blocked_day

NO_LIMIT = 1e12


@dataclass(frozen=True, slots=True)
class Candidate:
    """One inspector still in question, and the days still open."""

    number: int
    inspector: Inspector
    way: int
    days: int


class Explainer:
    """Explains the unserved visits of one finished plan."""

    def __init__(self, month: Month, state: State) -> None:
        self.month = month
        self.state = state
        self.places = Places(month.instance)
        self.by_brand = month.instance.rules.rotation_scope is RotationScope.BRAND
        self.history: dict[tuple[str, str], list[Exposure]] = {}
        self.at_outlet: dict[str, list[date]] = {}
        self.overt: set[tuple[str, str]] = set()
        for exposure in month.instance.history:
            for place in self.places.of_exposure(exposure):
                self.history.setdefault((exposure.inspector, place), []).append(exposure)
            self.at_outlet.setdefault(exposure.outlet, []).append(exposure.on)
            if exposure.overt:
                self.overt.add((exposure.inspector, exposure.outlet))

    def unserved(self, visit: int, *, repeats: bool = False) -> Unserved:
        """The reason for a visit; `repeats` when it was given up for repeating a cell."""
        demanded = self.month.visits[visit]
        cause, fix, left = self._sieve(visit)
        if repeats and cause is Cause.SEARCH:
            cause, fix = (
                Cause.VARIATION,
                Fix(remedy=Remedy.SEARCH_LONGER, says="another day or hour, by another draw"),
            )
        elif cause is Cause.SEARCH and visit in self.month.pins:
            cause, fix = (
                Cause.PIN,
                Fix(remedy=Remedy.RELEASE_PIN, says="release the pin: without it the visit fits"),
            )
        elif cause is Cause.SEARCH and demanded.outlet.crew > 1:
            cause = Cause.CREW
            fix = Fix(remedy=Remedy.INSPECTOR, says="one more person who is free when another of the crew is")
        return Unserved(
            visit=demanded.id,
            outlet=demanded.outlet.id,
            number=demanded.number,
            tier=demanded.outlet.tier,
            cause=cause,
            says=(SAYS_OF_A_BRAND if demanded.outlet.brand and self.by_brand else SAYS).get(
                cause, SAYS[cause]
            ),
            fix=fix,
            left=left,
        )

    def _sieve(self, visit: int) -> tuple[Cause, Fix, dict[str, int]]:
        outlet = self.month.visits[visit].outlet
        here = self._everybody(visit)
        left = {"inspectors": len(here)}
        for cause, sieve, remedy in self._sieves(visit):
            passed = [after for one in here if (after := sieve(one)) is not None]
            left[cause] = len(passed)
            only_one = cause is Cause.NO_DEVICE  # the lead carries them
            if len(passed) < (1 if only_one else outlet.crew):
                failed = [one for one in here if sieve(one) is None]
                return cause, remedy(failed), left
            here = here if only_one and outlet.crew > 1 else passed
        return Cause.SEARCH, Fix(remedy=Remedy.SEARCH_LONGER, says="it fits: search longer"), left

    def _everybody(self, visit: int) -> list[Candidate]:
        facts = self.month.facts
        outlet = int(facts.tasks["outlet"][self.month.tasks_of[visit][0]])
        homes = len(facts.outlets) - 1
        everybody = [
            Candidate(number, one, int(minutes(facts, homes + number, outlet)), -1)
            for number, one in enumerate(self.month.instance.inspectors)
        ]
        return sorted(everybody, key=lambda one: one.way)

    def _sieves(
        self, visit: int
    ) -> list[tuple[Cause, Callable[[Candidate], Candidate | None], Callable[[list[Candidate]], Fix]]]:
        demanded = self.month.visits[visit]
        outlet = demanded.outlet
        instance = self.month.instance
        purpose = instance.rules.purposes.get(demanded.purpose) if demanded.purpose else None
        needed = {*outlet.certificates, *(purpose.certificates if purpose else ())}
        around = Surroundings(self, visit)
        return [
            (
                Cause.NO_LANGUAGE,
                _keep(lambda one: set(outlet.languages) <= set(one.inspector.languages)),
                _language(outlet),
            ),
            (
                Cause.NO_CERTIFICATE,
                _keep(lambda one: needed <= set(one.inspector.certificates)),
                _certificate(needed),
            ),
            (Cause.OUT_OF_REACH, _keep(lambda one: _in_reach(one, outlet)), _reach),
            (
                Cause.BARRED,
                _keep(lambda one: not self._barred(one.inspector, outlet, demanded.kind)),
                _another,
            ),
            (Cause.CLOSED, around.open, around.fix_closed),
            (Cause.UNAVAILABLE, around.available, around.fix_available),
            (Cause.NO_DEVICE, around.equipped, around.fix_equipped),
            (Cause.ROTATION, around.rotated, around.fix_rotation),
            (Cause.GAP, around.apart, around.fix_gap),
            (Cause.POOL_TOO_SMALL, around.new_here, _another),
            (Cause.CAPACITY, around.has_room, around.fix_capacity),
            (Cause.ROUTE_TIME, around.fits, around.fix_route),
        ]

    def _barred(self, inspector: Inspector, outlet: Outlet, kind: Kind) -> bool:
        if outlet.id in inspector.not_at:
            return True
        known = outlet.id in inspector.not_covert_at or (inspector.id, outlet.id) in self.overt
        return kind is Kind.COVERT and known


def _keep(passes: Callable[[Candidate], bool]) -> Callable[[Candidate], Candidate | None]:
    return lambda one: one if passes(one) else None


def _in_reach(one: Candidate, outlet: Outlet) -> bool:
    near = one.inspector.reach_minutes is None or one.way <= one.inspector.reach_minutes
    return near and (one.inspector.regions is None or outlet.region in one.inspector.regions)


def _language(outlet: Outlet) -> Callable[[list[Candidate]], Fix]:
    says = f"an inspector who speaks {', '.join(outlet.languages)}"
    return lambda failed: Fix(remedy=Remedy.LANGUAGE, inspector=_first(failed), says=says)


def _certificate(needed: set[str]) -> Callable[[list[Candidate]], Fix]:
    says = f"an inspector with {', '.join(sorted(needed))}"
    return lambda failed: Fix(remedy=Remedy.CERTIFICATE, inspector=_first(failed), says=says)


def _first(failed: list[Candidate]) -> str | None:
    return failed[0].inspector.id if failed else None


def _reach(failed: list[Candidate]) -> Fix:
    if not failed:
        return _another(failed)
    one = failed[0]
    says = (
        f"{one.inspector.id} lives {one.way} min away and goes {one.inspector.reach_minutes or 'elsewhere'}"
    )
    return Fix(remedy=Remedy.REACH_MINUTES, inspector=one.inspector.id, value=one.way, says=says)


def _another(_: list[Candidate]) -> Fix:
    return Fix(remedy=Remedy.INSPECTOR, says="one more inspector who may come here")


class Surroundings:
    """The sieves that look at days and at the rest of the plan."""

    def __init__(self, explainer: Explainer, visit: int) -> None:
        self.month, self.state = explainer.month, explainer.state
        self.history = explainer.history
        self.outlet = self.month.visits[visit].outlet
        self.place = explainer.places.of(self.outlet)
        self.task = self.month.tasks_of[visit][0]
        self.days = self.month.days
        self.open_set = open_days(self.outlet, self.days)
        gap = self.month.instance.rules.min_gap_days
        near_past = sum(
            1 << n
            for n, day in enumerate(self.days)
            if any(abs((day - on).days) < gap for on in explainer.at_outlet.get(self.outlet.id, ()))
        )
        self.busy = int(busy_days(self.month.facts, self.state, self.task)) | near_past
        self.here = inspectors_at(self.month, self.state, self.task)

    def _with(self, one: Candidate, days: int) -> Candidate | None:
        return Candidate(one.number, one.inspector, one.way, days) if days else None

    def open(self, one: Candidate) -> Candidate | None:
        return self._with(one, self.open_set)

    def fix_closed(self, _: list[Candidate]) -> Fix:
        return Fix(remedy=Remedy.OPENING, says="the outlet opens on no day of the month")

    def available(self, one: Candidate) -> Candidate | None:
        return self._with(one, one.days & work_days(one.inspector, self.days))

    def fix_available(self, failed: list[Candidate]) -> Fix:
        says = "a working day of an inspector who may come here, on a day the outlet is open"
        return Fix(remedy=Remedy.AVAILABILITY, inspector=_first(failed), says=says)

    def equipped(self, one: Candidate) -> Candidate | None:
        return self._with(one, one.days & ~bare_days(self.outlet, one.inspector, self.days))

    def fix_equipped(self, failed: list[Candidate]) -> Fix:
        """The nearest of those who could come, on the first day they could."""
        needs = ", ".join(f"{count} {kind}" for kind, count in sorted(self.outlet.devices.items()))
        one = failed[0]
        on = self.days[self._days_of(one)[0]]
        says = f"hand {needs} to {one.inspector.id} by {on}"
        return Fix(remedy=Remedy.DEVICE, inspector=one.inspector.id, on=on, says=says)

    def _blocks(self, one: Candidate) -> int:
        months, blocked = self.month.instance.rules.rotation_months, 0
        for exposure in self.history.get((one.inspector.id, self.place), ()):
            blocked |= rotation_blocks(exposure.on, self.days, months)
        return blocked

    def rotated(self, one: Candidate) -> Candidate | None:
        return self._with(one, one.days & ~self._blocks(one))

    def fix_rotation(self, failed: list[Candidate]) -> Fix:
        months = self.month.instance.rules.rotation_months
        one = min(failed, key=lambda who: self._latest(who).on)
        latest = self._latest(one)
        there = "there" if latest.outlet == self.outlet.id else f"at {latest.outlet} of {self.place}"
        until = last_blocked_day(latest.on, months)
        says = f"{one.inspector.id} was or will be {there} on {latest.on}, blocked until {until}"
        return Fix(remedy=Remedy.WAIVER, inspector=one.inspector.id, on=latest.on, says=says)

    def _latest(self, one: Candidate) -> Exposure:
        return max(self.history[one.inspector.id, self.place], key=lambda exposure: exposure.on)

    def apart(self, one: Candidate) -> Candidate | None:
        return self._with(one, one.days & ~self.busy)

    def fix_gap(self, failed: list[Candidate]) -> Fix:
        gap = self.month.instance.rules.min_gap_days
        says = f"all days left are within {gap} days of another visit here: a smaller gap, or an earlier first visit"
        return Fix(remedy=Remedy.MIN_GAP_DAYS, inspector=_first(failed), says=says)

    def new_here(self, one: Candidate) -> Candidate | None:
        return None if one.number in self.here else one

    def has_room(self, one: Candidate) -> Candidate | None:
        return one if any(self._room(one, day) for day in self._days_of(one)) else None

    def _days_of(self, one: Candidate) -> list[int]:
        return [day for day in range(len(self.days)) if one.days >> day & 1]

    def _room(self, one: Candidate, day: int) -> bool:
        count = int(self.state.filled[one.number * self.month.facts.days + day])
        if count == 0:
            return bool(self.state.staff["opened"][one.number] < one.inspector.max_days)
        return count < one.inspector.max_visits_per_day

    def fix_capacity(self, failed: list[Candidate]) -> Fix:
        """The nearest one who would come with one day more, else with one visit more on a day."""
        for one in failed:
            for day in self._days_of(one):
                if not self.state.filled[one.number * self.month.facts.days + day] and self._drives(one, day):
                    says = f"one more working day for {one.inspector.id}, who has {one.inspector.max_days}"
                    return self._fix(Remedy.MAX_DAYS, one, day, one.inspector.max_days + 1, says)
        for one in failed:
            for day in self._days_of(one):
                if self._drives(one, day):
                    says = f"one more visit for {one.inspector.id} on {self.days[day]}"
                    more = one.inspector.max_visits_per_day + 1
                    return self._fix(Remedy.MAX_VISITS_PER_DAY, one, day, more, says)
        return _another(failed)

    def _fix(self, remedy: Remedy, one: Candidate, day: int, value: int, says: str) -> Fix:
        return Fix(remedy=remedy, inspector=one.inspector.id, on=self.days[day], value=value, says=says)

    def _drives(self, one: Candidate, day: int) -> bool:
        slot = one.number * self.month.facts.days + day
        task = self._unfixed()
        _, position = best_position(self.month.facts, self.state, slot, task, NO_LIMIT)
        return position != NOWHERE

    def _unfixed(self) -> int:
        return self.task

    def fits(self, one: Candidate) -> Candidate | None:
        return (
            one
            if any(self._room(one, day) and self._drives(one, day) for day in self._days_of(one))
            else None
        )

    def fix_route(self, failed: list[Candidate]) -> Fix:
        says = (
            "no day of those who could come has the time for it: a longer day or shift, or one more inspector"
        )
        return Fix(remedy=Remedy.DAY_MINUTES, inspector=_first(failed), says=says)


SAYS = {
    Cause.NO_LANGUAGE: "nobody speaks the language the outlet requires",
    Cause.NO_CERTIFICATE: "nobody who speaks the language has the certificate",
    Cause.OUT_OF_REACH: "nobody suitable has the outlet in reach",
    Cause.BARRED: "everybody in reach is barred from this outlet",
    Cause.CLOSED: "the outlet is open on no day of the month",
    Cause.UNAVAILABLE: "nobody suitable works on a day the outlet is open",
    Cause.NO_DEVICE: "nobody suitable holds the recording devices the visit needs on a day they could come",
    Cause.ROTATION: "everybody suitable was or will be there within the rotation interval",
    Cause.GAP: "every day left is too near to another visit of the outlet",
    Cause.POOL_TOO_SMALL: "everybody suitable already visits the outlet this month",
    Cause.CAPACITY: "everybody suitable has full days, or all working days used",
    Cause.ROUTE_TIME: "no day with room left has the time, opening hours and ways included",
    Cause.CREW: "no day and hour brings the whole crew together",
    Cause.VARIATION: "every time left would repeat the outlet's weekday and day part once too often",
    Cause.PIN: "it does not fit as pinned",
    Cause.SEARCH: "it fits; the search has not placed it",
}
SAYS_OF_A_BRAND = {
    Cause.ROTATION: "everybody suitable was or will be at an outlet of the brand within the rotation interval",
    Cause.POOL_TOO_SMALL: "everybody suitable already visits the brand this month",
}
