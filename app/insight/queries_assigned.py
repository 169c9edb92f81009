"""Who was to lead how many visits, for supervisors only: months that are over as they were counted, and visits."""

from collections.abc import Collection, Sequence
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


async def assigned_to(session: AsyncSession, asked: Asked, group: Group) -> Counts:
    """By lead: visits planned in the period that were not called off, and how many of these were entered."""
    found: Counts = {}
    gaps = [asked.period]
    if asked.period.is_whole_months:
        kept = await _kept(session, asked)
        _add(found, await _in_blocks(session, group, kept))
        gaps = asked.period.without({one.month for one in kept})
    for period in gaps:
        rows = await session.execute(
            _counted(asked.programme.id, asked.kind, period, CrewMember.person_id).where(
                Visit.organisation_id == asked.programme.organisation_id,
                Visit.outlet_id.in_(group.outlet_ids()),
            )
        )
        _add(found, {row[0]: (int(row[1]), int(row[2])) for row in rows})
    return found


async def counts_in(
    session: AsyncSession, organisation_id: UUID, key: Key
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """(outlet, lead, assigned, entered) of a month, in the order of their ids."""
    programme_id, kind, month = key
    by = (Visit.outlet_id, CrewMember.person_id)
    counted = _counted(programme_id, kind, Period.of_month(month), *by)
    return (
        await session.execute(counted.where(Visit.organisation_id == organisation_id).order_by(*by))
    ).all()


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


async def missing_blocks(session: AsyncSession, organisation_id: UUID, *, before: date) -> list[Key]:
    """Of every month with a published visit that was over by then, and has no block."""
    there = sa.exists().where(
        Assignments.programme_id == MonthVectors.programme_id,
        Assignments.kind == MonthVectors.kind,
        Assignments.month == MonthVectors.month,
    )
    columns = (MonthVectors.programme_id, MonthVectors.kind, MonthVectors.month)
    rows = await session.execute(
        sa.select(*columns)
        .where(
            MonthVectors.programme_id.in_(_programmes(organisation_id)), MonthVectors.month < before, ~there
        )
        .distinct()
        .order_by(*columns)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def stored_blocks(session: AsyncSession, organisation_id: UUID) -> Sequence[Assignments]:
    """Those that hold."""
    return (await session.scalars(sa.select(Assignments).where(is_of(organisation_id), ~_is_marked()))).all()


def _counted(
    programme_id: UUID, kind: Kind, period: Period, *by: InstrumentedAttribute[UUID]
) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*by, sa.func.count(), sa.func.sum(sa.case((Visit.entered_at.is_not(None), 1), else_=0)))
        .select_from(CrewMember)
        .join(Visit, Visit.id == CrewMember.visit_id)
        .where(
            Visit.programme_id == programme_id,
            Visit.kind == kind,
            Visit.planned_on.in_(period.days()),  # of days one by one SQLite knows how many visits they have
            Visit.state.not_in(CALLED_OFF),
            CrewMember.role == CrewRole.LEAD,
        )
        .group_by(*by)
    )


async def _kept(session: AsyncSession, asked: Asked) -> Sequence[Assignments]:
    """The months of the period that hold as they were counted."""
    rows = await session.scalars(
        sa.select(Assignments).where(
            Assignments.programme_id == asked.programme.id,
            Assignments.kind == asked.kind,
            Assignments.month.in_(asked.period.months()),
            ~_is_marked(),
        )
    )
    return rows.all()


def _is_marked() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Replanned.programme_id == Assignments.programme_id,
        Replanned.kind == Assignments.kind,
        Replanned.planned_on.between(Assignments.month, Assignments.last_on),
    )


async def _in_blocks(session: AsyncSession, group: Group, blocks: Sequence[Assignments]) -> Counts:
    """Those at the outlets of the group."""
    outlets = {one.bytes for one in await session.scalars(group.outlet_ids())} if blocks else set()
    found: Counts = {}
    for block in blocks:
        counts = np.frombuffer(block.counts, dtype=ASSIGNED)
        ours = np.array([one in outlets for one in ids_in(block.outlet_ids)], dtype=bool)[counts["outlet"]]
        people = [UUID(bytes=one) for one in ids_in(block.inspector_ids)]
        assigned, entered = (
            np.bincount(counts["inspector"][ours], weights=counts[name][ours], minlength=len(people))
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
