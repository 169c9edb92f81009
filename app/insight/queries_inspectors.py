"""What inspectors did, for supervisors only. Nothing of it may reach an outlet (D10.1)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import Person
from app.insight.figures import Floats
from app.insight.models import VisitScore
from app.insight.queries import Asked, Group, told
from app.insight.queries_scores import MICRO
from app.outlets.models import Outlet
from app.review.models import SecondMark, SecondMarking
from app.visits.models import CrewMember, Visit
from app.visits.rules import CrewRole, State

DAY_S = 86_400
CALLED_OFF = (State.CANCELLED, State.PROPOSED)


@dataclass(frozen=True, slots=True)
class Work:
    """Of one inspector as lead of published visits. Shares and means are null without any."""

    visits: int
    outlets: int
    mean: float | None
    on_planned_day: float | None
    handed_in_within_a_day: float | None
    completeness: float | None


async def work_of(session: AsyncSession, asked: Asked, group: Group) -> dict[UUID, Work]:
    total, completeness = VisitScore.total_micro, VisitScore.completeness_micro
    in_time = sa.case((VisitScore.handed_in_after_s <= DAY_S, 1.0), else_=0.0)
    rows = await session.execute(
        sa.select(
            VisitScore.inspector_id,
            sa.func.count(total),
            sa.func.count(sa.distinct(VisitScore.outlet_id)),
            sa.func.avg(total),
            sa.func.avg(sa.case((VisitScore.on_planned_day, 1.0), else_=0.0)),
            sa.func.avg(sa.case((VisitScore.handed_in_after_s.is_not(None), in_time))),
            sa.func.avg(completeness),
        )
        .where(
            told(asked), VisitScore.outlet_id.in_(group.outlet_ids()), VisitScore.inspector_id.is_not(None)
        )
        .group_by(VisitScore.inspector_id)
    )
    return {row[0]: _work(row) for row in rows}


async def marks(session: AsyncSession, asked: Asked, group: Group) -> tuple[Floats, list[UUID]]:
    """Every visit with a number as a row (outlet, inspector, total), both numbered from 0; and the inspectors.

    It comes as one text: a hundred thousand rows would take the driver longer than the database.
    """
    outlets = (
        sa.select(Outlet.id, (sa.func.row_number().over(order_by=Outlet.id) - 1).label("number"))
        .where(group.condition)
        .subquery()
    )
    people = (
        sa.select(Person.id, (sa.func.row_number().over(order_by=Person.id) - 1).label("number"))
        .where(Person.organisation_id == asked.programme.organisation_id)
        .subquery()
    )
    line = (
        sa.cast(outlets.c.number, sa.Text)
        .concat(" ")
        .concat(sa.cast(people.c.number, sa.Text))
        .concat(" ")
        .concat(sa.cast(VisitScore.total_micro, sa.Text))
    )
    text = await session.scalar(
        sa.select(sa.func.aggregate_strings(line, " "))
        .select_from(VisitScore)
        .join(outlets, outlets.c.id == VisitScore.outlet_id)
        .join(people, people.c.id == VisitScore.inspector_id)
        .where(told(asked), VisitScore.total_micro.is_not(None))
    )
    ids = await session.scalars(
        sa.select(Person.id)
        .where(Person.organisation_id == asked.programme.organisation_id)
        .order_by(Person.id)
    )
    table = np.array((text or "").split(), dtype=np.float64).reshape(-1, 3)
    table[:, 2] /= MICRO
    return table, list(ids)


async def assigned_to(session: AsyncSession, asked: Asked, group: Group) -> dict[UUID, tuple[int, int]]:
    """By lead: visits planned in the period that were not called off, and how many of these were entered."""
    entered = Visit.entered_at.is_not(None)
    rows = await session.execute(
        sa.select(
            CrewMember.person_id,
            sa.func.count(),
            sa.func.sum(sa.case((entered, 1), else_=0)),
        )
        .join(Visit, Visit.id == CrewMember.visit_id)
        .where(
            Visit.organisation_id == asked.programme.organisation_id,
            Visit.programme_id == asked.programme.id,
            Visit.kind == asked.kind,
            Visit.planned_on.between(asked.period.first, asked.period.last),
            Visit.state.not_in(CALLED_OFF),
            Visit.outlet_id.in_(group.outlet_ids()),
            CrewMember.role == CrewRole.LEAD,
        )
        .group_by(CrewMember.person_id)
    )
    return {row[0]: (int(row[1]), int(row[2] or 0)) for row in rows}


async def pairs_of(
    session: AsyncSession, asked: Asked, group: Group
) -> dict[UUID, tuple[int, dict[str, dict[tuple[str, str], int]]]]:
    """By inspector: how many visits were marked twice, and by item how often which pair of categories came up."""
    theirs = sa.and_(told(asked), VisitScore.outlet_id.in_(group.outlet_ids()))
    by = (
        SecondMark.inspector_id,
        SecondMark.item_code,
        SecondMark.inspector_category,
        SecondMark.category,
    )
    marks = (
        sa.select(*by, sa.func.count())
        .join(SecondMarking, SecondMarking.task_id == SecondMark.task_id)
        .join(VisitScore, VisitScore.visit_id == SecondMarking.visit_id)
        .where(theirs, *(column.is_not(None) for column in by))
    )
    found: dict[UUID, dict[str, dict[tuple[str, str], int]]] = {}
    for inspector_id, item, first, second, count in await session.execute(marks.group_by(*by)):
        if inspector_id is not None and first is not None and second is not None:  # as the statement has it
            found.setdefault(inspector_id, {}).setdefault(item, {})[first, second] = count
    visits = await session.execute(
        marks.with_only_columns(
            SecondMark.inspector_id, sa.func.count(sa.distinct(SecondMarking.visit_id))
        ).group_by(SecondMark.inspector_id)
    )
    return {one: (count, found[one]) for one, count in visits if one is not None}


async def names_of(session: AsyncSession, people: set[UUID]) -> dict[UUID, str]:
    rows = await session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(people)))
    return {row.id: row.name for row in rows}


def _work(row: sa.Row[*tuple[Any, ...]]) -> Work:
    _, visits, outlets, mean, on_day, in_time, completeness = row
    return Work(
        int(visits),
        int(outlets),
        None if mean is None else float(mean) / MICRO,
        None if on_day is None else float(on_day),
        None if in_time is None else float(in_time),
        None if completeness is None else float(completeness) / MICRO,
    )
