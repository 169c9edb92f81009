"""Every SELECT over programmes. Public ones take the actor first."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.kit.paging import Key, PageRequest, Slice, paginate
from app.kit.problems import NotFound
from app.programmes.models import Programme, RecordingPolicy

# Not the outlet's side: quotas and gaps would tell it when to expect a visit (D6.6).
SEES_PROGRAMMES = (Role.ADMIN, Role.SUPERVISOR, Role.REVIEWER, Role.INSPECTOR, Role.AUDITOR)


def visible_to(actor: Actor) -> sa.Select[Programme]:
    rows = sa.select(Programme).where(Programme.organisation_id == actor.organisation_id)
    return rows if actor.has(*SEES_PROGRAMMES) else rows.where(sa.false())


async def list_programmes(session: AsyncSession, actor: Actor, paging: PageRequest) -> Slice[Programme]:
    return await paginate(session, visible_to(actor), paging, by=[Key(Programme.name), Key(Programme.id)])


async def get_programme(session: AsyncSession, actor: Actor, programme_id: UUID) -> Programme:
    programme = await session.scalar(visible_to(actor).where(Programme.id == programme_id))
    if programme is None:
        raise NotFound("There is no programme with this id among those you may see.")
    return programme


async def programmes_of(session: AsyncSession, organisation_id: UUID | None = None) -> Sequence[Programme]:
    """Of the organisation, or of all: for jobs, which act for nobody."""
    rows = sa.select(Programme).order_by(Programme.organisation_id, Programme.name)
    if organisation_id is not None:
        rows = rows.where(Programme.organisation_id == organisation_id)
    return (await session.scalars(rows)).all()


async def policies_of(session: AsyncSession, programme: Programme) -> Sequence[RecordingPolicy]:
    """In order of jurisdiction, then scope."""
    rows = await session.scalars(
        sa.select(RecordingPolicy)
        .where(RecordingPolicy.programme_id == programme.id)
        .order_by(RecordingPolicy.jurisdiction, RecordingPolicy.scope)
    )
    return rows.all()
