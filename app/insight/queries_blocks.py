"""Reading what is kept added up: whole years and quarters where they are there, months for the rest."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.models import MonthVectors, SpanVectors
from app.insight.queries import Asked
from app.insight.rules import SHARDS, Period

Rows = Sequence[sa.Row[*tuple[Any, ...]]]


async def blocks(session: AsyncSession, asked: Asked, columns: Sequence[str]) -> Rows:
    """These columns of as few blocks as hold all visits of the period, which is of whole months."""
    found = await _spans(session, asked, columns)
    missing = []
    for span in asked.period.spans():
        there = [row.shard for row in found if (row.first_on, row.last_on) == (span.first, span.last)]
        if len(there) < SHARDS:
            within = MonthVectors.month.between(span.first, span.last)
            missing.append(sa.and_(within, MonthVectors.shard.not_in(there)))
    months = await _months(session, asked, columns, sa.or_(*missing)) if missing else []
    return [*found, *months]


async def months(session: AsyncSession, asked: Asked, columns: Sequence[str]) -> Rows:
    """These columns of the months of the period, which is of whole months."""
    return await _months(session, asked, columns, MonthVectors.month.in_(asked.period.months()))


async def _spans(session: AsyncSession, asked: Asked, columns: Sequence[str]) -> Rows:
    longer = [(one.first, one.last) for one in asked.period.spans() if one != Period.of_month(one.first)]
    if not longer:
        return []
    chosen = [getattr(SpanVectors, name) for name in columns]
    rows = await session.execute(
        sa.select(SpanVectors.first_on, SpanVectors.last_on, SpanVectors.shard, *chosen).where(
            SpanVectors.programme_id == asked.programme.id,
            SpanVectors.kind == asked.kind,
            sa.tuple_(SpanVectors.first_on, SpanVectors.last_on).in_(longer),
        )
    )
    return rows.all()


async def _months(
    session: AsyncSession, asked: Asked, columns: Sequence[str], which: sa.ColumnElement[bool]
) -> Rows:
    chosen = [getattr(MonthVectors, name) for name in columns]
    rows = await session.execute(
        sa.select(MonthVectors.month, MonthVectors.shard, *chosen).where(
            MonthVectors.programme_id == asked.programme.id, MonthVectors.kind == asked.kind, which
        )
    )
    return rows.all()
