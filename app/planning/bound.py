"""What no plan can do better than: a bound on unserved visits by flow, and pools too small for their outlets.

The bound drops ways, hours and the order of days, and keeps who may visit whom, once a month, how many visits
each person has days for, and how many visits an outlet's open days leave room for. What is left is a bipartite
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
from app.planning.instance import Instance, Outlet
from app.planning.solver.eligibility import Bits, pairs_of, work_days
from app.planning.solver.encode import Month, encode
from app.planning.solver.geometry import ways_of
from app.planning.solver.layout import Bools, Ints, Records
from app.planning.solver.matching import match

METHOD = (
    "b-matching of visits to inspectors (once per outlet and month; working days x visits per day), "
    "dearest visits first; ways, hours and day order are dropped"
)


class Shortage(StrEnum):
    """Why an outlet's pool is too small."""

    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    REACH = "reach"
    ROTATION_OR_LEAVE = "rotation_or_leave"
    EVERY_MONTH = "every_month"


@dataclass(frozen=True, slots=True)
class OutletShortage:
    """An outlet whose own pool is too small, whatever the rest of the plan does.

    `eligible` may come on some day of this month; `suitable` would, were there no rotation and no leave;
    `needed` is the smallest pool for the same demand every month (D5.9).
    """

    outlet: str
    region: str
    visits: int
    crew: int
    eligible: int
    suitable: int
    needed: int
    cause: Shortage


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
        facts.pairs["inspector"].astype(np.int64),
        capacity.astype(np.int64),
        facts.tasks["outlet"][possible].astype(np.int64),
    )
    missing[possible[served]] = False
    return missing


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


def _shortages(month: Month) -> Iterator[OutletShortage]:
    instance = month.instance
    suitable = _pool_sizes(_timeless_pairs(instance), len(instance.outlets))
    eligible = _pool_sizes(month.facts.pairs, len(instance.outlets))
    for number, outlet in enumerate(instance.outlets):
        visits = visits_of(outlet, instance.demand)
        now = visits * outlet.crew
        needed = smallest_pool(visits, outlet.crew, instance.rules.rotation_months)
        pools = (int(eligible[number]), int(suitable[number]))
        if pools[0] >= now and pools[1] >= needed:
            continue
        if pools[1] >= now:
            cause = Shortage.ROTATION_OR_LEAVE if pools[0] < now else Shortage.EVERY_MONTH
        else:
            cause = _missing_quality(instance, outlet, now)
        yield OutletShortage(outlet.id, outlet.region, visits, outlet.crew, *pools, needed, cause)


def _timeless_pairs(instance: Instance) -> Records:
    """The pairs, were nobody ever away and had nobody ever been anywhere."""
    free = tuple(one.model_copy(update={"unavailable": ()}) for one in instance.inspectors)
    timeless = instance.model_copy(update={"history": (), "inspectors": free})
    places = [one.at for one in instance.outlets] + [one.home for one in instance.inspectors]
    return pairs_of(timeless, instance.days(), ways_of(instance.travel, places), Bits())


def _pool_sizes(pairs: Records, outlets: int) -> Ints:
    return np.bincount(pairs["outlet"], minlength=outlets)


def _missing_quality(instance: Instance, outlet: Outlet, now: int) -> Shortage:
    speaking = [one for one in instance.inspectors if set(outlet.languages) <= set(one.languages)]
    if len(speaking) < now:
        return Shortage.LANGUAGE
    certified = [one for one in speaking if set(outlet.certificates) <= set(one.certificates)]
    return Shortage.CERTIFICATE if len(certified) < now else Shortage.REACH
