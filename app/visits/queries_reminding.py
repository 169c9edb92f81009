"""Every SELECT of reminding crews; the service itself asks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.kinds import Kind as Announced
from app.events.models import Event
from app.visits.models import Visit
from app.visits.rules import State

MOST_TOLD_AT_ONCE = 200  # in one transaction: other writers wait for it on SQLite


def shown_by(today: date) -> sa.ColumnElement[bool]:
    """Somebody is to go, and the crew may see it by now."""
    return sa.and_(Visit.state == State.RESERVED, Visit.visible_from <= today, Visit.planned_on >= today)


def due_by(now: datetime) -> sa.ColumnElement[bool]:
    """Somebody is to go, today or tomorrow."""
    going = Visit.state.in_((State.RESERVED, State.ACCEPTED))
    return sa.and_(going, Visit.planned_on.between(now.date(), now.date() + timedelta(days=1)))


async def not_told(session: AsyncSession, kind: Announced, wanted: sa.ColumnElement[bool]) -> Sequence[Visit]:
    """Visits whose crew was not told this since it was reserved, a few hundred at a time; others pass over them."""
    statement = (
        sa.select(Visit)
        .where(wanted, _latest(kind) < _latest(Announced.VISIT_RESERVED))
        .order_by(Visit.planned_on, Visit.id)
        .limit(MOST_TOLD_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


def _latest(kind: Announced) -> sa.ColumnElement[int]:
    """The number of the visit's last event of a kind, 0 without one."""
    of_visit = sa.select(sa.func.max(Event.number)).where(Event.visit_id == Visit.id, Event.kind == kind)
    return sa.func.coalesce(of_visit.correlate(Visit).scalar_subquery(), 0)
