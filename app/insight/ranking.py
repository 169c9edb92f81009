"""Who is ahead, only where enough visits say so (D3.7); and the map of outlets by indicators."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.insight import asking, queries, queries_parts, queries_scores
from app.insight.asking import Scope
from app.insight.overview import rounded, shown
from app.insight.queries import Asked, Group
from app.insight.rules import Level, Ranked, may_rank, ranks
from app.insight.schemas import (
    ColumnOut,
    HeatMapOut,
    HeatRowOut,
    OutletRefOut,
    RankedOut,
    RankingOut,
)
from app.insight.scores import NOTHING, Score
from app.insight.words import words_for
from app.kit.paging import Key, PageRequest, paginate
from app.outlets.models import Outlet, Region, Tier
from app.outlets.queries import outlets_by_id
from app.programmes.service import rules_of

Row = Outlet | Region | Tier
Named = UUID | str  # by their codes: tiers


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
    scores = await _scores(session, actor, scope, asked, of, now=now)
    enough = {one: score for one, score in scores.items() if may_rank(score.visits, minimum=minimum)}
    places = _shown_places(enough, from_rank=from_rank, limit=limit)
    rows = await _rows(session, actor, of, places.keys())
    ordered = sorted(places, key=lambda one: (places[one], rows[one].code))
    return RankingOut(
        about=await asking.about(session, asked, now=now),
        minimum_visits=minimum,
        ranked=len(enough),
        not_ranked=len(scores) - len(enough),
        rows=[_ranked(places[one], rows[one], scores[one]) for one in ordered[:limit]],
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


async def _scores(
    session: AsyncSession, actor: Actor, scope: Scope, asked: Asked, of: Ranked, *, now: datetime
) -> Mapping[Named, Score]:
    """Of everything that has a mean."""
    found: Mapping[Any, Score]
    match of:
        case Ranked.OUTLETS:
            found = await queries_scores.scores_by_outlet(session, asked, scope.group)
        case Ranked.REGIONS:
            below = await queries.regions_to_rank(session, actor, scope.region, now=now)
            ids = [one.id for one in below]
            found = await queries_scores.scores_by_region(session, asked, scope.group, ids)
        case Ranked.TIERS:
            found = await queries_scores.scores_by_tier(session, asked, scope.group)
    return {one: score for one, score in found.items() if score.estimate is not None}


def _shown_places(scores: Mapping[Named, Score], *, from_rank: int, limit: int) -> dict[Named, int]:
    """The ranks of those that may stand on the page: so many from a rank on, and whoever shares the last."""
    means = [one.estimate.mean if one.estimate else None for one in scores.values()]
    found = {one: place for one, place in zip(scores, ranks(means), strict=True) if place is not None}
    after = sorted(place for place in found.values() if place >= from_rank)[:limit]
    return {one: place for one, place in found.items() if after and after[0] <= place <= after[-1]}


async def _rows(
    session: AsyncSession, actor: Actor, of: Ranked, wanted: Collection[Named]
) -> Mapping[Named, Row]:
    ids = [one for one in wanted if isinstance(one, UUID)]
    match of:
        case Ranked.OUTLETS:
            return {one.id: one for one in (await outlets_by_id(session, ids)).values()}
        case Ranked.REGIONS:
            return {one.id: one for one in await queries.regions_of(session, ids)}
        case Ranked.TIERS:
            return {one.code: one for one in await queries.tiers_of(session, actor)}


def _ranked(place: int, row: Row, score: Score) -> RankedOut:
    return RankedOut(
        rank=place,
        id=row.id,
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        score=shown(score),
    )


def _mean(score: Score) -> float | None:
    return None if score.estimate is None else rounded(score.estimate.mean)


def _cells(values: Any) -> Sequence[float | None]:
    return [None if np.isnan(value) else rounded(float(value)) for value in values]
