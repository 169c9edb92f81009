"""What an edition says, pinned: drawn from it alone, the files are the same each time."""

from datetime import date, datetime
from uuid import UUID

from app.bulletins.rules import Cadence, Language, Scope
from app.kit.wire import Out
from app.visits.rules import Kind


class Name(Out):
    zh: str | None
    en: str | None

    def told(self, language: Language) -> str:
        first, second = (self.zh, self.en) if language is Language.ZH else (self.en, self.zh)
        return first or second or ""


class Figure(Out):
    """A mean of 100 points with its interval."""

    value: float | None
    low: float | None
    high: float | None
    visits: int
    outlets: int


class TrendPoint(Out):
    month: date
    figure: Figure


class ControlChart(Out):
    """Of the total: visit by visit of an outlet, month by month of a group. Limits are null below six points."""

    days: list[date]
    values: list[float]
    centre: float | None
    lower: float | None
    upper: float | None
    signals: int  # patterns that noise hardly ever makes


class Spoke(Out):
    """An indicator, and the median of others."""

    code: str
    title: Name
    value: float
    low: float | None
    high: float | None
    lost: float
    visits: int
    others: float | None


class Placed(Out):
    rank: int
    code: str
    name: Name
    figure: Figure


class Ranking(Out):
    """`ranked` may be more than there are rows."""

    ranked: int
    not_ranked: int
    rows: list[Placed]


class Veto(Out):
    outlet_code: str
    outlet: Name
    visited_on: date
    text: Name
    provisional: bool


class WorstItem(Out):
    code: str
    text: Name
    value: float
    lost: float
    visits: int


class OpenAction(Out):
    outlet_code: str
    outlet: Name
    text: Name
    due_on: date
    overdue: bool


class Content(Out):
    """Nothing in it tells who was there: what it lists, whoever sees the outlets sees anyway (D10.1).

    `score_revisions` are those behind the period's figures; no file shows them.
    """

    cadence: Cadence
    scope: Scope
    kind: Kind
    edition: int
    follows: int | None
    programme: str
    about: Name
    first: date
    last: date
    as_of: datetime
    score: Figure
    provisional: int
    without_number: int
    before: Figure
    difference: float | None
    significant: bool | None
    others: float | None
    trend: list[TrendPoint]
    chart: ControlChart
    profile: list[Spoke]
    minimum_visits: int
    regions: Ranking
    outlets: Ranking
    veto_count: int
    vetoes: list[Veto]
    worst: list[WorstItem]
    action_count: int
    actions: list[OpenAction]
    score_revisions: list[UUID]
