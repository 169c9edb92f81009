"""Who is ahead, only where enough visits say so (D3.7); and the map of outlets by indicators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.insight import asking, queries, queries_parts, queries_scores
from app.insight.asking import Scope
from app.insight.overview import rounded, shown
from app.insight.queries import Asked, Group
from app.insight.queries_scores import NOTHING, Score
from app.insight.rules import Level, Ranked, may_rank, ranks
from app.insight.schemas import (
    ColumnOut,
    HeatMapOut,
    HeatRowOut,
    OutletRefOut,
    RankedOut,
    RankingOut,
)
from app.insight.words import words_for
from app.kit.paging import Key, PageRequest, paginate
from app.outlets.models import Outlet, Region, Tier
from app.programmes.service import rules_of


@dataclass(frozen=True, slots=True)
class Place:
    """Something that may be ranked."""

    row: Outlet | Region | Tier
    score: Score


async def rank(
    session: AsyncSession,
    actor: Actor,
    scope: Scope,
    asked: Asked,
    *,
    of: Ranked,
    from_rank: int,
    limit: int,
    now: datetime,
) -> RankingOut:
    """The highest mean first."""
    minimum = rules_of(asked.programme).ranking_minimum_n
    places = [one for one in await _places(session, actor, scope, asked, of, now=now) if one.score.estimate]
    enough = [one for one in places if may_rank(one.score.visits, minimum=minimum)]
    means = [one.score.estimate.mean if one.score.estimate else None for one in enough]
    rows = [
        (place, one) for place, one in zip(ranks(means), enough, strict=True) if place and place >= from_rank
    ]
    rows.sort(key=lambda pair: (pair[0], pair[1].row.code))
    return RankingOut(
        about=await asking.about(session, asked, now=now),
        minimum_visits=minimum,
        ranked=len(enough),
        not_ranked=len(places) - len(enough),
        rows=[_ranked(place, one) for place, one in rows[:limit]],
    )


async def heat_map(
    session: AsyncSession, group: Group, asked: Asked, paging: PageRequest, *, now: datetime
) -> HeatMapOut:
    """A page of outlets, visited or not, by all indicators that were scored there."""
    by = [Key(Outlet.code), Key(Outlet.id)]
    found = await paginate(session, queries.outlets_in(group), paging, by=by)
    page = Group(Outlet.id.in_([row.id for row in found.rows]))
    units = await queries_parts.by_outlet(session, asked, page, Level.INDICATOR, queries_parts.VALUE)
    words = await words_for(session, asked, group)
    scores = await queries_scores.scores_by_outlet(session, asked, page)
    codes = words.in_order(set(units.table.codes))
    places = {outlet_id: number for number, outlet_id in enumerate(units.keys)}
    columns = [units.table.codes.index(code) for code in codes]
    return HeatMapOut(
        about=await asking.about(session, asked, now=now),
        columns=[ColumnOut(code=code, title=words.indicators.get(code)) for code in codes],
        rows=[
            HeatRowOut(
                outlet=outlet_ref(row),
                score=_mean(scores.get(row.id, NOTHING)),
                visits=scores.get(row.id, NOTHING).visits,
                values=_cells(units.table.value[places[row.id], columns])
                if row.id in places
                else [None] * len(codes),
            )
            for row in found.rows
        ],
        next_cursor=found.next_cursor,
    )


def outlet_ref(row: Outlet) -> OutletRefOut:
    return OutletRefOut.model_validate(row)


async def _places(
    session: AsyncSession, actor: Actor, scope: Scope, asked: Asked, of: Ranked, *, now: datetime
) -> list[Place]:
    match of:
        case Ranked.OUTLETS:
            outlets = await queries_scores.scores_by_outlet(session, asked, scope.group)
            rows = await queries.outlets_of(session, outlets.keys())
            return [Place(rows[one], score) for one, score in outlets.items()]
        case Ranked.REGIONS:
            below = await queries.regions_to_rank(session, actor, scope.region, now=now)
            regions = await queries_scores.scores_by_region(
                session, asked, scope.group, [one.id for one in below]
            )
            return [Place(one, regions.get(one.id, NOTHING)) for one in below]
        case Ranked.TIERS:
            tiers = await queries_scores.scores_by_tier(session, asked, scope.group)
            return [
                Place(one, tiers[one.code])
                for one in await queries.tiers_of(session, actor)
                if one.code in tiers
            ]


def _ranked(place: int, one: Place) -> RankedOut:
    return RankedOut(
        rank=place,
        id=one.row.id,
        code=one.row.code,
        name_zh=one.row.name_zh,
        name_en=one.row.name_en,
        score=shown(one.score),
    )


def _mean(score: Score) -> float | None:
    return None if score.estimate is None else rounded(score.estimate.mean)


def _cells(values: Any) -> Sequence[float | None]:
    return [None if np.isnan(value) else rounded(float(value)) for value in values]
