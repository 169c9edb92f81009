"""What a planning month is made of, as it is written down; whether it fits together, `consistency` says.

Times of day are `HH:MM` in the outlet's local time, dates ISO 8601, durations whole minutes.
"""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.planning.clocktimes import ClockTime
from app.programmes.rules import RotationScope

Name = Annotated[str, Field(min_length=1, max_length=100)]
Brand = Annotated[str, Field(min_length=1, max_length=200)]
Weekday = Annotated[int, Field(ge=1, le=7, description="ISO weekday: 1 Monday … 7 Sunday")]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]
Weight = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
WORKING_WEEK = (1, 2, 3, 4, 5)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


class Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Planar(Document):
    """A point on a plane, in kilometres."""

    x_km: float = Field(ge=-1e5, le=1e5)
    y_km: float = Field(ge=-1e5, le=1e5)


class Geographic(Document):
    """A WGS-84 position in degrees."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Row(Document):
    """A row (and column) of the instance's travel matrix."""

    row: int = Field(ge=0)


Place = Planar | Geographic | Row


class RoadSpeed(Document):
    """Travel minutes from the straight distance: a detour factor, a slow first stretch, then a faster one."""

    kind: Literal["road_speed"] = "road_speed"
    detour: float = Field(1.3, ge=1, le=5)
    city_km: float = Field(12, ge=0, description="length of the slow stretch")
    city_kmh: float = Field(26, gt=0)
    beyond_kmh: float = Field(65, gt=0)
    access_minutes: float = Field(2, ge=0, description="parking and walking, for every leg")


class Matrix(Document):
    """Travel minutes given: `minutes[from][to]`, as from a routing service or a public instance."""

    kind: Literal["matrix"] = "matrix"
    minutes: tuple[tuple[Minutes, ...], ...]


Travel = Annotated[RoadSpeed | Matrix, Field(discriminator="kind")]


class OpenHours(Document):
    weekdays: tuple[Weekday, ...] = EVERY_DAY
    opens: ClockTime
    closes: ClockTime


class Outlet(Document):
    id: Name
    at: Place
    region: str = ""
    brand: Brand | None = Field(None, description="the chain, for rotation by brand (D5.7)")
    tier: Name
    central: bool = Field(False, description="in a central city (D6.2)")
    traffic: float | None = Field(None, ge=0)
    visits: int | None = Field(None, ge=0, le=31, description="overrides the demand rules")
    overt_visits: int = Field(
        0, ge=0, le=31, description="how many of the month's visits are overt, the last ones"
    )
    purposes: tuple[Name, ...] = Field((), description="dealt to the visits in turn")
    hours: tuple[OpenHours, ...]
    closures: tuple[date, ...] = ()
    languages: tuple[Name, ...] = Field((), description="each of them is required (D6.4)")
    community: Name | None = Field(None, description="preferred community of the inspector (D2.9, soft)")
    certificates: tuple[Name, ...] = Field((), description="required for every visit here")
    service_minutes: int = Field(40, ge=1, le=600)
    crew: int = Field(1, ge=1, le=4, description="inspectors who enter together")
    backups: int = Field(0, ge=0, le=2, description="named stand-ins per visit")
    devices: dict[Name, Annotated[int, Field(ge=1, le=99)]] = Field(
        {}, description="how many of which kind the crew's lead must hold on the day (D6.7)"
    )


class HeldDevices(Document):
    """Recording devices in one person's custody (D6.7), both dates included; null: since ever, or for good."""

    kind: Name
    count: int = Field(1, ge=1, le=99)
    first: date | None = None
    last: date | None = None


class Inspector(Document):
    id: Name
    home: Place
    region: str = ""
    starts: ClockTime
    ends: ClockTime
    weekdays: tuple[Weekday, ...] = WORKING_WEEK
    unavailable: tuple[date, ...] = ()
    max_visits_per_day: int = Field(5, ge=1, le=12)
    max_days: int = Field(22, ge=0, le=31, description="working days in the month")
    max_day_minutes: Minutes = 480
    reach_minutes: Minutes | None = Field(None, description="longest way from home, one way")
    regions: tuple[str, ...] | None = Field(None, description="regions the inspector serves; null: all")
    languages: tuple[Name, ...] = ()
    communities: tuple[Name, ...] = ()
    certificates: tuple[Name, ...] = ()
    not_covert_at: tuple[Name, ...] = Field((), description="outlets where the inspector is known (D5.6)")
    not_at: tuple[Name, ...] = Field((), description="outlets the inspector must not visit at all")
    devices: tuple[HeldDevices, ...] = Field((), description="held all day; visits of a day share them")


class Exposure(Document):
    """A counted date of D5.6, before or after the month, or in it but outside this plan."""

    inspector: Name
    outlet: Name
    brand: Brand | None = Field(
        None, description="also counts for this brand (D5.7); with it the outlet may be one outside the month"
    )
    on: date
    at: ClockTime | None = None
    overt: bool = False


class Pin(Document):
    """What a person has decided about one visit. A confirmed visit is already reserved with somebody."""

    outlet: Name
    number: int = Field(ge=1, le=31)
    inspectors: tuple[Name, ...] | None = None
    on: date | None = None
    arrive: ClockTime | None = None
    confirmed: bool = False


class DemandRules(Document):
    """Visits per outlet and month (D6.1), unless the outlet says otherwise."""

    base: int = Field(1, ge=0, le=31)
    high_traffic: int = Field(4, ge=0, le=31)
    high_traffic_from: float | None = Field(None, ge=0)
    by_tier: dict[Name, Annotated[int, Field(ge=0, le=31)]] = {}


class DayPart(Document):
    name: Name
    until: ClockTime


class PurposeRule(Document):
    certificates: tuple[Name, ...] = ()


class Rules(Document):
    rotation_months: int = Field(3, ge=1, le=24)
    rotation_scope: RotationScope = Field(
        RotationScope.OUTLET, description="brand: nobody twice at outlets of one brand (D5.7)"
    )
    min_gap_days: int = Field(5, ge=1, le=31, description="between any two visits of an outlet (D6.3)")
    day_parts: tuple[DayPart, ...] = (
        DayPart(name="morning", until=12 * 60),
        DayPart(name="midday", until=15 * 60),
        DayPart(name="afternoon", until=24 * 60),
    )
    same_cell_run: int = Field(
        3,
        ge=0,
        le=12,
        description="never so many visits running on one weekday and day part; 0: no such rule",
    )
    off_peak_parts: tuple[Name, ...] = ()
    off_peak_share: float = Field(0, ge=0, le=1)
    purposes: dict[Name, PurposeRule] = {}


class Weights(Document):
    """What a unit of each soft term costs, in minutes of travel.

    The priorities are what one unserved visit costs. The defaults follow the order of D6.2: flagship, central
    city, tier, waiting, draw; each stands above the sum of those below it.
    """

    tiers: dict[Name, Weight] = {"flagship": 16000, "tier2": 2000, "tier3": 1000}
    central: Weight = 4000
    first_visit: Weight = Field(200, description="the first visit of an outlet over its second to fourth")
    waiting_day: Weight = Field(0.5, description="per day since the last visit, at most 365")
    draw: Weight = Field(10, description="range of the seeded draw between equals")
    travel: Weight = 1
    fair_load: Weight = Field(
        0, description="times the square of each inspector's used share of own capacity"
    )
    off_peak: Weight = Field(30, description="per visit short of the off-peak share")
    community: Weight = Field(15, description="per visit without the preferred community")
    variation: Weight = Field(6, description="range of the seeded draw per outlet and day")
    stability: Weight = Field(60, description="per visit changed in a repair")


class Written(Document):
    """An instance whose parts are right one by one."""

    format: Literal["plainclothes/plan-instance/1"] = "plainclothes/plan-instance/1"
    name: Name
    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", examples=["2026-10"])
    rules: Rules = Rules()
    weights: Weights = Weights()
    demand: DemandRules = DemandRules()
    travel: Travel = RoadSpeed()
    outlets: tuple[Outlet, ...]
    inspectors: tuple[Inspector, ...]
    history: tuple[Exposure, ...] = ()
    pins: tuple[Pin, ...] = ()

    def days(self) -> list[date]:
        """Every date of the month, in order."""
        year, month = map(int, self.month.split("-"))
        first = date(year, month, 1)
        days = [first + timedelta(days=n) for n in range(31)]
        return [day for day in days if day.month == month]
