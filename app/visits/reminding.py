"""Telling a crew of its visit: once when it may see it, and once more when the day is near (D6.6)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.events.kinds import Kind as Event
from app.events.service import announce
from app.visits import queries, queries_reminding
from app.visits.models import Visit


async def tell_assigned(session: AsyncSession, *, now: datetime) -> int:
    """Every crew that may see its visit and was not told since it was reserved. Gives how many."""
    visits = await queries_reminding.not_told(
        session, Event.VISIT_ASSIGNED, queries_reminding.shown_by(now.date())
    )
    await _tell(session, visits, Event.VISIT_ASSIGNED, now=now)
    return len(visits)


async def tell_due_soon(session: AsyncSession, *, now: datetime) -> int:
    """Every crew whose visit is tomorrow at the latest. Gives how many."""
    visits = await queries_reminding.not_told(session, Event.VISIT_DUE_SOON, queries_reminding.due_by(now))
    await _tell(session, visits, Event.VISIT_DUE_SOON, now=now)
    return len(visits)


async def _tell(session: AsyncSession, visits: Sequence[Visit], kind: Event, *, now: datetime) -> None:
    crews = await queries.crews_of(session, [visit.id for visit in visits])
    for visit in visits:
        announce(
            session,
            kind,
            organisation_id=visit.organisation_id,
            subject_id=visit.id,
            visit_id=visit.id,
            outlet_id=visit.outlet_id,
            people=[member.person_id for member in crews[visit.id]],
            data={"due_on": visit.planned_on.isoformat()},
            now=now,
        )
