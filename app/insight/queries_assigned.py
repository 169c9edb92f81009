"""Who was to lead how many visits, for supervisors only: days as they were counted, and visits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.insight.models import Assignments, MonthVectors, Replanned
from app.insight.queries import Asked, Group
from app.insight.rules import Period
from app.insight.totals import ASSIGNED, ids_in
from app.programmes.models import Programme
from app.visits.models import CrewMember, Visit
from app.visits.rules import CrewRole, Kind, State

CALLED_OFF = (State.CANCELLED, State.PROPOSED)  # the triggers beside `Replanned` name them too

Key = tuple[UUID, Kind, date]  # programme, kind, month
KEY = (Assignments.programme_id, Assignments.kind, Assignments.month)
Counts = dict[UUID, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Counted:
    """Visits planned that were not called off, and how many of these were entered."""

    on: date
    outlet_id: UUID
    inspector_id: UUID
    assigned: int
    entered: int


async def assigned_to(session: AsyncSession, asked: Asked, group: Group) -> Counts:
    """By lead: visits planned in the period that were not called off, and how many of these were entered."""
    changed = await _changed(session, asked)  # first: counted meanwhile, a day is counted once more
    kept = await _kept(session, asked)
    months = {one.month for one in kept}
    open_days = [one for one in asked.period.days() if one in changed or one.replace(day=1) not in months]
    found = await _in_blocks(session, group, kept, set(asked.period.days()) - set(open_days))
    if open_days:
        rows = await session.execute(
            _counted(asked.programme.id, asked.kind, open_days, CrewMember.person_id).where(
                Visit.organisation_id == asked.programme.organisation_id,
                Visit.outlet_id.in_(group.outlet_ids()),
            )
        )
        _add(found, {row[0]: (int(row[1]), int(row[2])) for row in rows})
    return found


async def counts_in(
    session: AsyncSession, organisation_id: UUID, key: Key, days: Sequence[date]
) -> Sequence[Counted]:
    """Of the programme and kind on these days, in order."""
    programme_id, kind, _ = key
    by = (Visit.planned_on, Visit.outlet_id, CrewMember.person_id)
    rows = await session.execute(
        _counted(programme_id, kind, days, *by).where(Visit.organisation_id == organisation_id).order_by(*by)
    )
    return [Counted(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in rows]


async def organisations_replanned(session: AsyncSession) -> set[UUID]:
    marked = sa.exists().where(Replanned.programme_id == Programme.id)
    return set(await session.scalars(sa.select(Programme.organisation_id).where(marked)))


async def replanned_of(session: AsyncSession, organisation_id: UUID, *, limit: int) -> Sequence[Replanned]:
    rows = await session.scalars(
        sa.select(Replanned)
        .where(Replanned.programme_id.in_(_programmes(organisation_id)))
        .order_by(Replanned.id)
        .limit(limit)
    )
    return rows.all()


def is_of(organisation_id: UUID) -> sa.ColumnElement[bool]:
    """A condition on `Assignments`."""
    return Assignments.programme_id.in_(_programmes(organisation_id))


def blocks_of(keys: Collection[Key]) -> sa.ColumnElement[bool]:
    """A condition on `Assignments`."""
    return sa.tuple_(*KEY).in_(keys)


async def missing_blocks(session: AsyncSession, organisation_id: UUID) -> list[Key]:
    """Of every month with a published visit that has no block."""
    there = sa.exists().where(
        Assignments.programme_id == MonthVectors.programme_id,
        Assignments.kind == MonthVectors.kind,
        Assignments.month == MonthVectors.month,
    )
    columns = (MonthVectors.programme_id, MonthVectors.kind, MonthVectors.month)
    rows = await session.execute(
        sa.select(*columns)
        .where(MonthVectors.programme_id.in_(_programmes(organisation_id)), ~there)
        .distinct()
        .order_by(*columns)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def stored_block(session: AsyncSession, key: Key) -> Assignments | None:
    return await session.get(Assignments, key, populate_existing=True)


async def stored_keys(session: AsyncSession, organisation_id: UUID) -> list[Key]:
    rows = await session.execute(sa.select(*KEY).where(is_of(organisation_id)).order_by(*KEY))
    return [(row[0], row[1], row[2]) for row in rows]


async def changed_days(session: AsyncSession, programme_id: UUID, kind: Kind, period: Period) -> set[date]:
    """Of which what is kept does not hold."""
    rows = await session.scalars(
        sa.select(Replanned.planned_on)
        .where(
            Replanned.programme_id == programme_id,
            Replanned.kind == kind,
            Replanned.planned_on.between(period.first, period.last),
        )
        .distinct()
    )
    return set(rows)


def unpacked(block: Assignments) -> list[Counted]:
    """What a block keeps, in order."""
    outlets, people = (
        [UUID(bytes=one) for one in ids_in(ids)] for ids in (block.outlet_ids, block.inspector_ids)
    )
    return [
        Counted(block.month.replace(day=day), outlets[outlet], people[person], assigned, entered)
        for day, outlet, person, assigned, entered in np.frombuffer(block.counts, dtype=ASSIGNED).tolist()
    ]


def _counted(
    programme_id: UUID, kind: Kind, days: Sequence[date], *by: InstrumentedAttribute[Any]
) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*by, sa.func.count(), sa.func.sum(sa.case((Visit.entered_at.is_not(None), 1), else_=0)))
        .select_from(CrewMember)
        .join(Visit, Visit.id == CrewMember.visit_id)
        .where(
            Visit.programme_id == programme_id,
            Visit.kind == kind,
            Visit.planned_on.in_(days),  # of days one by one SQLite knows how many visits they have
            Visit.state.not_in(CALLED_OFF),
            CrewMember.role == CrewRole.LEAD,
        )
        .group_by(*by)
    )


async def _changed(session: AsyncSession, asked: Asked) -> set[date]:
    return await changed_days(session, asked.programme.id, asked.kind, asked.period)


async def _kept(session: AsyncSession, asked: Asked) -> Sequence[Assignments]:
    """The blocks of the months that the period touches."""
    rows = await session.scalars(
        sa.select(Assignments).where(
            Assignments.programme_id == asked.programme.id,
            Assignments.kind == asked.kind,
            Assignments.month.in_(asked.period.months()),
        )
    )
    return rows.all()


async def _in_blocks(
    session: AsyncSession, group: Group, blocks: Sequence[Assignments], days: set[date]
) -> Counts:
    """On these days, at the outlets of the group."""
    outlets = {one.bytes for one in await session.scalars(group.outlet_ids())} if blocks else set()
    found: Counts = {}
    for block in blocks:
        counts = np.frombuffer(block.counts, dtype=ASSIGNED)
        of_day = np.array([one in days for one in Period.of_month(block.month).days()], dtype=bool)
        of_group = np.array([one in outlets for one in ids_in(block.outlet_ids)], dtype=bool)
        ours = counts[of_day[counts["day"] - 1] & of_group[counts["outlet"]]]
        people = [UUID(bytes=one) for one in ids_in(block.inspector_ids)]
        assigned, entered = (
            np.bincount(ours["inspector"], weights=ours[name], minlength=len(people))
            for name in ("assigned", "entered")
        )
        there = np.flatnonzero(assigned).tolist()
        _add(found, {people[number]: (int(assigned[number]), int(entered[number])) for number in there})
    return found


def _add(found: Counts, more: Counts) -> None:
    for one, (assigned, entered) in more.items():
        before = found.get(one, (0, 0))
        found[one] = (before[0] + assigned, before[1] + entered)


def _programmes(organisation_id: UUID) -> sa.Select[UUID]:
    return sa.select(Programme.id).where(Programme.organisation_id == organisation_id)
