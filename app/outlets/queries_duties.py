"""Every SELECT over duties and grants: who is responsible where, and who may look into what."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.identity.models import PersonRole
from app.kit.paging import Key, PageRequest, Slice, paginate
from app.kit.problems import NotFound
from app.outlets.models import AuditorGrant, OutletDuty, RegionAncestor, RegionDuty


def regions_of_duty(actor: Actor) -> sa.Select[UUID]:
    return sa.select(RegionDuty.region_id).where(RegionDuty.person_id == actor.person_id)


def grants_of(actor: Actor, now: datetime) -> sa.Select[AuditorGrant]:
    return sa.select(AuditorGrant).where(
        AuditorGrant.organisation_id == actor.organisation_id,
        AuditorGrant.person_id == actor.person_id,
        AuditorGrant.revoked_at.is_(None),
        AuditorGrant.valid_until > now,
    )


def names_nothing() -> sa.ColumnElement[bool]:
    return sa.and_(AuditorGrant.region_id.is_(None), AuditorGrant.outlet_id.is_(None))


async def list_region_duties(session: AsyncSession, actor: Actor, paging: PageRequest) -> Slice[RegionDuty]:
    """Admins see all of the organisation, others their own."""
    rows = sa.select(RegionDuty).where(RegionDuty.organisation_id == actor.organisation_id)
    if not actor.has(Role.ADMIN):
        rows = rows.where(RegionDuty.person_id == actor.person_id)
    return await paginate(session, rows, paging, by=[Key(RegionDuty.person_id), Key(RegionDuty.region_id)])


async def list_outlet_duties(session: AsyncSession, actor: Actor, paging: PageRequest) -> Slice[OutletDuty]:
    """Admins see all of the organisation, others their own."""
    rows = sa.select(OutletDuty).where(OutletDuty.organisation_id == actor.organisation_id)
    if not actor.has(Role.ADMIN):
        rows = rows.where(OutletDuty.person_id == actor.person_id)
    return await paginate(session, rows, paging, by=[Key(OutletDuty.person_id), Key(OutletDuty.outlet_id)])


async def find_region_duty(
    session: AsyncSession, actor: Actor, *, person_id: UUID, region_id: UUID
) -> RegionDuty | None:
    return await session.scalar(
        sa.select(RegionDuty).where(
            RegionDuty.organisation_id == actor.organisation_id,
            RegionDuty.person_id == person_id,
            RegionDuty.region_id == region_id,
        )
    )


async def find_outlet_duty(
    session: AsyncSession, actor: Actor, *, person_id: UUID, outlet_id: UUID
) -> OutletDuty | None:
    return await session.scalar(
        sa.select(OutletDuty).where(
            OutletDuty.organisation_id == actor.organisation_id,
            OutletDuty.person_id == person_id,
            OutletDuty.outlet_id == outlet_id,
        )
    )


async def managers_of(session: AsyncSession, outlet_id: UUID) -> set[UUID]:
    """Ids of the people who manage the outlet."""
    rows = await session.scalars(sa.select(OutletDuty.person_id).where(OutletDuty.outlet_id == outlet_id))
    return set(rows)


def on_duty(region_id: UUID, *roles: Role) -> sa.Select[UUID]:
    """Ids of the people who hold one of the roles and a duty for the region or one above it."""
    above = sa.select(RegionAncestor.ancestor_id).where(RegionAncestor.region_id == region_id)
    return (
        sa.select(RegionDuty.person_id)
        .join(PersonRole, PersonRole.person_id == RegionDuty.person_id)
        .where(RegionDuty.region_id.in_(above), PersonRole.role.in_(roles))
    )


async def list_grants(session: AsyncSession, actor: Actor, paging: PageRequest) -> Slice[AuditorGrant]:
    """Admins see all of the organisation, auditors their own; newest first."""
    rows = sa.select(AuditorGrant).where(AuditorGrant.organisation_id == actor.organisation_id)
    if not actor.has(Role.ADMIN):
        rows = rows.where(AuditorGrant.person_id == actor.person_id)
    by = [Key(AuditorGrant.created_at, descending=True), Key(AuditorGrant.id)]
    return await paginate(session, rows, paging, by=by)


async def get_grant(session: AsyncSession, actor: Actor, grant_id: UUID) -> AuditorGrant:
    grant = await session.scalar(
        sa.select(AuditorGrant).where(
            AuditorGrant.organisation_id == actor.organisation_id, AuditorGrant.id == grant_id
        )
    )
    if grant is None:
        raise NotFound("There is no grant with this id in your organisation.")
    return grant
