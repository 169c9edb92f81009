"""Adding up the months of calendar quarters and years, so that a long period is few blocks to read.

A trigger takes a span away as soon as one of its months changes, and whoever reads before it is made again reads
the months. So spans may be made whenever there is time; nobody waits for them.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import folding
from app.insight import queries_facts as queries
from app.insight.figures import FIGURES, Codes, Packed, joined, repacked
from app.insight.models import MonthVectors, SpanVectors
from app.insight.queries_facts import SpanKey
from app.insight.rows import Layouts, Row, block_columns
from app.insight.rules import Level
from app.insight.totals import added_totals, ids_in
from app.kit.database import Database


async def gather_everywhere(database: Database, *, now: datetime) -> int:
    """Make what spans are missing in any organisation."""
    async with database.reading() as session:
        homes = await queries.organisations_published(session)
    return sum([await gather(database, one, now=now) for one in homes])


async def gather(database: Database, organisation_id: UUID, *, now: datetime) -> int:
    """Make the spans that are missing, in transactions of their own; gives how many."""
    async with database.reading() as session:
        missing = await queries.missing_spans(session, organisation_id)
    for key in missing:
        await database.transact(partial(_make, organisation_id=organisation_id, key=key, now=now))
    return len(missing)


async def _make(session: AsyncSession, organisation_id: UUID, key: SpanKey, *, now: datetime) -> None:
    await folding.take_turn(session, organisation_id, now=now)  # no month changes before this is there
    await make_span(session, organisation_id, key)


async def make_span(session: AsyncSession, organisation_id: UUID, key: SpanKey) -> None:
    """It must be our turn. What somebody else made meanwhile is made again."""
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    months = await queries.months_in(session, key)
    await session.execute(queries.forget_span(key))
    if months:
        await layouts.keep(session, organisation_id, _wanted(months, layouts))
        await folding.insert(session, SpanVectors, [span_row(key, months, layouts)])
    session.expunge_all()


def span_row(key: SpanKey, months: Sequence[MonthVectors], layouts: Layouts) -> Row:
    """The row of `SpanVectors` that follows from its months. Raises `KeyError` for a layout that is not kept."""
    row: Row = dict(zip(("programme_id", "kind", "first_on", "last_on", "shard"), key, strict=True))
    outlets = sorted({one for month in months for one in ids_in(month.outlet_ids)})
    place = {one: number for number, one in enumerate(outlets)}
    row["outlet_ids"] = b"".join(outlets)
    row["totals"] = _totals(months, place)
    for level in Level:
        stored = [_packed(month, level, place, layouts) for month in months]
        row |= block_columns(level, *repacked(stored, units=len(outlets)), layouts)
    return row


def _wanted(months: Sequence[MonthVectors], layouts: Layouts) -> list[Codes]:
    return [
        joined(layouts.by_id[getattr(month, f"{level}_layout_id")] for month in months) for level in Level
    ]


def _packed(month: MonthVectors, level: Level, place: dict[bytes, int], layouts: Layouts) -> Packed:
    return Packed(
        [place[one] for one in ids_in(month.outlet_ids)],
        layouts.by_id[getattr(month, f"{level}_layout_id")],
        {name: getattr(month, f"{level}_{name}") for name in FIGURES},
    )


def _totals(months: Sequence[MonthVectors], place: dict[bytes, int]) -> bytes | None:
    """None where an older release made one of the months."""
    stored = [([place[one] for one in ids_in(month.outlet_ids)], month.totals) for month in months]
    known = [(which, totals) for which, totals in stored if totals is not None]
    return added_totals(known, units=len(place)).tobytes() if len(known) == len(stored) else None
