"""Synthetic planning months: cities of different size, home-biased history inside the rotation rule, opening
hours, shifts, languages, closures, leave.

The sequence of random draws is fixed: a seed gives the same month in every release, so that measurements
can be compared over time.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from app.planning.instance import Instance
from app.planning.parts import Exposure, Inspector, OpenHours, Outlet, Planar, RoadSpeed, Rules, Weights
from app.rotation.rules import may_both_be

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LANGUAGES = ("zh", "yue", "ug", "bo", "mn")
OPENING = ((540, 1080), (600, 1200), (480, 960), (540, 1260))
BAND_TIMES = (10 * 60 + 30, 13 * 60 + 30, 16 * 60 + 30)
CITY_KM = 350.0
SPEED = RoadSpeed()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to make. The last five are off by default, as they are in the yardstick months."""

    outlets: int
    inspectors: int
    seed: int = 1
    month: date = date(2026, 10, 1)
    cities: int | None = None
    days_worked: tuple[int, int] | None = None
    history_months: int = 3
    reach_minutes: int = 60
    crew_share: float = 0.0
    backup_share: float = 0.0
    overt_share: float = 0.0
    community_share: float = 0.0
    certificate_share: float = 0.0

    @property
    def city_count(self) -> int:
        if self.cities is not None:
            return self.cities
        sizes = np.log([200, 2_000, 10_000, 50_000])
        return max(
            1, min(self.inspectors, round(float(np.interp(math.log(self.outlets), sizes, [1, 4, 12, 30]))))
        )

    @property
    def work_days(self) -> tuple[int, int]:
        """Working days a month per inspector: enough for about four fifths of the load."""
        if self.days_worked is not None:
            return self.days_worked
        return (3, 4) if self.outlets <= 12 * self.inspectors else (5, 8)


@dataclass(frozen=True, slots=True)
class _Towns:
    centre: Floats
    spread: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class _Outlets:
    at: Floats
    city: Ints
    tier: Ints
    central: Bools
    visits: Ints
    hours: Ints
    language: Ints
    closed: Bools


@dataclass(frozen=True, slots=True)
class _Inspectors:
    home: Floats
    city: Ints
    languages: Bools
    per_day: Ints
    days: Ints
    available: Bools
    starts: Ints
    longest: Ints


def generate(recipe: Recipe) -> Instance:
    """The month of `recipe`; equal recipes give equal months."""
    rng = np.random.default_rng(recipe.seed)
    days = _weekdays(recipe.month)
    towns = _towns(rng, recipe.city_count)
    outlets = _outlets(rng, recipe, towns, days)
    inspectors = _inspectors(rng, recipe, towns, outlets, days)
    rng.random(recipe.outlets)  # keeps the sequence of draws that the first yardstick months were made with
    history = _history(rng, recipe, outlets, inspectors)
    return Instance(
        name=f"generated-{recipe.outlets}-{recipe.inspectors}-{recipe.seed}",
        month=f"{recipe.month:%Y-%m}",
        rules=Rules(min_gap_days=4),
        weights=_yardstick_weights(),
        outlets=tuple(_written_outlets(outlets, recipe, days)),
        inspectors=tuple(_written_inspectors(inspectors, recipe, days)),
        history=tuple(history),
    )


def _yardstick_weights() -> Weights:
    return Weights(
        tiers={"flagship": 4000, "tier2": 2000, "tier3": 1000},
        central=500,
        first_visit=0,
        waiting_day=0,
        draw=0,
        variation=0,
    )


def _weekdays(first: date) -> list[date]:
    days = [first + timedelta(days=n) for n in range(31)]
    return [day for day in days if day.month == first.month and day.weekday() < 5]


def _towns(rng: np.random.Generator, count: int) -> _Towns:
    weight = 1 / np.arange(1, count + 1) ** 0.8
    weight /= weight.sum()
    return _Towns(rng.uniform(0, CITY_KM, (count, 2)), 3 + 6 * np.sqrt(weight / weight[0]), weight)


def _outlets(rng: np.random.Generator, recipe: Recipe, towns: _Towns, days: list[date]) -> _Outlets:
    count = recipe.outlets
    city = rng.choice(len(towns.weight), count, p=towns.weight)
    scatter = rng.normal(size=(count, 2)) * towns.spread[city, None]
    at = towns.centre[city] + scatter * np.where(rng.random(count) < 0.15, 2.0, 1.0)[:, None]
    flagship = rng.random(count) < 0.05
    tier = np.where(flagship, 1, np.where(rng.random(count) < 0.32, 2, 3))
    central = np.hypot(*(at - towns.centre[city]).T) < 0.6 * towns.spread[city]
    often = np.where(tier == 1, 0.6, np.where(tier == 2, 0.10, 0.05))
    visits = np.where(rng.random(count) < often, 4, 1)
    hours = np.array(OPENING)[rng.choice(4, count)]
    special = rng.random(count) < 0.10
    language = np.where(special, rng.integers(1, len(LANGUAGES), count), 0)
    closed = rng.random((count, len(days))) < 0.03
    return _Outlets(at, city, tier, central, visits, hours, language, closed)


def _inspectors(
    rng: np.random.Generator, recipe: Recipe, towns: _Towns, outlets: _Outlets, days: list[date]
) -> _Inspectors:
    count, cities = recipe.inspectors, len(towns.weight)
    load = np.bincount(outlets.city, weights=outlets.visits, minlength=cities)
    city = rng.choice(cities, count, p=load / load.sum())
    city[:cities] = np.arange(cities)
    home = towns.centre[city] + rng.normal(size=(count, 2)) * towns.spread[city, None] * 1.2
    languages = rng.random((count, len(LANGUAGES))) < 0.35
    languages[:, 0] = True
    per_day = rng.choice([4, 5, 6], count, p=[0.25, 0.5, 0.25])
    fewest, most = recipe.work_days
    worked = rng.integers(fewest, most + 1, count)
    available = rng.random((count, len(days))) > 0.25
    for one in range(count):
        if rng.random() < 0.15:
            leave = rng.integers(0, len(days))
            available[one, leave : leave + 7] = False
    starts = rng.choice([480, 540], count)
    longest = rng.choice([420, 480, 540], count)
    return _Inspectors(home, city, languages, per_day, worked, available, starts, longest)


def _history(
    rng: np.random.Generator, recipe: Recipe, outlets: _Outlets, inspectors: _Inspectors
) -> list[Exposure]:
    """Months of earlier visits by whoever lived near and was allowed."""
    latest: dict[tuple[int, int], date] = {}
    made: list[Exposure] = []
    for months_ago in range(recipe.history_months, 0, -1):
        days = _first_weeks(_months_before(recipe.month, months_ago))
        for outlet in range(recipe.outlets):
            made += _past_visits(rng, outlet, days, outlets=outlets, inspectors=inspectors, latest=latest)
    return made


def _past_visits(
    rng: np.random.Generator,
    outlet: int,
    days: list[date],
    *,
    outlets: _Outlets,
    inspectors: _Inspectors,
    latest: dict[tuple[int, int], date],
) -> list[Exposure]:
    speaks = inspectors.languages[:, outlets.language[outlet]]
    way = _minutes(outlets.at[outlet], inspectors.home)
    order = np.argsort(way + np.where(speaks, 0, 10_000) + rng.exponential(8, len(way)))
    wanted = int(outlets.visits[outlet])
    stretch = len(days) // wanted
    made: list[Exposure] = []
    for one in map(int, order):
        if len(made) == wanted or not speaks[one]:
            break
        on = days[len(made) * stretch + int(rng.integers(0, stretch))]
        before = latest.get((outlet, one))
        if before is not None and not may_both_be(before, on, 3):
            continue
        latest[outlet, one] = on
        at = BAND_TIMES[int(rng.integers(0, 3))]
        made.append(Exposure(inspector=_inspector_id(one), outlet=_outlet_id(outlet), on=on, at=at))
    return made


def _months_before(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _first_weeks(first: date) -> list[date]:
    days = [first + timedelta(days=n) for n in range(28)]
    return [day for day in days if day.weekday() < 5]


def _minutes(a: Floats, b: Floats) -> Floats:
    km = np.hypot(a[..., 0] - b[..., 0], a[..., 1] - b[..., 1]) * SPEED.detour
    slow = np.minimum(km, SPEED.city_km) / SPEED.city_kmh * 60
    fast = np.maximum(km - SPEED.city_km, 0) / SPEED.beyond_kmh * 60
    minutes: Floats = np.rint(slow + fast + SPEED.access_minutes)
    return minutes


def _outlet_id(index: int) -> str:
    return f"O{index + 1:05d}"


def _inspector_id(index: int) -> str:
    return f"I{index + 1:04d}"


def _written_outlets(outlets: _Outlets, recipe: Recipe, days: list[date]) -> list[Outlet]:
    extras = np.random.default_rng([recipe.seed, 1]).random((recipe.outlets, 5))
    return [_written_outlet(outlets, index, recipe, days, extras[index]) for index in range(recipe.outlets)]


def _written_outlet(outlets: _Outlets, index: int, recipe: Recipe, days: list[date], draws: Floats) -> Outlet:
    tier = int(outlets.tier[index])
    opens, closes = map(int, outlets.hours[index])
    visits = int(outlets.visits[index])
    return Outlet(
        id=_outlet_id(index),
        at=_point(outlets.at[index]),
        region=f"city{int(outlets.city[index]) + 1:02d}",
        tier="flagship" if tier == 1 else f"tier{tier}",
        central=bool(outlets.central[index]),
        visits=visits,
        overt_visits=int(draws[0] < recipe.overt_share),
        hours=(OpenHours(opens=opens, closes=closes),),
        closures=tuple(day for day, closed in zip(days, outlets.closed[index], strict=True) if closed),
        languages=(LANGUAGES[int(outlets.language[index])],),
        community="uyghur" if draws[1] < recipe.community_share else None,
        certificates=("contract",) if draws[2] < recipe.certificate_share else (),
        service_minutes=60 if tier == 1 else 40,
        crew=2 if draws[3] < recipe.crew_share else 1,
        backups=int(draws[4] < recipe.backup_share),
    )


def _written_inspectors(inspectors: _Inspectors, recipe: Recipe, days: list[date]) -> list[Inspector]:
    extras = np.random.default_rng([recipe.seed, 2]).random((recipe.inspectors, 2))
    return [
        _written_inspector(inspectors, index, recipe, days, extras[index])
        for index in range(recipe.inspectors)
    ]


def _written_inspector(
    inspectors: _Inspectors, index: int, recipe: Recipe, days: list[date], draws: Floats
) -> Inspector:
    starts = int(inspectors.starts[index])
    speaks = [name for name, does in zip(LANGUAGES, inspectors.languages[index], strict=True) if does]
    free = inspectors.available[index]
    return Inspector(
        id=_inspector_id(index),
        home=_point(inspectors.home[index]),
        region=f"city{int(inspectors.city[index]) + 1:02d}",
        starts=starts,
        ends=starts + 660,
        unavailable=tuple(day for day, works in zip(days, free, strict=True) if not works),
        max_visits_per_day=int(inspectors.per_day[index]),
        max_days=int(inspectors.days[index]),
        max_day_minutes=int(inspectors.longest[index]),
        reach_minutes=recipe.reach_minutes,
        languages=tuple(speaks),
        communities=("uyghur",) if draws[0] < 0.3 else (),
        certificates=("contract",) if draws[1] < 0.5 else (),
    )


def _point(at: Floats) -> Planar:
    return Planar(x_km=round(float(at[0]), 3), y_km=round(float(at[1]), 3))
