"""Control charts, vetoes and the worst items: where to look."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import asking, queries_parts, queries_scores
from app.insight.asking import Scope
from app.insight.control import chart
from app.insight.figures import PartScore
from app.insight.models import VetoFact
from app.insight.overview import parts, rounded
from app.insight.queries import Asked
from app.insight.queries_parts import PartPoint
from app.insight.ranking import outlet_ref
from app.insight.rules import Level, WorstBy
from app.insight.schemas import (
    ChartPointOut,
    ControlChartOut,
    ControlChartsOut,
    FiredOut,
    SignalOut,
    WorstItemOut,
    WorstItemsOut,
)
from app.insight.words import Words, words_for
from app.outlets.queries import outlets_by_id


async def control_charts(
    session: AsyncSession, scope: Scope, asked: Asked, *, now: datetime
) -> ControlChartsOut:
    """Of an outlet visit by visit, of a group month by month."""
    if scope.outlet is not None:
        series = await queries_parts.series_of_visits(session, asked, scope.outlet.id)
    else:
        series = await queries_parts.series_of_months(session, asked, scope.group)
    words = await words_for(session, asked, scope.group)
    return ControlChartsOut(
        about=await asking.about(session, asked, now=now),
        scope=scope.shown(),
        charts=[
            _charted(None, await _totals(session, scope, asked), words),
            *(_charted(code, series[code], words) for code in words.in_order(set(series))),
        ],
    )


async def fired(
    session: AsyncSession, rows: Sequence[VetoFact], scope: Scope, asked: Asked
) -> list[FiredOut]:
    words = await words_for(session, asked, scope.group)
    outlets = await outlets_by_id(session, {row.outlet_id for row in rows})
    return [
        FiredOut(
            alias=row.alias,
            outlet=outlet_ref(outlets[row.outlet_id]),
            visited_on=row.visited_on,
            item=row.item_code,
            text=words.items.get(row.item_code),
            scope=row.scope,
            target=row.target,
            provisional=row.provisional,
        )
        for row in rows
    ]


async def worst_items(
    session: AsyncSession, scope: Scope, asked: Asked, *, by: WorstBy, limit: int, now: datetime
) -> WorstItemsOut:
    """Items that cost something, the worst first; equal ones in the order of the checklist."""
    found = await parts(session, asked, scope, Level.ITEM)
    words = await words_for(session, asked, scope.group)
    codes = [code for code in words.in_order(set(found)) if found[code].estimate.mean < 100]
    match by:
        case WorstBy.LOST_POINTS:
            codes.sort(key=lambda code: -found[code].lost)
        case WorstBy.VALUE:
            codes.sort(key=lambda code: found[code].estimate.mean)
    return WorstItemsOut(
        about=await asking.about(session, asked, now=now),
        scope=scope.shown(),
        items=[_item(code, found[code], words) for code in codes[:limit]],
    )


async def _totals(session: AsyncSession, scope: Scope, asked: Asked) -> list[PartPoint]:
    if scope.outlet is not None:
        visits = await queries_scores.visits_of(session, asked, scope.outlet.id)
        return [PartPoint(one.visited_on, one.alias, one.total) for one in visits if one.total is not None]
    months = await queries_scores.scores_by_month(session, asked, scope.group)
    means = [(month, months[month].estimate) for month in sorted(months)]
    return [PartPoint(month, None, mean.mean) for month, mean in means if mean is not None]


def _charted(code: str | None, points: Sequence[PartPoint], words: Words) -> ControlChartOut:
    found = chart([point.value for point in points])
    limits = found.limits
    return ControlChartOut(
        code=code,
        title=None if code is None else words.indicators.get(code),
        points=[ChartPointOut(on=one.on, alias=one.alias, value=round(one.value, 6)) for one in points],
        moving_ranges=[round(one, 6) for one in found.ranges],
        centre=rounded(limits.centre) if limits else None,
        sigma=rounded(limits.sigma) if limits else None,
        lower=rounded(limits.lower) if limits else None,
        upper=rounded(limits.upper) if limits else None,
        mean_range=rounded(limits.mean_range) if limits else None,
        upper_range=rounded(limits.upper_range) if limits else None,
        is_trial=found.is_trial,
        signals=[SignalOut(rule=one.rule, points=list(one.points)) for one in found.signals],
    )


def _item(code: str, one: PartScore, words: Words) -> WorstItemOut:
    return WorstItemOut(
        code=code,
        text=words.items.get(code),
        indicator=words.indicator_of.get(code),
        value=round(one.estimate.mean, 6),
        low=rounded(one.estimate.low),
        high=rounded(one.estimate.high),
        lost=round(one.lost, 6),
        visits=one.visits,
    )
