"""Means of totals: of an outlet over its visits, of a group over its **outlets** (D3.7). In points of 100."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.insight import queries_totals
from app.insight.estimates import Sums, estimate
from app.insight.models import VisitScore
from app.insight.queries import Asked, Group, told
from app.insight.scores import NOTHING, Score
from app.insight.totals import MICRO
from app.outlets.models import Outlet, RegionAncestor

Column = sa.ColumnElement[Any] | InstrumentedAttribute[Any]
VISIT: Column = VisitScore.visit_id
OUTLET: Column = VisitScore.outlet_id


@dataclass(frozen=True, slots=True)
class VisitPoint:
    """A published visit as its outlet knows it."""

    alias: str
    visited_on: date
    total: float | None
    vetoes: int
    provisional: bool


async def score(session: AsyncSession, asked: Asked, group: Group, *, unit: Column = OUTLET) -> Score:
    """Of the group: the mean over its outlets, or over visits for a single outlet."""
    kept = await queries_totals.totals(session, asked, group) if unit is OUTLET else None
    if kept is not None:
        return kept.mean() or NOTHING
    return (await scores(session, asked, group, unit=unit, by=None)).get("all", NOTHING)


async def scores_by_month(
    session: AsyncSession, asked: Asked, group: Group, *, unit: Column = OUTLET
) -> dict[date, Score]:
    """By the first day of the month; months without visits are not in it."""
    kept = await queries_totals.totals_by_month(session, asked, group) if unit is OUTLET else None
    if kept is not None:
        found = {month: one.mean() for month, one in kept.items()}
        return {month: one for month, one in found.items() if one is not None}
    return await scores(session, asked, group, unit=unit, by=VisitScore.month)


async def scores_by_outlet(session: AsyncSession, asked: Asked, group: Group) -> dict[UUID, Score]:
    kept = await queries_totals.totals(session, asked, group)
    if kept is not None:
        return kept.by_outlet()
    return await scores(session, asked, group, unit=VISIT, by=VisitScore.outlet_id)


async def scores_by_tier(session: AsyncSession, asked: Asked, group: Group) -> dict[str, Score]:
    kept = await queries_totals.totals(session, asked, group)
    if kept is not None:
        return kept.means([{tier} for tier in kept.members.tiers])
    return await scores(session, asked, group, unit=OUTLET, by=Outlet.tier)


async def scores_by_region(
    session: AsyncSession, asked: Asked, group: Group, regions: Collection[UUID]
) -> dict[UUID, Score]:
    """Of each of the regions with everything below it."""
    kept = await queries_totals.totals(session, asked, group)
    if kept is not None:
        around = await queries_totals.regions_around(session, regions)
        return kept.means([around.get(region, set()) for region in kept.members.regions])
    return await scores(session, asked, group, unit=OUTLET, by=RegionAncestor.ancestor_id, regions=regions)


async def means_by_outlet(session: AsyncSession, asked: Asked, group: Group) -> dict[UUID, float]:
    """The mean total of every outlet of the group that has one."""
    kept = await queries_totals.totals(session, asked, group)
    if kept is not None:
        return kept.mean_by_outlet()
    values = _values(asked, group, unit=OUTLET, by=None, regions=None).subquery()
    rows = await session.execute(sa.select(values.c.outlet_id, values.c.x).where(values.c.x.is_not(None)))
    return {row.outlet_id: float(row.x) for row in rows}


async def scores(
    session: AsyncSession,
    asked: Asked,
    group: Group,
    *,
    unit: Column,
    by: Column | None,
    regions: Collection[UUID] | None = None,
) -> dict[Any, Score]:
    """From the visits, by whatever `by` is: each the mean over `unit` of the means of its visits."""
    values = _values(asked, group, unit=unit, by=by, regions=regions).subquery()
    x, w = values.c.x, values.c.w
    has = x.is_not(None)
    weight = sa.case((has, w), else_=0.0)
    rows = await session.execute(
        sa.select(
            values.c.bucket,
            sa.func.count(x).label("count"),
            *(sa.func.sum(one) for one in (weight, w * x, weight * weight, w * w * x, w * w * x * x)),
            sa.func.sum(values.c.visits).label("visits"),
            sa.func.count(sa.distinct(sa.case((has, values.c.outlet_id)))).label("outlets"),
            sa.func.sum(values.c.provisional),
            sa.func.sum(values.c.seen),
        ).group_by(values.c.bucket)
    )
    return {row[0]: _score(row) for row in rows}


def _values(
    asked: Asked, group: Group, *, unit: Column, by: Column | None, regions: Collection[UUID] | None
) -> sa.Select[*tuple[Any, ...]]:
    """One row a unit and bucket: mean total x, weight w, how many visits."""
    number = sa.func.count(VisitScore.total_micro)
    mean = sa.cast(sa.func.sum(VisitScore.total_micro), sa.Double) / MICRO / sa.func.nullif(number, 0)
    rows = (
        sa.select(
            (sa.literal("all") if by is None else by).label("bucket"),
            VisitScore.outlet_id.label("outlet_id"),
            mean.label("x"),
            weight_of(asked, group, unit=unit).label("w"),
            number.label("visits"),
            sa.func.count().label("seen"),
            sa.func.sum(sa.case((VisitScore.provisional, 1), else_=0)).label("provisional"),
        )
        .join(Outlet, Outlet.id == VisitScore.outlet_id)
        .where(told(asked), group.condition)
        .group_by(*_distinct([by, unit, VisitScore.outlet_id, Outlet.traffic_per_day]))
    )
    if regions is None:
        return rows
    return rows.join(RegionAncestor, RegionAncestor.region_id == Outlet.region_id).where(
        RegionAncestor.ancestor_id.in_(regions)
    )


def weight_of(asked: Asked, group: Group, *, unit: Column = OUTLET) -> sa.ColumnElement[Any]:
    """An outlet's weight in the mean of a group. One whose traffic is not known weighs as the mean of the known."""
    if not asked.by_traffic or unit is VISIT:
        return sa.literal(1.0, sa.Double)
    known = sa.alias(Outlet.__table__)
    of_group = sa.select(sa.func.avg(known.c.traffic_per_day)).where(known.c.id.in_(group.outlet_ids()))
    return sa.cast(sa.func.coalesce(Outlet.traffic_per_day, of_group.scalar_subquery(), 1), sa.Double)


def _distinct(columns: Sequence[Column | None]) -> list[Column]:
    found: list[Column] = []
    for column in columns:
        if column is not None and all(column is not other for other in found):
            found.append(column)
    return found


async def visits_of(session: AsyncSession, asked: Asked, outlet_id: UUID) -> Sequence[VisitPoint]:
    """In the order of their days, those of a day in the order of their aliases, which are random."""
    rows = await session.scalars(
        sa.select(VisitScore)
        .where(told(asked), VisitScore.outlet_id == outlet_id)
        .order_by(VisitScore.visited_on, VisitScore.alias)
    )
    return [
        VisitPoint(
            row.alias,
            row.visited_on,
            None if row.total_micro is None else row.total_micro / MICRO,
            row.vetoes,
            row.provisional,
        )
        for row in rows
    ]


def _score(row: sa.Row[*tuple[Any, ...]]) -> Score:
    _, count, w, wx, ww, wwx, wwxx, visits, outlets, provisional, seen = row
    sums = Sums(int(count), *(float(one or 0) for one in (w, wx, ww, wwx, wwxx)))
    return Score(
        estimate(sums),
        int(visits or 0),
        int(outlets),
        int(provisional or 0),
        int(seen or 0) - int(visits or 0),
    )
