"""What goes over the wire about outlets, regions and duties."""

from datetime import date
from functools import cache
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from app.kit.clock import Weekday
from app.kit.paging import PageRequest
from app.kit.sentences import Wrong
from app.kit.sheets import SheetFormat
from app.kit.wire import Code, Date, Id, In, Line, OneLine, Out, Whole
from app.outlets.hours import Hours, Interval, clock_minutes, clock_text, tidy
from app.outlets.positions import Datum, Position, is_plausible
from app.outlets.rules import LoadBand, OutletFilter, Stage, Succession
from app.outlets.sentences import Says
from app.programmes.rules import Ownership
from app.programmes.schemas import Jurisdiction

MOST_CLOSURES = 100  # of one outlet, so that they fit into one cell of a sheet

_known_time_zones = cache(available_timezones)


def _time_zone(name: str) -> str:
    if name not in _known_time_zones():
        raise Wrong(Says.NO_TIME_ZONE.of())
    return name


def _in_order_once(values: list[str]) -> list[str]:
    return sorted(set(values))


def _to_centimetres(degrees: float) -> float:
    return round(degrees, 7)


def _time_of_day(text: str) -> str:
    return clock_text(clock_minutes(text))


TimeZone = Annotated[str, AfterValidator(_time_zone), Field(max_length=64, examples=["Asia/Shanghai"])]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False), AfterValidator(_to_centimetres)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Languages = Annotated[list[Language], Field(max_length=20), AfterValidator(_in_order_once)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day), Field(max_length=5, examples=["09:00"])]
Flag = Annotated[bool, Field(strict=True)]


class Named(In):
    name_zh: OneLine | None = Field(None, examples=["中关村旗舰厅"])
    name_en: OneLine | None = Field(None, examples=["Zhongguancun flagship hall"])

    @model_validator(mode="after")
    def _in_one_language_at_least(self) -> Self:
        if self.name_zh is None and self.name_en is None:
            raise Wrong(Says.NAME_NEEDED.of())
        return self


class TierIn(Named):
    rank: Whole = Field(ge=1, le=1000, description="1 is visited first (D6.2)", examples=[1])


class TierOut(Out):
    code: str
    name_zh: str | None
    name_en: str | None
    rank: int


class RegionIn(Named):
    code: Code = Field(examples=["gd-sz"])
    parent_id: Id | None = Field(None, description="null: a root of the tree")
    central_city: Flag = Field(False, description="a central city's main halls go first (D6.2)")
    jurisdiction: Jurisdiction
    time_zone: TimeZone


class RegionOut(Out):
    id: UUID
    code: str
    parent_id: UUID | None
    name_zh: str | None
    name_en: str | None
    central_city: bool
    jurisdiction: str
    time_zone: str
    version: int


class PositionIn(In):
    latitude: Degrees = Field(examples=[39.984154])
    longitude: Degrees = Field(examples=[116.307490])
    datum: Datum = Field(description="phones give wgs84; maps published in China give gcj02 or bd09")

    @model_validator(mode="after")
    def _on_earth(self) -> Self:
        if not is_plausible(Position(self.latitude, self.longitude, self.datum)):
            raise Wrong(Says.ONLY_IN_CHINA.of(datum=self.datum))
        return self


class PositionOut(Out):
    latitude: float
    longitude: float
    datum: Datum


class IntervalIn(In):
    opens: TimeOfDay
    closes: TimeOfDay = Field(description="24:00 at the latest: hours past midnight are two intervals")


def _by_time(intervals: tuple[IntervalIn, ...]) -> tuple[IntervalIn, ...]:
    return tuple(sorted(intervals, key=lambda one: one.opens))


Day = Annotated[tuple[IntervalIn, ...], AfterValidator(_by_time)]


class OpeningHours(In):
    """The week in local time; a day without intervals is closed."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)

    mon: Day = ()
    tue: Day = ()
    wed: Day = ()
    thu: Day = ()
    fri: Day = ()
    sat: Day = ()
    sun: Day = ()

    @model_validator(mode="after")
    def _make_sense(self) -> Self:
        if not any(self.to_hours().values()):
            raise Wrong(Says.NEVER_OPEN.of())
        return self

    def to_hours(self) -> Hours:
        """Raises `ValueError` when intervals of a day overlap or end before they begin."""
        return {
            day: tidy(
                Interval(clock_minutes(one.opens), clock_minutes(one.closes)) for one in getattr(self, day)
            )
            for day in Weekday
        }

    @classmethod
    def of(cls, hours: Hours) -> Self:
        return cls.model_validate(
            {
                day: [{"opens": clock_text(one.opens), "closes": clock_text(one.closes)} for one in intervals]
                for day, intervals in hours.items()
            }
        )


class OutletFields(Named):
    """What an outlet is, but for where it lies."""

    code: Code = Field(examples=["BJ-0001"])
    ownership: Ownership
    brand: OneLine | None = Field(None, max_length=90, description="the chain, for rotation by brand (D5.7)")
    tier: Code = Field(description="one of the organisation's tiers", examples=["flagship"])
    stage: Stage
    load_band: LoadBand
    address: Line | None = None
    position: PositionIn | None = None
    time_zone: TimeZone | None = Field(None, description="null: the region's")
    opening_hours: OpeningHours | None = Field(None, description="null: not known")
    traffic_per_day: Annotated[Whole, Field(ge=0, le=10_000_000)] | None = Field(
        None, description="visitors on an ordinary day", examples=[850]
    )
    high_traffic: Flag = Field(False, description="is visited more often (D6.1)")
    required_languages: Languages = Field(
        default_factory=list, description="an inspector must speak these (D6.4)", examples=[["ug"]]
    )
    community: OneLine | None = Field(None, description="inspectors of this group are preferred (D2.9)")
    active: Flag = True


class OutletIn(OutletFields):
    region_id: Id


class OutletOut(Out):
    id: UUID
    code: str
    name_zh: str | None
    name_en: str | None
    ownership: Ownership
    brand: str | None
    tier: str
    stage: Stage
    load_band: LoadBand
    region_id: UUID
    address: str | None
    position: PositionOut | None
    time_zone: str
    opening_hours: OpeningHours | None
    traffic_per_day: int | None
    high_traffic: bool
    required_languages: list[str]
    community: str | None
    active: bool
    successor_id: UUID | None
    succession: Succession | None
    version: int


class OutletNarrowing(In):
    """Which of the outlets in reach are wanted; without any of these: all."""

    region_id: Id | None = Field(None, description="a region with all below it")
    tier: Code | None = None
    ownership: Ownership | None = None
    active: bool | None = None
    text: OneLine | None = Field(None, description="part of code, name or address")

    def filter(self) -> OutletFilter:
        return OutletFilter(
            region_id=self.region_id,
            tier=self.tier,
            ownership=self.ownership,
            active=self.active,
            text=self.text,
        )


class OutletList(OutletNarrowing, PageRequest):
    """How a list is narrowed and paged."""


class OutletExport(OutletNarrowing):
    format: SheetFormat = SheetFormat.CSV


class SuccessorIn(In):
    successor_id: Id = Field(description="the outlet that goes on; this one becomes inactive (D5.6)")
    succession: Succession


class ClosureIn(In):
    starts_on: Date
    ends_on: Date = Field(description="the last day")
    reason: OneLine = Field(examples=["National Day"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise Wrong(Says.ENDS_BEFORE.of())
        return self


class ClosureOut(Out):
    id: UUID
    starts_on: date
    ends_on: date
    reason: str


class RowErrorOut(Out):
    row: int = Field(description="as a spreadsheet numbers it: the header is row 1", examples=[17])
    column: str = Field(description="empty when it is about the whole row", examples=["tier"])
    message: str = Field(examples=["'flagshp' is not one of your tiers"])
    code: str = Field(
        description="of the sentence that `message` is the English of", examples=["unknown-tier"]
    )
    values: dict[str, str | int] = Field(
        description="what stands in the sentence", examples=[{"value": "flagshp"}]
    )


class ImportOut(Out):
    dry_run: bool
    rows: int
    created: int
    updated: int
    unchanged: int
    errors: list[RowErrorOut]
