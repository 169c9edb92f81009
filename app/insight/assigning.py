"""Counting who was to lead how many visits of the months that are over, so that a year is a dozen rows to read.

Whatever changes such a count leaves a mark in its own transaction (`Replanned`), and a month with a mark is counted from
its visits until it is counted here again. So nobody waits for this, and it may be done whenever there is time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import folding, queries_facts
from app.insight import queries_assigned as queries
from app.insight.models import Assignments, Replanned
from app.insight.queries_assigned import Key
from app.insight.rows import Row
from app.insight.rules import Period
from app.insight.totals import ASSIGNED
from app.kit.database import Database

MARKS_AT_ONCE = 5_000  # a month of a large network leaves some hundred thousand


async def settle_everywhere(database: Database, *, now: datetime) -> int:
    """In every organisation; gives how many months were counted."""
    async with database.reading() as session:
        homes = await queries.organisations_replanned(session)
        homes |= set(await queries_facts.organisations_published(session))
    return sum([await settle(database, one, now=now) for one in sorted(homes)])


async def settle(database: Database, organisation_id: UUID, *, now: datetime) -> int:
    """Count the months that are over and are not counted, or not any more, each in a transaction of its own."""
    left = MARKS_AT_ONCE
    while left == MARKS_AT_ONCE:
        left = await database.transact(partial(_forget, organisation_id=organisation_id, now=now))
    async with database.reading() as session:
        missing = await queries.missing_blocks(session, organisation_id, before=now.date().replace(day=1))
    for key in missing:
        await database.transact(partial(_count, organisation_id=organisation_id, key=key, now=now))
    return len(missing)


async def rebuild(database: Database, organisation_id: UUID, *, now: datetime) -> int:
    """Count all months that are over again, whatever is there."""
    await database.transact(partial(_forget_all, organisation_id=organisation_id, now=now))
    return await settle(database, organisation_id, now=now)


async def _forget_all(session: AsyncSession, *, organisation_id: UUID, now: datetime) -> None:
    await folding.take_turn(session, organisation_id, now=now)
    await session.execute(sa.delete(Assignments).where(queries.is_of(organisation_id)))


async def _forget(session: AsyncSession, *, organisation_id: UUID, now: datetime) -> int:
    """Take the oldest marks, and away what they mark. A change that comes meanwhile leaves a mark that stays."""
    await folding.take_turn(session, organisation_id, now=now)
    marks = await queries.replanned_of(session, organisation_id, limit=MARKS_AT_ONCE)
    keys = {(one.programme_id, one.kind, one.planned_on.replace(day=1)) for one in marks}
    if marks:
        await session.execute(sa.delete(Assignments).where(queries.blocks_of(keys)))
        await session.execute(sa.delete(Replanned).where(Replanned.id.in_([one.id for one in marks])))
    return len(marks)


async def _count(session: AsyncSession, *, organisation_id: UUID, key: Key, now: datetime) -> None:
    """In our turn nobody takes a mark away, so whatever is changed and not seen here has one."""
    await folding.take_turn(session, organisation_id, now=now)
    await session.execute(sa.delete(Assignments).where(queries.blocks_of([key])))
    row = block_row(key, await queries.counts_in(session, organisation_id, key))
    await folding.insert(session, Assignments, [row])


def block_row(key: Key, counts: Sequence[sa.Row[*tuple[Any, ...]]]) -> Row:
    """The row of `Assignments` that follows from (outlet, lead, assigned, entered)."""
    programme_id, kind, month = key
    outlets, inspectors = _numbered(row[0] for row in counts), _numbered(row[1] for row in counts)
    records = [(outlets[row[0]], inspectors[row[1]], row[2], row[3]) for row in counts]
    return {
        "programme_id": programme_id, "kind": kind, "month": month, "last_on": Period.of_month(month).last,
        "outlet_ids": _packed(outlets), "inspector_ids": _packed(inspectors),
        "counts": np.array(records, dtype=ASSIGNED).tobytes(),
    }  # fmt: skip


def _numbered(ids: Iterable[UUID]) -> dict[UUID, int]:
    return {one: number for number, one in enumerate(sorted(set(ids)))}


def _packed(ids: Iterable[UUID]) -> bytes:
    return b"".join(one.bytes for one in ids)
