"""What inspectors did, for supervisors only. Nothing of it may reach an outlet (D10.1)."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.models import VisitScore
from app.insight.queries import Asked, Group, told
from app.kit.orm import NotSoughtBy
from app.review.models import SecondMark, SecondMarking


async def pairs_of(
    session: AsyncSession, asked: Asked, group: Group
) -> dict[UUID, tuple[int, dict[str, dict[tuple[str, str], int]]]]:
    """By inspector: how many visits were marked twice, and by item how often which pair of categories came up."""
    marked = _marked_twice(asked, group)
    by = (
        SecondMark.inspector_id,
        SecondMark.item_code,
        SecondMark.inspector_category,
        SecondMark.category,
    )
    marks = (
        sa.select(*by, sa.func.count())
        .join(marked, marked.c.task_id == SecondMark.task_id)
        .where(*(column.is_not(None) for column in by))
    )
    found: dict[UUID, dict[str, dict[tuple[str, str], int]]] = {}
    for inspector_id, item, first, second, count in await session.execute(marks.group_by(*by)):
        if inspector_id is not None and first is not None and second is not None:  # as the statement has it
            found.setdefault(inspector_id, {}).setdefault(item, {})[first, second] = count
    of_visit = (SecondMark.inspector_id, SecondMark.task_id)  # counted as they are, each would be sorted
    each = marks.with_only_columns(*of_visit).group_by(*of_visit).subquery()
    visits = await session.execute(
        sa.select(each.c.inspector_id, sa.func.count()).group_by(each.c.inspector_id)
    )
    return {one: (count, found[one]) for one, count in visits if one is not None}


def _marked_twice(asked: Asked, group: Group) -> sa.Subquery:
    """Far fewer than were published, and where SQLite is to begin: it would look for a second marking of every visit."""
    return (
        sa.select(SecondMarking.task_id)
        .join(VisitScore, VisitScore.visit_id == SecondMarking.visit_id)
        .where(told(asked, sought=False), NotSoughtBy(VisitScore.outlet_id).in_(group.outlet_ids()))
        .subquery()
    )
