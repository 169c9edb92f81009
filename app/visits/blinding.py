"""Blindfolds: somebody marks a visit again from its recordings, and must not know what was found (D8.1).

`queries.visible_to` hides the visit from them, and with it everything that is read through a visit.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.visits import queries
from app.visits.models import Blindfold, Visit


async def put_on(session: AsyncSession, visit: Visit, person_id: UUID, *, now: datetime) -> None:
    worn = await queries.find_blindfold(session, visit.id, person_id)
    if worn is None:
        session.add(Blindfold(visit_id=visit.id, person_id=person_id, put_on_at=now))
    else:
        worn.put_on_at, worn.taken_off_at = now, None


async def take_off(session: AsyncSession, visit: Visit, person_id: UUID, *, now: datetime) -> None:
    worn = await queries.find_blindfold(session, visit.id, person_id)
    if worn is not None:
        worn.taken_off_at = now
