"""What goes over the wire about where outlets and groups of them stand. Numbers are in points of 100, for charts."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.checklists.document import Text
from app.insight.control import Rule
from app.insight.rules import Ranked, WorstBy
from app.kit.paging import PageRequest
from app.kit.wire import Code, Date, Id, Out
from app.planning.schemas_demand import Month
from app.scoring import VetoScope
from app.visits.rules import Kind

LONGEST_DAYS = 731  # two years
MOST_ROWS = 500

TierCode = Annotated[Code, Path(examples=["flagship"])]
Points = Annotated[float, Field(examples=[76.67])]


class InsightRequest(BaseModel):
    """Of which visits. Without days or a month: the present month, or the months that lead up to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    programme_id: Id | None = Field(None, description="null: that of the newest published visit you may see")
    kind: Kind = Field(Kind.COVERT, description="covert and overt visits are never mixed (D3.7)")
    month: Month | None = None
    visited_from: Date | None = Field(None, description="instead of a month, with `visited_until`")
    visited_until: Date | None = Field(None, description="the last day, included; two years at most")

    @model_validator(mode="after")
    def _one_period(self) -> Self:
        days = (self.visited_from, self.visited_until)
        if self.month is not None and days != (None, None):
            raise ValueError("give either month, or visited_from and visited_until")
        if (self.visited_from is None) != (self.visited_until is None):
            raise ValueError("visited_from and visited_until come together")
        if self.visited_from is not None and self.visited_until is not None:
            length = (self.visited_until - self.visited_from).days
            if not 0 <= length < LONGEST_DAYS:
                raise ValueError("visited_until must follow visited_from, within two years")
        return self


class ScopedRequest(InsightRequest):
    """Of which outlets: one, or those of a region, a tier or both; of none of them: all you may see."""

    outlet_id: Id | None = None
    region_id: Id | None = None
    tier: Code | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if self.outlet_id is not None and (self.region_id is not None or self.tier is not None):
            raise ValueError("an outlet goes without region and tier")
        return self


class VetoRequest(ScopedRequest, PageRequest):
    pass


class HeatMapRequest(InsightRequest, PageRequest):
    region_id: Id | None = None
    tier: Code | None = None


class WorstRequest(ScopedRequest):
    by: WorstBy = Field(WorstBy.LOST_POINTS, description="what is worst")
    limit: int = Field(10, ge=1, le=200)


class RankingRequest(InsightRequest):
    of: Ranked = Ranked.OUTLETS
    region_id: Id | None = Field(None, description="only what lies in it")
    tier: Code | None = None
    from_rank: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(50, ge=1, le=MOST_ROWS)


class ReliabilityRequest(InsightRequest):
    region_id: Id | None = None
    tier: Code | None = None
    precision: float = Field(
        5.0, ge=0.1, le=50, allow_inf_nan=False, description="± points of 100 that are wanted"
    )
    reliability: float = Field(0.8, ge=0.05, le=0.99, allow_inf_nan=False, description="wanted coefficient")


class InspectorsRequest(InsightRequest):
    region_id: Id | None = None


class ScopeOut(Out):
    """What the figures are of; ids and names are null for the whole of what you may see."""

    scope: str = Field(examples=["region"], description="outlet, region, tier or network")
    id: UUID | None
    code: str | None
    name_zh: str | None
    name_en: str | None


class AboutOut(Out):
    """Which visits the figures rest on. They hold all that was published until `as_of`, but for `pending` visits."""

    programme_id: UUID
    kind: Kind
    visited_from: date
    visited_until: date
    as_of: datetime
    pending: int = Field(description="0 but for moments after very many publications at once")


class MeanOut(Out):
    """A mean with its 95 % confidence interval: of an outlet over its visits, of a group over its outlets (D3.7)."""

    value: Points | None = Field(description="null: no visit with a number")
    low: Points | None = Field(description="null: one value says nothing of its uncertainty")
    high: Points | None
    visits: int = Field(description="with a number")
    outlets: int
    provisional: int = Field(description="visits of these under appeal (D8.4)")
    without_number: int = Field(description="visits that saw too little for a number (D3.4); in no mean")


class ChangeOut(Out):
    """Against the period of the same length before. Significant: its interval leaves out zero."""

    before: MeanOut
    difference: float | None
    low: float | None
    high: float | None
    significant: bool | None


class MedianOut(Out):
    """Of other outlets' means; null where fewer than five would stand behind it."""

    value: Points | None
    outlets: int


class TrendPointOut(Out):
    month: date = Field(description="its first day")
    score: MeanOut


class IndicatorOut(Out):
    """One spoke of the profile."""

    code: str = Field(examples=["affinity"])
    title: Text | None
    dimension: str | None = Field(examples=["service-awareness"])
    value: Points
    low: Points | None
    high: Points | None
    visits: int
    lost: float = Field(description="points of the total that it costs")
    peers: MedianOut


class VisitPointOut(Out):
    alias: str
    visited_on: date
    value: Points | None
    vetoes: int
    provisional: bool


class InsightOut(Out):
    """Where an outlet or a group stands."""

    about: AboutOut
    scope: ScopeOut
    score: MeanOut
    change: ChangeOut
    peers: MedianOut = Field(description="outlets of the same tier; of a group, all outlets outside of it")
    trend: list[TrendPointOut] = Field(description="the twelve months that lead up to the period's last")
    profile: list[IndicatorOut] = Field(description="in the order of the checklist")
    vetoes: int = Field(description="that fired in the period")


class OutletInsightOut(InsightOut):
    series: list[VisitPointOut] = Field(description="visit by visit, in the order of their days")


class RankedOut(Out):
    """Equal values share a rank."""

    rank: int
    id: UUID | None
    code: str
    name_zh: str | None
    name_en: str | None
    score: MeanOut


class RankingOut(Out):
    about: AboutOut
    minimum_visits: int = Field(description="below it nothing is ranked (D3.7)")
    ranked: int
    not_ranked: int = Field(description="seen, with too few visits to be ranked")
    rows: list[RankedOut]


class OutletRefOut(Out):
    id: UUID
    code: str
    name_zh: str | None
    name_en: str | None
    tier: str


class ColumnOut(Out):
    code: str
    title: Text | None


class HeatRowOut(Out):
    outlet: OutletRefOut
    score: Points | None
    visits: int
    values: list[float | None] = Field(description="in the order of `columns`")


class HeatMapOut(Out):
    about: AboutOut
    columns: list[ColumnOut]
    rows: list[HeatRowOut] = Field(description="in order of the outlets' codes")
    next_cursor: str | None


class ChartPointOut(Out):
    on: date = Field(description="of the visit; of a group, the first day of the month")
    alias: str | None = Field(description="of the visit's report")
    value: Points


class SignalOut(Out):
    """A pattern that noise hardly ever makes. `points` are counted from 0; the last completed it."""

    rule: Rule
    points: list[int]


class ControlChartOut(Out):
    """Individuals and moving range. Limits are null below six points, and `is_trial` below twenty."""

    code: str | None = Field(description="of the indicator; null: the total", examples=["affinity"])
    title: Text | None
    points: list[ChartPointOut]
    moving_ranges: list[float] = Field(description="from each point to the next")
    centre: float | None
    sigma: float | None
    lower: float | None
    upper: float | None
    mean_range: float | None
    upper_range: float | None
    is_trial: bool
    signals: list[SignalOut]


class ControlChartsOut(Out):
    about: AboutOut
    scope: ScopeOut
    charts: list[ControlChartOut] = Field(description="the total first, then the indicators")


class FiredOut(Out):
    """A breached basic norm, as the outlet's report has it (D4)."""

    alias: str
    outlet: OutletRefOut
    visited_on: date
    item: str
    text: Text | None
    scope: VetoScope
    target: str | None
    provisional: bool


class WorstItemOut(Out):
    code: str
    text: Text | None
    indicator: str | None = Field(examples=["affinity"])
    value: Points = Field(description="the share that was earned, of 100")
    low: Points | None
    high: Points | None
    lost: float = Field(description="points of the total that it costs")
    visits: int


class WorstItemsOut(Out):
    about: AboutOut
    scope: ScopeOut
    items: list[WorstItemOut]
