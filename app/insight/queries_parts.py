"""Indicators and items over outlets, over the visits of one, or over months. Values are in points of 100.

Whole months as published now are read from what is kept added up; anything else from the vectors of each visit.
Both give the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.figures import FIGURES, Codes, Floats, Packed, PartScore, Table, averages, tabulated
from app.insight.models import ScoreVectors, VisitScore
from app.insight.queries import Asked, Group, told
from app.insight.queries_blocks import blocks, months
from app.insight.queries_facts import layouts_of
from app.insight.queries_members import Members, members_of
from app.insight.rules import Level
from app.insight.totals import ids_in

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
    members = await members_of(session, asked, group)
    return units_in(members, await tabled(session, asked, members, level, figures))


async def by_tier(
    session: AsyncSession, asked: Asked, group: Group, level: Level, figures: Sequence[str] = FIGURES
) -> dict[str, Units]:
    """The same for each tier that the group has, read once for all."""
    members = await members_of(session, asked, group)
    table = await tabled(session, asked, members, level, figures)
    return {tier: units_in(members, table, tier=tier) for tier in sorted(set(members.tiers))}


async def tabled(
    session: AsyncSession, asked: Asked, members: Members, level: Level, figures: Sequence[str]
) -> Table:
    """One row for each of the members."""
    places = members.places()
    if asked.is_kept:
        rows = await blocks(session, asked, ["outlet_ids", *_names(level, figures)])
        layouts = await layouts_of(session, asked.programme.organisation_id)
        stored = [_block(row, level, figures, places, layouts) for row in rows]
    else:
        stored = await _visits(session, asked, level, figures, units=places)
    return tabulated(stored, units=len(places))


async def by_visit(
    session: AsyncSession, asked: Asked, outlet_id: UUID, level: Level, figures: Sequence[str] = FIGURES
) -> Units:
    """One row a visit with a number, in the order of their days; its key is (day, alias)."""
    rows = await session.execute(
        sa.select(VisitScore.visited_on, VisitScore.alias, *_columns(level, figures))
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


def _block(
    row: sa.Row[*tuple[Any, ...]],
    level: Level,
    figures: Sequence[str],
    places: Mapping[bytes, int],
    layouts: Mapping[int, Codes],
) -> Packed:
    return Packed(
        [places.get(one, -1) for one in ids_in(row.outlet_ids)],
        layouts[getattr(row, f"{level}_layout_id")],
        {name: getattr(row, f"{level}_{name}") for name in figures},
    )


async def _visits(
    session: AsyncSession, asked: Asked, level: Level, figures: Sequence[str], *, units: Mapping[bytes, int]
) -> list[Packed]:
    """Any days, as published at any instant."""
    rows = await session.execute(
        sa.select(VisitScore.outlet_id, *_columns(level, figures))
        .join(ScoreVectors, ScoreVectors.score_revision_id == VisitScore.score_revision_id)
        .where(told(asked))
    )
    layouts = await layouts_of(session, asked.programme.organisation_id)
    return [
        Packed([units[outlet_id.bytes]], layouts[layout_id], dict(zip(figures, packed, strict=True)))
        for outlet_id, layout_id, *packed in rows
        if outlet_id.bytes in units
    ]


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
    members = await members_of(session, asked, group)
    found = {}
    for month, table in (await _tables_by_month(session, asked, members)).items():
        units = units_in(members, table)
        means = averages(units.table, units.weights)
        if means:
            found[month] = means
    return found


async def _tables_by_month(session: AsyncSession, asked: Asked, members: Members) -> dict[date, Table]:
    """Of indicators."""
    level = Level.INDICATOR
    if not asked.is_kept:
        return {
            month: await tabled(session, asked.within(month), members, level, VALUE)
            for month in asked.period.months()
        }
    rows = await months(session, asked, ["outlet_ids", *_names(level, VALUE)])
    layouts = await layouts_of(session, asked.programme.organisation_id)
    places = members.places()
    stored: dict[date, list[Packed]] = {}
    for row in rows:
        stored.setdefault(row.month, []).append(_block(row, level, VALUE, places, layouts))
    return {month: tabulated(stored[month], units=len(places)) for month in sorted(stored)}


def units_in(members: Members, table: Table, *, tier: str | None = None) -> Units:
    """One row for each member that was visited, of a tier or of all."""
    of_tier = np.array([tier in (None, one) for one in members.tiers], dtype=bool)
    visited = np.asarray(table.visits.any(axis=1)) & of_tier
    keys = [members.ids[place] for place in np.flatnonzero(visited).tolist()]
    return Units(keys, members.weights[visited], table.rows(visited))


def _names(level: Level, figures: Sequence[str]) -> list[str]:
    return [f"{level}_{name}" for name in ("layout_id", *figures)]


def _columns(level: Level, figures: Sequence[str]) -> list[sa.ColumnElement[Any]]:
    return [getattr(ScoreVectors, name) for name in _names(level, figures)]
