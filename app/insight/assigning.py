"""Counting who was to lead how many visits of each month, so that a year is a dozen rows to read.

Whatever changes such a count leaves a mark in its own transaction (`Replanned`), and a day with a mark is counted from
its visits until it is counted here again. So nobody waits for this, and it may be done whenever there is time.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import folding, queries_facts
from app.insight import queries_assigned as queries
from app.insight.models import Assignments, Replanned
from app.insight.queries_assigned import Counted, Key
from app.insight.rows import Row
from app.insight.rules import Period
from app.insight.totals import ASSIGNED, packed_ids
from app.kit.database import Database

MARKS_AT_ONCE = 5_000  # a month of a large network leaves some hundred thousand


async def settle_everywhere(database: Database, *, now: datetime) -> int:
    """In every organisation; gives how many months were counted."""
    async with database.reading() as session:
        homes = await queries.organisations_replanned(session)
        homes |= set(await queries_facts.organisations_published(session))
    return sum([await settle(database, one, now=now) for one in sorted(homes)])


async def settle(database: Database, organisation_id: UUID, *, now: datetime) -> int:
    """Count days that changed again, and months that are not counted, each in a transaction of its own.

    Gives how many months were counted.
    """
    left = MARKS_AT_ONCE
    while left == MARKS_AT_ONCE:
        left = await database.transact(partial(_take_marks, organisation_id=organisation_id, now=now))
    async with database.reading() as session:
        missing = await queries.missing_blocks(session, organisation_id)
    for key in missing:
        await database.transact(partial(_count, organisation_id=organisation_id, key=key, now=now))
    return len(missing)


async def rebuild(database: Database, organisation_id: UUID, *, now: datetime) -> int:
    """Count all months again, whatever is there."""
    await database.transact(partial(_forget_all, organisation_id=organisation_id, now=now))
    return await settle(database, organisation_id, now=now)


async def _forget_all(session: AsyncSession, *, organisation_id: UUID, now: datetime) -> None:
    await folding.take_turn(session, organisation_id, now=now)
    await session.execute(sa.delete(Assignments).where(queries.is_of(organisation_id)))


async def _take_marks(session: AsyncSession, *, organisation_id: UUID, now: datetime) -> int:
    """Count the days that the oldest marks name. A change that comes meanwhile leaves a mark that stays."""
    await folding.take_turn(session, organisation_id, now=now)
    marks = await queries.replanned_of(session, organisation_id, limit=MARKS_AT_ONCE)
    changed: dict[Key, set[date]] = {}
    for one in marks:
        key = (one.programme_id, one.kind, one.planned_on.replace(day=1))
        changed.setdefault(key, set()).add(one.planned_on)
    for key, days in changed.items():
        block = await queries.stored_block(session, key)
        if block is not None:
            kept = [one for one in queries.unpacked(block) if one.on not in days]
            again = await queries.counts_in(session, organisation_id, key, sorted(days))
            await _put(session, key, [*kept, *again])
    if marks:
        await session.execute(sa.delete(Replanned).where(Replanned.id.in_([one.id for one in marks])))
    return len(marks)


async def _count(session: AsyncSession, *, organisation_id: UUID, key: Key, now: datetime) -> None:
    """In our turn nobody takes a mark away, so whatever is changed and not seen here has one."""
    await folding.take_turn(session, organisation_id, now=now)
    days = Period.of_month(key[2]).days()
    await _put(session, key, await queries.counts_in(session, organisation_id, key, days))


async def _put(session: AsyncSession, key: Key, counts: Sequence[Counted]) -> None:
    await session.execute(sa.delete(Assignments).where(queries.blocks_of([key])))
    await folding.insert(session, Assignments, [block_row(key, counts)])


def block_row(key: Key, counts: Sequence[Counted]) -> Row:
    """The row of `Assignments` that keeps these, whatever their order."""
    programme_id, kind, month = key
    outlets = _numbered(one.outlet_id for one in counts)
    inspectors = _numbered(one.inspector_id for one in counts)
    records = sorted(
        (one.on.day, outlets[one.outlet_id], inspectors[one.inspector_id], one.assigned, one.entered)
        for one in counts
    )
    return {
        "programme_id": programme_id, "kind": kind, "month": month,
        "outlet_ids": packed_ids(outlets), "inspector_ids": packed_ids(inspectors),
        "counts": np.array(records, dtype=ASSIGNED).tobytes(),
    }  # fmt: skip


def _numbered(ids: Iterable[UUID]) -> dict[UUID, int]:
    return {one: number for number, one in enumerate(sorted(set(ids)))}
