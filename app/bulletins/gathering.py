"""From an edition to what it says: the figures are those of insight, as they were published at an instant."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.bulletins import queries
from app.bulletins.content import (
    Content,
    ControlChart,
    Figure,
    Name,
    OpenAction,
    Placed,
    Ranking,
    Spoke,
    TrendPoint,
    Veto,
    WorstItem,
)
from app.bulletins.models import Bulletin
from app.cases.models_actions import Action
from app.checklists.document import Text
from app.identity.actor import Actor, Role
from app.identity.models import Organisation
from app.insight import asking, charting, overview, ranking
from app.insight import queries as insight
from app.insight.asking import Scope
from app.insight.models import VetoFact
from app.insight.overview import TREND_MONTHS
from app.insight.queries import Asked, Group
from app.insight.rules import Period, Ranked, WorstBy
from app.insight.schemas import (
    ControlChartOut,
    FiredOut,
    IndicatorOut,
    MeanOut,
    RankingOut,
    WorstItemOut,
)
from app.kit.paging import Key, PageRequest, paginate
from app.outlets.models import Outlet
from app.outlets.queries import outlets_by_id
from app.programmes.service import rules_of

MOST_ROWS = 200  # of a list in a file; how many there are is told
MOST_RANKED = 500
MOST_WORST = 20
NOBODY = UUID(int=0)
NO_RANKING = Ranking(ranked=0, not_ranked=0, rows=[])

Part = dict[str, Any]  # fields of `Content`, which checks them


async def gather(session: AsyncSession, bulletin: Bulletin, *, as_of: datetime) -> Content:
    """Everything the edition says. `as_of` must be past, and all that was published until then be folded.

    Gathered for nobody in particular: all who may see the edition read the same, whoever asked for it.
    """
    desk = Actor(NOBODY, bulletin.organisation_id, frozenset({Role.ADMIN}), NOBODY)
    programme = await queries.programme_of(session, bulletin)
    asked = Asked(programme, bulletin.kind, Period(bulletin.first_on, bulletin.last_on), as_of)
    scope = await _scope(session, desk, bulletin, now=as_of)
    return Content(
        cadence=bulletin.cadence,
        scope=bulletin.scope,
        kind=bulletin.kind,
        edition=bulletin.edition,
        follows=(await queries.followed(session, [bulletin])).get(bulletin.follows_id or NOBODY),
        programme=programme.name,
        about=_about(scope, await queries.organisation_of(session, bulletin)),
        first=bulletin.first_on,
        last=bulletin.last_on,
        as_of=as_of,
        minimum_visits=rules_of(programme).ranking_minimum_n,
        **await _standing(session, _reader(desk, scope), scope, asked),
        **await _rankings(session, desk, scope, asked),
        **await _wanting(session, scope, asked),
        **await _undone(session, scope.group, at=as_of),
        score_revisions=list(await insight.scores_used(session, asked, scope.group)),
    )


async def _scope(session: AsyncSession, desk: Actor, bulletin: Bulletin, *, now: datetime) -> Scope:
    if bulletin.outlet_id is None:
        return await asking.of_group(session, desk, region_id=bulletin.region_id, now=now)
    scope = await asking.of_outlet(session, desk, bulletin.outlet_id, now=now)
    assert scope.others is not None
    # Medians hide nothing from those who know most of the outlets behind them: theirs are left out.
    strangers = scope.others.narrowed(Outlet.id.not_in(queries.managed_together(bulletin.outlet_id)))
    return replace(scope, others=strangers)


def _reader(desk: Actor, scope: Scope) -> Actor:
    """An outlet's edition tells of others what its managers may know, and no more."""
    return desk if scope.outlet is None else replace(desk, roles=frozenset({Role.OUTLET_MANAGER}))


async def _standing(session: AsyncSession, reader: Actor, scope: Scope, asked: Asked) -> Part:
    now = _instant(asked)
    found = await overview.group(session, reader, scope, asked, now=now)
    leading = asked.over(asked.period.leading_up(TREND_MONTHS))
    charts = await charting.control_charts(session, scope, leading, now=now)
    return {
        "score": _figure(found.score),
        "provisional": found.score.provisional,
        "without_number": found.score.without_number,
        "before": _figure(found.change.before),
        "difference": found.change.difference,
        "significant": found.change.significant,
        "others": found.peers.value,
        "trend": [TrendPoint(month=one.month, figure=_figure(one.score)) for one in found.trend],
        "chart": _chart(charts.charts[0]),
        "profile": [_spoke(one) for one in found.profile],
        "veto_count": found.vetoes,
    }


async def _rankings(session: AsyncSession, desk: Actor, scope: Scope, asked: Asked) -> Part:
    """Of an outlet there is nothing to rank."""
    if scope.outlet is not None:
        return {"regions": NO_RANKING, "outlets": NO_RANKING}
    found = {}
    for name, of in (("regions", Ranked.REGIONS), ("outlets", Ranked.OUTLETS)):
        ranked = await ranking.rank(
            session, desk, scope, asked, of=of, from_rank=1, limit=MOST_RANKED, now=_instant(asked)
        )
        found[name] = _ranking(ranked)
    return found


async def _wanting(session: AsyncSession, scope: Scope, asked: Asked) -> Part:
    """Norms that were breached, the newest first, and items that cost something."""
    by = [Key(VetoFact.visited_on, descending=True), Key(VetoFact.alias), Key(VetoFact.item_code)]
    rows = insight.vetoes(asked, scope.group)
    found = await paginate(session, rows, PageRequest(limit=MOST_ROWS), by=by)
    fired = await charting.fired(session, found.rows, scope, asked)
    worst = await charting.worst_items(
        session, scope, asked, by=WorstBy.LOST_POINTS, limit=MOST_WORST, now=_instant(asked)
    )
    return {"vetoes": [_veto(one) for one in fired], "worst": [_worst(one) for one in worst.items]}


async def _undone(session: AsyncSession, group: Group, *, at: datetime) -> Part:
    """Actions that were open then, those due first first."""
    open_then = queries.actions_open(group, at=at)
    rows = await queries.first_due(session, open_then, limit=MOST_ROWS)
    outlets = await outlets_by_id(session, {row.outlet_id for row in rows})
    return {
        "action_count": await queries.count_of(session, open_then),
        "actions": [_action(row, outlets[row.outlet_id], at=at) for row in rows],
    }


def _instant(asked: Asked) -> datetime:
    assert asked.as_of is not None
    return asked.as_of


def _about(scope: Scope, organisation: Organisation) -> Name:
    row = scope.outlet or scope.region
    return (
        Name(zh=organisation.name, en=organisation.name)
        if row is None
        else Name(zh=row.name_zh, en=row.name_en)
    )


def _figure(mean: MeanOut) -> Figure:
    return Figure(value=mean.value, low=mean.low, high=mean.high, visits=mean.visits, outlets=mean.outlets)


def _chart(total: ControlChartOut) -> ControlChart:
    return ControlChart(
        days=[one.on for one in total.points],
        values=[one.value for one in total.points],
        centre=total.centre,
        lower=total.lower,
        upper=total.upper,
        signals=len(total.signals),
    )


def _spoke(one: IndicatorOut) -> Spoke:
    return Spoke(
        code=one.code,
        title=_text(one.title),
        value=one.value,
        low=one.low,
        high=one.high,
        lost=one.lost,
        visits=one.visits,
        others=one.peers.value,
    )


def _ranking(found: RankingOut) -> Ranking:
    return Ranking(
        ranked=found.ranked,
        not_ranked=found.not_ranked,
        rows=[
            Placed(
                rank=one.rank,
                code=one.code,
                name=Name(zh=one.name_zh, en=one.name_en),
                figure=_figure(one.score),
            )
            for one in found.rows
        ],
    )


def _veto(one: FiredOut) -> Veto:
    return Veto(
        outlet_code=one.outlet.code,
        outlet=Name(zh=one.outlet.name_zh, en=one.outlet.name_en),
        visited_on=one.visited_on,
        text=_text(one.text),
        provisional=one.provisional,
    )


def _worst(one: WorstItemOut) -> WorstItem:
    return WorstItem(code=one.code, text=_text(one.text), value=one.value, lost=one.lost, visits=one.visits)


def _action(row: Action, outlet: Outlet, *, at: datetime) -> OpenAction:
    return OpenAction(
        outlet_code=outlet.code,
        outlet=Name(zh=outlet.name_zh, en=outlet.name_en),
        text=_text(Text.model_validate(row.item_text)),
        due_on=row.due_on,
        overdue=row.due_at <= at,
    )


def _text(text: Text | None) -> Name:
    return Name(zh=None, en=None) if text is None else Name(zh=text.zh, en=text.en)
