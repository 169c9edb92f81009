"""Where an outlet, a region, a tier or the network stands (D3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.insight import asking, queries, queries_parts, queries_scores
from app.insight.asking import Scope
from app.insight.estimates import change
from app.insight.figures import PartScore, medians
from app.insight.queries import DESK, Asked
from app.insight.queries_scores import OUTLET, VISIT
from app.insight.rules import Level, may_show_median
from app.insight.schemas import (
    ChangeOut,
    IndicatorOut,
    InsightOut,
    MeanOut,
    MedianOut,
    OutletInsightOut,
    TrendPointOut,
    VisitPointOut,
)
from app.insight.scores import Score
from app.insight.words import Words, words_for

TREND_MONTHS = 12
PLACES = 6  # more would show the order in which a database adds up
NOBODY = MedianOut(value=None, outlets=0)


@dataclass(frozen=True, slots=True)
class Peers:
    """Medians of other outlets, as far as they may be shown."""

    total: MedianOut
    indicators: Mapping[str, MedianOut]


async def outlet(
    session: AsyncSession, actor: Actor, scope: Scope, asked: Asked, *, now: datetime
) -> OutletInsightOut:
    assert scope.outlet is not None
    found = await group(session, actor, scope, asked, now=now)
    visits = await queries_scores.visits_of(session, asked, scope.outlet.id)
    return OutletInsightOut(
        **dict(found),
        series=[
            VisitPointOut(
                alias=one.alias,
                visited_on=one.visited_on,
                value=rounded(one.total),
                vetoes=one.vetoes,
                provisional=one.provisional,
            )
            for one in visits
        ],
    )


async def group(
    session: AsyncSession, actor: Actor, scope: Scope, asked: Asked, *, now: datetime
) -> InsightOut:
    unit = OUTLET if scope.outlet is None else VISIT
    score = await queries_scores.score(session, asked, scope.group, unit=unit)
    before = await queries_scores.score(session, asked.over(asked.period.before()), scope.group, unit=unit)
    leading = asked.over(asked.period.leading_up(TREND_MONTHS))
    months = await queries_scores.scores_by_month(session, leading, scope.group, unit=unit)
    peers = await peers_of(session, actor, scope, asked, now=now)
    return InsightOut(
        about=await asking.about(session, asked, now=now),
        scope=scope.shown(),
        score=shown(score),
        change=_change(score, before),
        peers=peers.total,
        trend=[TrendPointOut(month=month, score=shown(months[month])) for month in sorted(months)],
        profile=profile(
            await parts(session, asked, scope, Level.INDICATOR),
            peers.indicators,
            await words_for(session, asked, scope.group),
        ),
        vetoes=await queries.count_vetoes(session, asked, scope.group),
    )


async def parts(session: AsyncSession, asked: Asked, scope: Scope, level: Level) -> dict[str, PartScore]:
    """Over the visits of the outlet, or over the outlets of the group."""
    if scope.outlet is not None:
        return await queries_parts.parts_of_outlet(session, asked, scope.outlet.id, level)
    return await queries_parts.parts(session, asked, scope.group, level)


async def peers_of(
    session: AsyncSession, actor: Actor, scope: Scope, asked: Asked, *, now: datetime
) -> Peers:
    """Medians over the other outlets, where enough of them hide each other.

    For a manager only those count that are not the manager's own, and only whole months: who could ask day by day
    would see whose visit made a median move.
    """
    is_desk = actor.has(*DESK)
    if scope.others is None or not (is_desk or asked.period.is_whole_months):
        return Peers(NOBODY, {})
    own = set() if is_desk else await queries.own_outlets(session, actor, now=now)
    totals = await queries_scores.means_by_outlet(session, asked, scope.others)
    units = await queries_parts.by_outlet(session, asked, scope.others, Level.INDICATOR, queries_parts.VALUE)
    foreign = [unit not in own for unit in units.keys]
    hidden = {
        code: int((units.table.visits[foreign, number] > 0).sum())
        for number, code in enumerate(units.table.codes)
    }
    return Peers(
        _median(median(totals.values()) if totals else None, len(totals), len(totals.keys() - own)),
        {code: _median(value, count, hidden[code]) for code, (value, count) in medians(units.table).items()},
    )


def profile(
    found: Mapping[str, PartScore], peers: Mapping[str, MedianOut], words: Words
) -> list[IndicatorOut]:
    return [
        IndicatorOut(
            code=code,
            title=words.indicators.get(code),
            dimension=words.dimensions.get(code),
            value=round(found[code].estimate.mean, PLACES),
            low=rounded(found[code].estimate.low),
            high=rounded(found[code].estimate.high),
            visits=found[code].visits,
            lost=round(found[code].lost, PLACES),
            peers=peers.get(code, NOBODY),
        )
        for code in words.in_order(set(found))
    ]


def shown(score: Score) -> MeanOut:
    mean = score.estimate
    return MeanOut(
        value=None if mean is None else round(mean.mean, PLACES),
        low=None if mean is None else rounded(mean.low),
        high=None if mean is None else rounded(mean.high),
        visits=score.visits,
        outlets=score.outlets,
        provisional=score.provisional,
        without_number=score.without_number,
    )


def _change(score: Score, before: Score) -> ChangeOut:
    if score.estimate is None or before.estimate is None:
        return ChangeOut(before=shown(before), difference=None, low=None, high=None, significant=None)
    found = change(score.estimate, before.estimate)
    return ChangeOut(
        before=shown(before),
        difference=round(found.difference, PLACES),
        low=rounded(found.low),
        high=rounded(found.high),
        significant=found.significant,
    )


def _median(value: float | None, outlets: int, hidden: int) -> MedianOut:
    return MedianOut(value=rounded(value) if may_show_median(hidden) else None, outlets=outlets)


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, PLACES)
