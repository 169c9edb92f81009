"""Keeping what the planner knows of inspectors: profiles and leave."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.actor import Actor
from app.kit.etags import require_version
from app.kit.ids import new_id
from app.kit.problems import AlreadyExists, PreconditionRequired
from app.outlets import queries_regions
from app.outlets.schemas import PositionIn
from app.planning import queries_supply as queries
from app.planning.models import InspectorLeave, InspectorProfile
from app.planning.queries_supply import PLANNERS
from app.planning.schemas_supply import LeaveIn, ProfileIn, Shifts
from app.rotation.problems import NotAnInspector
from app.rotation.queries import is_active_inspector

PLAIN = (
    "region_id",
    "reach_minutes",
    "days_per_week",
    "visits_per_day",
    "max_day_minutes",
    "active_from",
    "active_until",
)
LISTS = ("languages", "communities", "certificates")


async def describe(
    session: AsyncSession,
    actor: Actor,
    person_id: UUID,
    *,
    wanted: ProfileIn,
    expected_version: int | None,
    now: datetime,
) -> tuple[InspectorProfile, bool]:
    """The profile, and whether it is new. Sent again unchanged it does nothing.

    Raises `NotAnInspector`, `PreconditionRequired` for an edit without version, `Stale`.
    """
    actor.require(*PLANNERS)
    if wanted.region_id is not None:
        await queries_regions.get_region(session, actor, wanted.region_id, now=now)
    if not await is_active_inspector(session, actor.organisation_id, person_id):
        raise NotAnInspector
    if await queries.find_profile_anywhere(session, person_id) is None:
        profile = InspectorProfile(person_id=person_id, organisation_id=actor.organisation_id)
        _fill(profile, wanted, now)
        session.add(profile)
        await session.flush()
        details = {"after": wanted.model_dump(mode="json")}
        record(session, actor, "inspector.described", subject_id=person_id, details=details, now=now)
        return profile, True
    profile = await queries.get_profile(session, actor, person_id)
    before = fields_of(profile)
    if before == wanted and expected_version in {None, profile.version}:
        return profile, False
    if expected_version is None:
        raise PreconditionRequired("The profile exists: send If-Match with the ETag of the version you edit.")
    require_version(profile, expected_version)
    _fill(profile, wanted, now)
    await session.flush()
    details = {"before": before.model_dump(mode="json"), "after": wanted.model_dump(mode="json")}
    record(session, actor, "inspector.described", subject_id=person_id, details=details, now=now)
    return profile, False


async def enter_leave(
    session: AsyncSession, actor: Actor, person_id: UUID, *, wanted: LeaveIn, now: datetime
) -> InspectorLeave:
    """Days on which no plan sends this inspector anywhere. A plan that is published already stays as it is."""
    actor.require(*PLANNERS)
    profile = await queries.get_profile(session, actor, person_id)
    if wanted.id is not None and await queries.find_leave_anywhere(session, wanted.id) is not None:
        raise AlreadyExists("There is leave with this id already.")
    leave = InspectorLeave(
        id=wanted.id or new_id(),
        organisation_id=profile.organisation_id,
        person_id=profile.person_id,
        starts_on=wanted.starts_on,
        ends_on=wanted.ends_on,
        reason=wanted.reason,
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(leave)
    await session.flush()
    record(session, actor, "leave.entered", subject_id=leave.id, details=_said(leave), now=now)
    return leave


async def withdraw_leave(
    session: AsyncSession, actor: Actor, person_id: UUID, *, leave_id: UUID, now: datetime
) -> None:
    actor.require(*PLANNERS)
    profile = await queries.get_profile(session, actor, person_id)
    leave = await queries.get_leave(session, profile, leave_id)
    record(session, actor, "leave.withdrawn", subject_id=leave.id, details=_said(leave), now=now)
    await session.delete(leave)


def fields_of(profile: InspectorProfile) -> ProfileIn:
    """The profile as it could be sent."""
    home = PositionIn(
        latitude=profile.home_latitude, longitude=profile.home_longitude, datum=profile.home_datum
    )
    plain = {name: getattr(profile, name) for name in (*PLAIN, *LISTS)}
    return ProfileIn(home=home, shifts=shifts_of(profile), **plain)


def shifts_of(profile: InspectorProfile) -> Shifts:
    return Shifts.model_validate(profile.shifts)


def _fill(profile: InspectorProfile, wanted: ProfileIn, now: datetime) -> None:
    profile.home_latitude = wanted.home.latitude
    profile.home_longitude = wanted.home.longitude
    profile.home_datum = wanted.home.datum
    profile.shifts = wanted.shifts.model_dump(mode="json")
    for name in PLAIN:
        setattr(profile, name, getattr(wanted, name))
    for name in LISTS:
        setattr(profile, name, list(getattr(wanted, name)))
    profile.changed_at = now


def _said(leave: InspectorLeave) -> dict[str, str]:
    return {
        "person_id": str(leave.person_id),
        "starts_on": leave.starts_on.isoformat(),
        "ends_on": leave.ends_on.isoformat(),
    }
