"""Indicators and items over outlets, over the visits of one, or over months. Values are in points of 100.

Whole months as published now are read from the months' vectors; anything else from those of each visit. Both give
the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.figures import FIGURES, Floats, Packed, PartScore, Table, averages, tabulated
from app.insight.models import MonthVectors, ScoreVectors, VisitScore
from app.insight.queries import Asked, Group, told
from app.insight.queries_facts import layouts_of
from app.insight.rules import Level
from app.outlets.models import Outlet

VALUE = ("visits", "value")  # all that means and medians need; the other figures are not fetched for them


@dataclass(frozen=True, slots=True)
class Units:
    """A table of figures: which outlet, visit or month each row is, and its weight in a mean."""

    keys: Sequence[Any]
    weights: Floats
    table: Table


@dataclass(frozen=True, slots=True)
class PartPoint:
    """One value of a series: of a visit, or of a group in a month."""

    on: date
    alias: str | None
    value: float


async def parts(
    session: AsyncSession, asked: Asked, group: Group, level: Level, figures: Sequence[str] = FIGURES
) -> dict[str, PartScore]:
    """By code: each the mean over the outlets of the group that had it."""
    found = await by_outlet(session, asked, group, level, figures)
    return averages(found.table, found.weights)


async def parts_of_outlet(
    session: AsyncSession, asked: Asked, outlet_id: UUID, level: Level
) -> dict[str, PartScore]:
    """By code: each the mean over the outlet's visits that had it."""
    found = await by_visit(session, asked, outlet_id, level)
    return averages(found.table, found.weights)


async def by_outlet(
    session: AsyncSession, asked: Asked, group: Group, level: Level, figures: Sequence[str] = FIGURES
) -> Units:
    """One row an outlet of the group that was visited."""
    traffic = await _traffic_of(session, group)
    units = {outlet_id.bytes: number for number, outlet_id in enumerate(traffic)}
    read = _months if asked.as_of is None and asked.period.is_whole_months else _visits
    stored = await read(session, asked, level, figures, units=units)
    table = tabulated(stored, units=len(units))
    visited = np.asarray(table.visits.any(axis=1))
    keys = [outlet_id for outlet_id, there in zip(traffic, visited, strict=True) if there]
    per_day = [traffic[outlet_id] for outlet_id in keys]
    weights = weights_by(per_day) if asked.by_traffic else np.ones(len(keys))
    return Units(keys, weights, table.rows(visited))


async def by_visit(
    session: AsyncSession, asked: Asked, outlet_id: UUID, level: Level, figures: Sequence[str] = FIGURES
) -> Units:
    """One row a visit with a number, in the order of their days; its key is (day, alias)."""
    rows = await session.execute(
        sa.select(VisitScore.visited_on, VisitScore.alias, *_columns(ScoreVectors, level, figures))
        .join(ScoreVectors, ScoreVectors.score_revision_id == VisitScore.score_revision_id)
        .where(told(asked), VisitScore.outlet_id == outlet_id)
        .order_by(VisitScore.visited_on, VisitScore.alias)
    )
    layouts = await layouts_of(session, asked.programme.organisation_id)
    keys: list[tuple[date, str]] = []
    stored = []
    for visited_on, alias, layout_id, *packed in rows:
        stored.append(Packed([len(keys)], layouts[layout_id], dict(zip(figures, packed, strict=True))))
        keys.append((visited_on, alias))
    return Units(keys, np.ones(len(keys)), tabulated(stored, units=len(keys)))


async def _months(
    session: AsyncSession, asked: Asked, level: Level, figures: Sequence[str], *, units: Mapping[bytes, int]
) -> list[Packed]:
    """Whole months as published now."""
    rows = await session.execute(
        sa.select(MonthVectors.outlet_ids, *_columns(MonthVectors, level, figures)).where(
            MonthVectors.programme_id == asked.programme.id,
            MonthVectors.kind == asked.kind,
            MonthVectors.month.in_(asked.period.months()),
        )
    )
    layouts = await layouts_of(session, asked.programme.organisation_id)
    return [
        Packed(
            [units.get(ids[start : start + 16], -1) for start in range(0, len(ids), 16)],
            layouts[layout_id],
            dict(zip(figures, packed, strict=True)),
        )
        for ids, layout_id, *packed in rows
    ]


async def _visits(
    session: AsyncSession, asked: Asked, level: Level, figures: Sequence[str], *, units: Mapping[bytes, int]
) -> list[Packed]:
    """Any days, as published at any instant."""
    rows = await session.execute(
        sa.select(VisitScore.outlet_id, *_columns(ScoreVectors, level, figures))
        .join(ScoreVectors, ScoreVectors.score_revision_id == VisitScore.score_revision_id)
        .where(told(asked))
    )
    layouts = await layouts_of(session, asked.programme.organisation_id)
    return [
        Packed([units[outlet_id.bytes]], layouts[layout_id], dict(zip(figures, packed, strict=True)))
        for outlet_id, layout_id, *packed in rows
        if outlet_id.bytes in units
    ]


async def _traffic_of(session: AsyncSession, group: Group) -> dict[UUID, int | None]:
    """By outlet, whether it was visited or not."""
    rows = await session.execute(sa.select(Outlet.id, Outlet.traffic_per_day).where(group.condition))
    return {row.id: row.traffic_per_day for row in rows}


async def series_of_visits(
    session: AsyncSession, asked: Asked, outlet_id: UUID
) -> dict[str, list[PartPoint]]:
    """By indicator: the outlet's visits in the order of their days."""
    found = await by_visit(session, asked, outlet_id, Level.INDICATOR, VALUE)
    return {
        code: [
            PartPoint(on, alias, float(value))
            for (on, alias), value in zip(found.keys, found.table.value[:, number], strict=True)
            if not np.isnan(value)
        ]
        for number, code in enumerate(found.table.codes)
    }


async def series_of_months(session: AsyncSession, asked: Asked, group: Group) -> dict[str, list[PartPoint]]:
    """By indicator: the mean over the group's outlets in each month of the period."""
    found: dict[str, list[PartPoint]] = {}
    for month, means in (await parts_by_month(session, asked, group)).items():
        for code, one in means.items():
            found.setdefault(code, []).append(PartPoint(month, None, one.estimate.mean))
    return found


async def parts_by_month(
    session: AsyncSession, asked: Asked, group: Group
) -> dict[date, dict[str, PartScore]]:
    """Indicators in each month that has visits, in order."""
    found = {}
    for month in asked.period.months():
        one = asked.within(month)
        means = await parts(session, one, group, Level.INDICATOR, VALUE)
        if means:
            found[month] = means
    return found


def weights_by(traffic: Sequence[int | None]) -> Floats:
    """Outlets by their traffic; one whose traffic is not known weighs as the mean of the known (D3.7)."""
    known = [one for one in traffic if one is not None]
    mean = sum(known) / len(known) if known else 1.0
    return np.array([mean if one is None else one for one in traffic], dtype=np.float64)


def _columns(
    table: type[MonthVectors] | type[ScoreVectors], level: Level, figures: Sequence[str]
) -> list[sa.ColumnElement[Any]]:
    return [getattr(table, f"{level}_{name}") for name in ("layout_id", *figures)]
