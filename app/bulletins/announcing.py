"""Who is told that an edition is ready: whoever asked for it; of those made by the clock, those in charge."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.bulletins.models import Bulletin
from app.events.kinds import Kind
from app.events.service import announce
from app.identity.actor import Role
from app.identity.queries import people_with_role
from app.outlets import queries_duties as duties


async def ready(session: AsyncSession, bulletin: Bulletin, *, now: datetime) -> None:
    announce(
        session,
        Kind.BULLETIN_READY,
        organisation_id=bulletin.organisation_id,
        subject_id=bulletin.id,
        outlet_id=bulletin.outlet_id,
        people=await _concerned(session, bulletin),
        data={
            "cadence": str(bulletin.cadence),
            "first_on": bulletin.first_on.isoformat(),
            "last_on": bulletin.last_on.isoformat(),
            "edition": bulletin.edition,
        },
        now=now,
    )


async def _concerned(session: AsyncSession, bulletin: Bulletin) -> set[UUID]:
    if bulletin.requested_by is not None:
        return {bulletin.requested_by}
    if bulletin.region_id is not None:
        return set(await session.scalars(duties.on_duty(bulletin.region_id, Role.SUPERVISOR)))
    return await people_with_role(session, bulletin.organisation_id, Role.ADMIN)
