"""What no plan can do better than: a bound on unserved visits by flow, and pools too small for their outlets.

The bound drops ways, hours and the order of days, and keeps who may visit whom, once a month (D5.7: a brand, where
rotation is by brand), how many visits each person has days for, and how many visits an outlet's open days leave room for. What is left is a bipartite
b-matching. Its sets of served visits form a matroid, so serving the dearest visits first and augmenting for each
gives the cheapest unserved set (Edmonds 1971), without a min-cost flow.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.planning.demand import visits_of
from app.planning.instance import Instance
from app.planning.parts import Outlet
from app.planning.places import Places
from app.planning.solver.eligibility import Bits, pairs_of, work_days
from app.planning.solver.encode import Month, encode
from app.planning.solver.geometry import ways_of
from app.planning.solver.layout import Bools, Ints, Records
from app.planning.solver.matching import match

METHOD = (
    "b-matching of visits to inspectors (once per outlet, or brand, and month; working days x visits per day), "
    "dearest visits first; ways, hours and day order are dropped"
)


class Shortage(StrEnum):
    """Why an outlet's pool is too small."""

    PEOPLE = "people"
    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    REACH = "reach"
    BRAND = "brand"
    DEVICE = "device"
    ROTATION_OR_LEAVE = "rotation_or_leave"
    EVERY_MONTH = "every_month"


@dataclass(frozen=True, slots=True)
class OutletShortage:
    """An outlet whose own pool is too small, whatever the rest of the plan does.

    `eligible` may come on some day of this month; `suitable` would, were there no rotation and no leave;
    `needed` is the smallest pool for the same demand every month (D5.9). Where `brand` is named the outlet has enough
    of its own for now, but the brand has not, and the pools are those of all its outlets together (D5.7). With the cause `device` there are people enough,
    but the pools count only who holds what a visit's lead carries (D6.7).
    """

    outlet: str
    region: str
    visits: int
    crew: int
    eligible: int
    suitable: int
    needed: int
    cause: Shortage
    brand: str | None = None


@dataclass(frozen=True, slots=True)
class RegionLoad:
    """`capacity` counts the visits that the inspectors of the region have days for."""

    region: str
    visits: int
    capacity: int
    unserved: int


@dataclass(frozen=True, slots=True)
class Bound:
    visits: int
    unserved: int
    unserved_cost: float
    unserved_by_tier: dict[str, int]
    regions: list[RegionLoad]
    shortages: list[OutletShortage]
    method: str


def smallest_pool(visits: int, crew: int, months: int) -> int:
    """Inspectors needed for `visits` each month inside the rotation (D5.9): 4 for one a month, 13 for four.

    Within `months` after a visit come `months` times the visits, all by other people.
    """
    return (visits * months + 1) * crew if visits else 0


def bound(instance: Instance) -> Bound:
    """Lower bounds for `instance`, and the shortages that can be named before planning."""
    month = encode(instance, seed=0)
    facts = month.facts
    by_prize = np.argsort(-facts.tasks["prize"] / _crews(month), kind="stable")
    by_count = np.argsort(_crews(month), kind="stable")
    missing = _unserved(month, by_prize)
    fewest = _unserved(month, by_count)
    share = 1.0 / _crews(month)
    visits = [month.visits[int(visit)] for visit in np.unique(facts.tasks["visit"][missing])]
    return Bound(
        visits=len(month.visits),
        unserved=math.ceil(float(share[fewest].sum()) - 1e-9),
        unserved_cost=round(float((facts.tasks["prize"] * share)[missing].sum()), 3),
        unserved_by_tier=dict(Counter(visit.outlet.tier for visit in visits)),
        regions=_regions(month, [visit.outlet for visit in visits]),
        shortages=list(_shortages(month)),
        method=METHOD,
    )


def _crews(month: Month) -> Ints:
    return np.array([len(tasks) for tasks in month.tasks_of for _ in tasks], np.int64)


def _unserved(month: Month, order: Ints) -> Bools:
    """The tasks left over when tasks are served in `order`, as far as the matching goes."""
    facts = month.facts
    capacity = np.minimum(facts.staff["max_days"], _days_worked(month)) * facts.staff["per_day"]
    missing = np.ones(len(facts.tasks), np.bool_)
    spaced = _spaced(month)
    rank = np.array(
        [number for tasks in _by_outlet(month) for number, of in enumerate(tasks) for _ in of], np.int64
    )
    possible = order[rank[order] < spaced[facts.tasks["outlet"][order]]]
    served = match(
        facts.outlets["pairs"].astype(np.int64),
        facts.pairs["outlet"].astype(np.int64),
        *_seats(month, facts.pairs),
        capacity.astype(np.int64),
        facts.tasks["outlet"][possible].astype(np.int64),
    )
    missing[possible[served]] = False
    return missing


def _seats(month: Month, pairs: Records) -> tuple[Ints, Ints]:
    """Each pair's seat, which pairs of one inspector with outlets of one place share; each seat's inspector."""
    place = month.facts.outlets["kin"][pairs["outlet"]]
    keys = place * max(1, len(month.facts.staff)) + pairs["inspector"]
    _, one_of_each, seats = np.unique(keys, return_index=True, return_inverse=True)
    return seats.astype(np.int64), pairs["inspector"][one_of_each].astype(np.int64)


def _by_outlet(month: Month) -> Iterator[list[list[int]]]:
    """The visits' tasks, grouped by outlet."""
    groups: dict[str, list[list[int]]] = {}
    for visit, tasks in zip(month.visits, month.tasks_of, strict=True):
        groups.setdefault(visit.outlet.id, []).append(tasks)
    yield from groups.values()


def _days_worked(month: Month) -> Ints:
    return np.array([work_days(one, month.days).bit_count() for one in month.instance.inspectors], np.int64)


def _spaced(month: Month) -> Ints:
    """How many visits the days of each outlet have room for, at the minimum gap."""
    facts = month.facts
    room = np.zeros(len(facts.outlets) - 1, np.int64)
    for outlet in range(len(room)):
        pairs = facts.pairs["days"][facts.outlets["pairs"][outlet] : facts.outlets["pairs"][outlet + 1]]
        days = int(np.bitwise_or.reduce(pairs)) if len(pairs) else 0
        while days:
            day = (days & -days).bit_length() - 1
            room[outlet] += 1
            days &= ~int(facts.calendar["near"][day])
    return room


def _regions(month: Month, missing: list[Outlet]) -> list[RegionLoad]:
    visits = Counter(visit.outlet.region for visit in month.visits)
    unserved = Counter(outlet.region for outlet in missing)
    capacity: Counter[str] = Counter()
    for one, days in zip(month.instance.inspectors, _days_worked(month), strict=True):
        capacity[one.region] += min(one.max_days, int(days)) * one.max_visits_per_day
    names = sorted(visits.keys() | capacity.keys())
    return [RegionLoad(name, visits[name], capacity[name], unserved[name]) for name in names]


@dataclass(frozen=True, slots=True)
class _Pool:
    """How many people are there for an outlet, or a brand, and how many it takes: `now` in this month."""

    eligible: int
    suitable: int
    now: int
    needed: int

    @property
    def is_short(self) -> bool:
        return self.eligible < self.now or self.suitable < self.needed


def _shortages(month: Month) -> Iterator[OutletShortage]:
    outlets = month.instance.outlets
    timeless = _timeless_pairs(month.instance)
    visits = [visits_of(outlet, month.instance.demand) for outlet in outlets]
    own = list(range(len(outlets)))
    places = Places(month.instance)
    ranks: dict[str, int] = {}
    place = [ranks.setdefault(places.of(outlet), len(ranks)) for outlet in outlets]
    alone = _pools(month, timeless, visits, own)
    together = _pools(month, timeless, visits, place) if len(ranks) < len(outlets) else alone
    equipped = _leads(month, timeless, visits)
    for number, outlet in enumerate(outlets):
        pool, brand = alone[number], None
        if pool.eligible >= pool.now and together[place[number]].is_short and together is not alone:
            pool, brand = together[place[number]], outlet.brand
        cause = _cause(month.instance, outlet, pool, brand)
        if outlet.devices and not pool.is_short:
            pool, cause = equipped[number], Shortage.DEVICE
        if not visits[number] or not pool.is_short:
            continue
        yield OutletShortage(
            outlet.id,
            outlet.region,
            visits[number],
            outlet.crew,
            pool.eligible,
            pool.suitable,
            pool.needed,
            cause,
            brand,
        )


def _pools(month: Month, timeless: Records, visits: list[int], group: list[int]) -> list[_Pool]:
    """By group of outlets: an inspector counts once, wherever in it."""
    groups = max(group, default=-1) + 1
    eligible, suitable = (
        _pool_sizes(month, pairs, np.array(group, np.int64), groups)
        for pairs in (month.facts.pairs, timeless)
    )
    now, needed, crew = (np.zeros(groups, np.int64) for _ in range(3))
    for number, outlet in enumerate(month.instance.outlets):
        here, size = group[number], outlet.crew if visits[number] else 0
        now[here] += visits[number] * size
        needed[here] += smallest_pool(visits[number], size, month.instance.rules.rotation_months) - size
        crew[here] = max(crew[here], size)  # whoever comes next, after all of the months before
    rows = zip(eligible, suitable, now, needed + crew, strict=True)
    return [_Pool(*map(int, row)) for row in rows]


def _cause(instance: Instance, outlet: Outlet, pool: _Pool, brand: str | None) -> Shortage:
    if pool.suitable >= pool.now:
        return Shortage.ROTATION_OR_LEAVE if pool.eligible < pool.now else Shortage.EVERY_MONTH
    return Shortage.BRAND if brand else _missing_quality(instance, outlet, pool.now)


def _timeless_pairs(instance: Instance) -> Records:
    """The pairs, were nobody ever away and had nobody ever been anywhere."""
    free = tuple(one.model_copy(update={"unavailable": ()}) for one in instance.inspectors)
    timeless = instance.model_copy(update={"history": (), "inspectors": free})
    places = [one.at for one in instance.outlets] + [one.home for one in instance.inspectors]
    return pairs_of(timeless, instance.days(), ways_of(instance.travel, places), Bits())


def _leads(month: Month, timeless: Records, visits: list[int]) -> list[_Pool]:
    """By outlet, those who hold what a visit's lead carries, on some day of the month (D6.7); one leads each visit."""
    own = np.arange(len(visits))
    eligible, suitable = (
        _pool_sizes(month, pairs[(pairs["days"] & ~pairs["bare"]) != 0], own, len(own))
        for pairs in (month.facts.pairs, timeless)
    )
    rows = zip(eligible, suitable, visits, visits, strict=True)
    return [_Pool(*map(int, row)) for row in rows]


def _pool_sizes(month: Month, pairs: Records, group: Ints, groups: int) -> Ints:
    """Of those who work at all: some are known only for where they were."""
    working = pairs[month.facts.staff["max_days"][pairs["inspector"]] > 0]
    staff = int(working["inspector"].max(initial=0)) + 1
    people = np.unique(group[working["outlet"]] * staff + working["inspector"])
    return np.bincount(people // staff, minlength=groups)


def _missing_quality(instance: Instance, outlet: Outlet, now: int) -> Shortage:
    people = [one for one in instance.inspectors if one.max_days > 0]
    if len(people) < now:
        return Shortage.PEOPLE
    speaking = [one for one in people if set(outlet.languages) <= set(one.languages)]
    if len(speaking) < now:
        return Shortage.LANGUAGE
    certified = [one for one in speaking if set(outlet.certificates) <= set(one.certificates)]
    return Shortage.CERTIFICATE if len(certified) < now else Shortage.REACH
