"""What inspectors did, for supervisors only. Nothing of it may reach an outlet (D10.1)."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.models import VisitScore
from app.insight.queries import Asked, Group, told
from app.review.models import SecondMark, SecondMarking
from app.visits.models import CrewMember, Visit
from app.visits.rules import CrewRole, State

CALLED_OFF = (State.CANCELLED, State.PROPOSED)


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
