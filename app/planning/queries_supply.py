"""Every SELECT over profiles and leave. Planners see those who serve their regions, an inspector the own (D10.6)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.identity.models import Person, PersonRole
from app.kit.problems import NotFound
from app.outlets.queries_duties import regions_of_duty
from app.outlets.queries_regions import below
from app.planning.models import InspectorLeave, InspectorProfile

PLANNERS = (Role.ADMIN, Role.SUPERVISOR)


def profiles_visible_to(actor: Actor) -> sa.Select[InspectorProfile]:
    """Supervisors also see those who serve everywhere. Nobody of the outlet's side sees any (D10.1)."""
    rows = sa.select(InspectorProfile).where(InspectorProfile.organisation_id == actor.organisation_id)
    if actor.has(Role.ADMIN):
        return rows
    ways: list[sa.ColumnElement[bool]] = []
    if actor.has(Role.SUPERVISOR):
        ways.append(InspectorProfile.region_id.is_(None))
        ways.append(InspectorProfile.region_id.in_(below(regions_of_duty(actor))))
    if actor.has(Role.INSPECTOR):
        ways.append(InspectorProfile.person_id == actor.person_id)
    return rows.where(sa.or_(sa.false(), *ways))


async def get_profile(session: AsyncSession, actor: Actor, person_id: UUID) -> InspectorProfile:
    profile = await session.scalar(profiles_visible_to(actor).where(InspectorProfile.person_id == person_id))
    if profile is None:
        raise NotFound("There is no profile of this inspector among those you may see.")
    return profile


async def find_profile_anywhere(session: AsyncSession, person_id: UUID) -> InspectorProfile | None:
    """For making one only: says whether it is there, whoever may see it."""
    return await session.get(InspectorProfile, person_id)


def leave_of(profile: InspectorProfile) -> sa.Select[InspectorLeave]:
    """For those who were allowed to see the profile."""
    return sa.select(InspectorLeave).where(InspectorLeave.person_id == profile.person_id)


async def get_leave(session: AsyncSession, profile: InspectorProfile, leave_id: UUID) -> InspectorLeave:
    leave = await session.scalar(leave_of(profile).where(InspectorLeave.id == leave_id))
    if leave is None:
        raise NotFound("This inspector has no leave with this id.")
    return leave


async def find_leave_anywhere(session: AsyncSession, leave_id: UUID) -> InspectorLeave | None:
    return await session.get(InspectorLeave, leave_id)


async def working_profiles(
    session: AsyncSession, organisation_id: UUID, first: date, last: date
) -> Sequence[InspectorProfile]:
    """Of active inspectors who are there on some day of the span, in a fixed order."""
    rows = await session.scalars(
        sa.select(InspectorProfile)
        .join(Person, Person.id == InspectorProfile.person_id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            InspectorProfile.organisation_id == organisation_id,
            Person.active,
            PersonRole.role == Role.INSPECTOR,
            InspectorProfile.active_from <= last,
            sa.or_(InspectorProfile.active_until.is_(None), InspectorProfile.active_until >= first),
        )
        .order_by(InspectorProfile.person_id)
    )
    return rows.all()


async def working_among(session: AsyncSession, actor: Actor, on: date) -> Sequence[InspectorProfile]:
    """Profiles the actor sees of active people who work for us on that day, in a fixed order."""
    rows = await session.scalars(
        profiles_visible_to(actor)
        .join(Person, Person.id == InspectorProfile.person_id)
        .where(
            Person.active,
            InspectorProfile.active_from <= on,
            sa.or_(InspectorProfile.active_until.is_(None), InspectorProfile.active_until >= on),
        )
        .order_by(InspectorProfile.person_id)
    )
    return rows.all()


async def leave_between(
    session: AsyncSession, organisation_id: UUID, first: date, last: date
) -> Sequence[InspectorLeave]:
    rows = await session.scalars(
        sa.select(InspectorLeave).where(
            InspectorLeave.organisation_id == organisation_id,
            InspectorLeave.starts_on <= last,
            InspectorLeave.ends_on >= first,
        )
    )
    return rows.all()
