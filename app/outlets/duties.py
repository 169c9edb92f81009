"""Saying who is responsible where, and who may look into what for a while."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity import queries as identity_queries
from app.identity.actor import Actor, Role
from app.kit.ids import new_id
from app.kit.problems import Invalid
from app.outlets import queries, queries_duties, queries_regions
from app.outlets.models import AuditorGrant, OutletDuty, RegionDuty
from app.outlets.problems import DutyNeedsRole
from app.outlets.queries_regions import REGIONAL
from app.outlets.schemas_duties import GrantIn


async def assign_region(
    session: AsyncSession, actor: Actor, *, person_id: UUID, region_id: UUID, now: datetime
) -> RegionDuty:
    """Makes a supervisor or reviewer responsible for a subtree. Twice is once. Raises `DutyNeedsRole`."""
    actor.require(Role.ADMIN)
    region = await queries_regions.get_region(session, actor, region_id, now=now)
    await _require_role(session, actor, person_id, *REGIONAL)
    duty = await queries_duties.find_region_duty(session, actor, person_id=person_id, region_id=region_id)
    if duty is not None:
        return duty
    duty = RegionDuty(
        organisation_id=actor.organisation_id, person_id=person_id, region_id=region.id, created_at=now
    )
    session.add(duty)
    await session.flush()
    details = {"region_id": str(region_id)}
    record(session, actor, "region_duty.assigned", subject_id=person_id, details=details, now=now)
    return duty


async def release_region(
    session: AsyncSession, actor: Actor, *, person_id: UUID, region_id: UUID, now: datetime
) -> None:
    """Does nothing where there is no such duty."""
    actor.require(Role.ADMIN)
    duty = await queries_duties.find_region_duty(session, actor, person_id=person_id, region_id=region_id)
    if duty is None:
        return
    await session.delete(duty)
    details = {"region_id": str(region_id)}
    record(session, actor, "region_duty.released", subject_id=person_id, details=details, now=now)


async def assign_outlet(
    session: AsyncSession, actor: Actor, *, person_id: UUID, outlet_id: UUID, now: datetime
) -> OutletDuty:
    """Makes an outlet manager responsible for an outlet. Twice is once. Raises `DutyNeedsRole`."""
    actor.require(Role.ADMIN)
    outlet = await queries.get_outlet(session, actor, outlet_id, now=now)
    await _require_role(session, actor, person_id, Role.OUTLET_MANAGER)
    duty = await queries_duties.find_outlet_duty(session, actor, person_id=person_id, outlet_id=outlet_id)
    if duty is not None:
        return duty
    duty = OutletDuty(
        organisation_id=actor.organisation_id, person_id=person_id, outlet_id=outlet.id, created_at=now
    )
    session.add(duty)
    await session.flush()
    details = {"outlet_id": str(outlet_id)}
    record(session, actor, "outlet_duty.assigned", subject_id=person_id, details=details, now=now)
    return duty


async def release_outlet(
    session: AsyncSession, actor: Actor, *, person_id: UUID, outlet_id: UUID, now: datetime
) -> None:
    """Does nothing where there is no such duty."""
    actor.require(Role.ADMIN)
    duty = await queries_duties.find_outlet_duty(session, actor, person_id=person_id, outlet_id=outlet_id)
    if duty is None:
        return
    await session.delete(duty)
    details = {"outlet_id": str(outlet_id)}
    record(session, actor, "outlet_duty.released", subject_id=person_id, details=details, now=now)


async def grant(session: AsyncSession, actor: Actor, wanted: GrantIn, *, now: datetime) -> AuditorGrant:
    """Lets an auditor look into a region, an outlet or everything, for a purpose, until a moment (D10.2)."""
    actor.require(Role.ADMIN)
    if wanted.valid_until <= now:
        raise Invalid("valid_until must lie in the future.")
    await _require_role(session, actor, wanted.person_id, Role.AUDITOR)
    if wanted.region_id is not None:
        await queries_regions.get_region(session, actor, wanted.region_id, now=now)
    if wanted.outlet_id is not None:
        await queries.get_outlet(session, actor, wanted.outlet_id, now=now)
    given = AuditorGrant(
        id=wanted.id or new_id(),
        organisation_id=actor.organisation_id,
        person_id=wanted.person_id,
        region_id=wanted.region_id,
        outlet_id=wanted.outlet_id,
        purpose=wanted.purpose,
        valid_until=wanted.valid_until,
        created_at=now,
    )
    session.add(given)
    await session.flush()
    details = wanted.model_dump(mode="json", exclude={"id"})
    record(session, actor, "auditor_grant.given", subject_id=given.id, details=details, now=now)
    return given


async def revoke_grant(session: AsyncSession, actor: Actor, grant_id: UUID, *, now: datetime) -> AuditorGrant:
    """Ends it now; one that is over stays as it is, because it says who could look at what."""
    actor.require(Role.ADMIN)
    given = await queries_duties.get_grant(session, actor, grant_id)
    if given.revoked_at is None:
        given.revoked_at = now
        await session.flush()
        record(session, actor, "auditor_grant.revoked", subject_id=given.id, now=now)
    return given


async def _require_role(session: AsyncSession, actor: Actor, person_id: UUID, *roles: Role) -> None:
    person = await identity_queries.get_person(session, actor, person_id)
    held = (await identity_queries.roles_of(session, [person.id]))[person.id]
    if not set(held) & set(roles):
        raise DutyNeedsRole(f"The person needs the role {' or '.join(roles)}.", roles=[str(r) for r in roles])
