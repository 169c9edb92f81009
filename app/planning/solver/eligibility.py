"""Who may visit what on which days at all: the pairs, as sparse day sets.

Everything that does not depend on the rest of the plan is decided here once: language, certificates, reach,
region, bars, leave, closures, rotation against history and later bookings, gaps to visits outside the plan.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.planning.instance import Instance
from app.planning.parts import Inspector, Outlet
from app.planning.places import Places
from app.planning.solver.geometry import Ways, minutes_from
from app.planning.solver.layout import PAIR, Ints, Records
from app.rotation.rules import may_both_be


class Bits:
    """Names as bits, in order of first sight."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, names: Iterable[str]) -> int:
        bits = 0
        for name in names:
            bits |= 1 << self._known.setdefault(name, len(self._known))
        if len(self._known) > 62:
            raise ValueError("more than 62 different languages, or certificates, cannot be told apart")
        return bits


@dataclass(frozen=True, slots=True)
class _Outlets:
    languages: Ints
    certificates: Ints
    regions: Ints
    communities: Ints
    days: Ints


def day_set(days: list[date], chosen: Iterable[date]) -> int:
    wanted = set(chosen)
    return sum(1 << number for number, day in enumerate(days) if day in wanted)


def open_days(outlet: Outlet, days: list[date]) -> int:
    weekdays = {weekday for hours in outlet.hours for weekday in hours.weekdays}
    closed = set(outlet.closures)
    return sum(1 << n for n, day in enumerate(days) if day.isoweekday() in weekdays and day not in closed)


def work_days(inspector: Inspector, days: list[date]) -> int:
    away = set(inspector.unavailable)
    return sum(
        1 << n for n, day in enumerate(days) if day.isoweekday() in inspector.weekdays and day not in away
    )


def bare_days(outlet: Outlet, inspector: Inspector, days: list[date]) -> int:
    """The days on which the inspector has not the devices that whoever leads a visit there carries (D6.7)."""
    bare = 0
    for kind, needed in outlet.devices.items():
        spells = [one for one in inspector.devices if one.kind == kind]
        for number, day in enumerate(days):
            held = (one.count for one in spells if (one.first or day) <= day <= (one.last or day))
            if sum(held) < needed:
                bare |= 1 << number
    return bare


def pairs_of(instance: Instance, days: list[date], ways: Ways, certificates: Bits) -> Records:
    """The pairs, sorted by outlet and then by way from home."""
    languages, communities = Bits(), Bits()
    regions: dict[str, int] = {}
    near = _near_history(instance, days)
    outlets = _Outlets(
        np.array([languages.of(outlet.languages) for outlet in instance.outlets], np.int64),
        np.array([certificates.of(outlet.certificates) for outlet in instance.outlets], np.int64),
        np.array([regions.setdefault(outlet.region, len(regions)) for outlet in instance.outlets], np.int64),
        np.array(
            [communities.of([one.community] if one.community else ()) for one in instance.outlets], np.int64
        ),
        np.array([open_days(one, days) & ~near.get(one.id, 0) for one in instance.outlets], np.int64),
    )
    numbers = {outlet.id: number for number, outlet in enumerate(instance.outlets)}
    places = Places(instance)
    members = _members(instance, places)
    blocked, overt = _history_of(instance, days, numbers, places)
    parts = [np.zeros(0, PAIR)]
    loads = {tuple(sorted(outlet.devices.items())): outlet for outlet in instance.outlets}
    ranks = {load: rank for rank, load in enumerate(loads)}
    load_of = np.array(
        [ranks[tuple(sorted(outlet.devices.items()))] for outlet in instance.outlets], np.int64
    )
    for number, inspector in enumerate(instance.inspectors):
        way = minutes_from(ways, len(instance.outlets) + number, len(instance.outlets))
        fit = (outlets.languages & ~languages.of(inspector.languages)) == 0
        fit &= (outlets.certificates & ~certificates.of(inspector.certificates)) == 0
        if inspector.reach_minutes is not None:
            fit &= way <= inspector.reach_minutes
        if inspector.regions is not None:
            fit &= np.isin(outlets.regions, [regions.get(region, -1) for region in inspector.regions])
        fit[[numbers[outlet] for outlet in inspector.not_at]] = False
        free = outlets.days & work_days(inspector, days)
        for place, forbidden in blocked.get(inspector.id, {}).items():
            for outlet in members.get(place, ()):
                free[outlet] &= ~forbidden
        covert = np.ones(len(free), np.bool_)
        covert[[numbers[outlet] for outlet in inspector.not_covert_at] + overt.get(inspector.id, [])] = False
        strange = (outlets.communities & ~communities.of(inspector.communities)) != 0
        chosen = np.flatnonzero(fit & (free != 0))
        pairs = np.zeros(len(chosen), PAIR)
        pairs["outlet"], pairs["inspector"], pairs["days"] = chosen, number, free[chosen]
        pairs["way"], pairs["covert"] = way[chosen], covert[chosen]
        bare = np.array([bare_days(outlet, inspector, days) for outlet in loads.values()], np.int64)
        pairs["bare"] = bare[load_of[chosen]]
        pairs["cost"] = strange[chosen] * instance.weights.community
        parts.append(pairs)
    pairs = np.concatenate(parts)
    return pairs[np.lexsort((pairs["inspector"], pairs["way"], pairs["outlet"]))]


def _members(instance: Instance, places: Places) -> dict[str, list[int]]:
    """By place, the outlets whose visits are visits there (D5.7)."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, outlet in enumerate(instance.outlets):
        members[places.of(outlet)].append(number)
    return members


def _history_of(
    instance: Instance, days: list[date], numbers: dict[str, int], places: Places
) -> tuple[dict[str, dict[str, int]], dict[str, list[int]]]:
    """By inspector: blocked days per place, and outlets visited openly."""
    blocked: dict[str, dict[str, int]] = defaultdict(dict)
    overt: dict[str, list[int]] = defaultdict(list)
    known: dict[date, int] = {}
    for exposure in instance.history:
        if exposure.on not in known:
            known[exposure.on] = rotation_blocks(exposure.on, days, instance.rules.rotation_months)
        of_inspector = blocked[exposure.inspector]
        for place in places.of_exposure(exposure):
            of_inspector[place] = of_inspector.get(place, 0) | known[exposure.on]
        if exposure.overt and exposure.outlet in numbers:
            overt[exposure.inspector].append(numbers[exposure.outlet])
    return blocked, overt


def rotation_blocks(visited_on: date, days: list[date], months: int) -> int:
    """The days of the month that a counted date outside the plan forbids, before or after it (D5.4)."""
    return sum(1 << n for n, day in enumerate(days) if not may_both_be(visited_on, day, months))


def _near_history(instance: Instance, days: list[date]) -> dict[str, int]:
    """By outlet: days too near to a visit outside the plan, by whomever (D6.3)."""
    near: dict[str, int] = defaultdict(int)
    gap = instance.rules.min_gap_days
    for exposure in instance.history:
        if (days[0] - exposure.on).days < gap and (exposure.on - days[-1]).days < gap:
            near[exposure.outlet] |= sum(
                1 << n for n, day in enumerate(days) if abs((exposure.on - day).days) < gap
            )
    return near
