"""Who is concerned by what happens to an appeal or an action, and finds it in the inbox."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import queries
from app.cases.models import Appeal
from app.cases.models_actions import Action
from app.identity import queries as identity
from app.identity.actor import Role
from app.outlets import queries_duties as duties
from app.outlets.models import Outlet


async def managers(session: AsyncSession, case: Appeal | Action) -> set[UUID]:
    """Of the outlet."""
    return await duties.managers_of(session, case.outlet_id)


async def supervisors(session: AsyncSession, case: Appeal | Action) -> set[UUID]:
    """Of the outlet's region."""
    outlet = await session.get_one(Outlet, case.outlet_id)
    return set(await session.scalars(duties.on_duty(outlet.region_id, Role.SUPERVISOR)))


async def admins(session: AsyncSession, case: Appeal | Action) -> set[UUID]:
    return await identity.people_with_role(session, case.organisation_id, Role.ADMIN)


async def panel(session: AsyncSession, appeal: Appeal) -> set[UUID]:
    members = await queries.panel_of(session, appeal)
    return {member.person_id for member in members if member.released_at is None}


async def inspectors(session: AsyncSession, appeal: Appeal) -> AbstractSet[UUID]:
    """Of the disputed visit."""
    return await queries.crew_behind(session, appeal)
