"""What a supervisor does with a visit before it happens: make it, give it a crew, move it, call it off."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists import queries as checklists
from app.identity.actor import Actor, Role
from app.kit.etags import require_version
from app.kit.problems import AlreadyExists
from app.outlets import queries as outlets
from app.outlets.models import Outlet
from app.programmes import queries as programmes
from app.programmes.service import policies_in_force, rules_of
from app.rotation import service as rotation
from app.rotation.parts import Part
from app.visits import queries
from app.visits.drafting import Mandate, Site, draft, require_available
from app.visits.models import CrewMember, Visit
from app.visits.problems import NotInCrew
from app.visits.rules import PLANNED, CrewRole, Kind, State
from app.visits.schemas import CrewIn, RescheduleIn, VisitIn
from app.visits.terms import terms_of
from app.visits.transitions import become, begin, note_change, require_state

PLANNERS = (Role.ADMIN, Role.SUPERVISOR)


async def arrange(session: AsyncSession, actor: Actor, body: VisitIn, *, now: datetime) -> Visit:
    """A new visit; with a crew its dates are reserved at once, inside the rotation rule.

    Raises `NoRecordingPolicy` (D10.5), `OutletUnavailable`, `ChecklistUnfit`, `RotationConflict`, `CovertBarred`,
    `NotAnInspector`; nothing is kept then.
    """
    actor.require(*PLANNERS)
    if body.id is not None and await queries.find_any(session, body.id) is not None:
        raise AlreadyExists("There is a visit with this id already.")
    mandate = await mandate_of(session, actor, body.programme_id, body.checklist_version_id)
    outlet = await outlets.get_outlet(session, actor.without(Role.OUTLET_MANAGER), body.outlet_id, now=now)
    visit = draft(actor, body, mandate, await _site_of(session, outlet), now=now)
    session.add(visit)
    await session.flush()
    begin(session, visit, actor=actor, now=now)
    if body.crew:
        await _reserve_crew(session, actor, visit, outlet, body.crew, now=now)
    return visit


async def assign(
    session: AsyncSession,
    actor: Actor,
    visit_id: UUID,
    crew: Sequence[CrewIn],
    *,
    expected_version: int,
    now: datetime,
) -> Visit:
    """Give the visit this crew instead of the one it has. Who goes is free again at once."""
    visit, outlet = await _for_change(session, actor, visit_id, expected_version, now)
    await _release_crew(session, visit, outlet, because="crew changed", now=now)
    if visit.state is not State.PROPOSED:
        become(session, visit, State.PROPOSED, actor=actor, reason="crew changed", now=now)
    await _reserve_crew(session, actor, visit, outlet, crew, now=now)
    return visit


async def reschedule(
    session: AsyncSession,
    actor: Actor,
    visit_id: UUID,
    body: RescheduleIn,
    *,
    expected_version: int,
    now: datetime,
) -> Visit:
    """The same crew on another day; rotation is checked again for each."""
    visit, outlet = await _for_change(session, actor, visit_id, expected_version, now)
    require_available(await _site_of(session, outlet), body.planned_on, body.day_part)
    crew = [
        CrewIn(person_id=member.person_id, role=member.role)
        for member in await queries.crew_of(session, visit)
    ]
    await _release_crew(session, visit, outlet, because="rescheduled", now=now)
    if visit.state is not State.PROPOSED:
        become(session, visit, State.PROPOSED, actor=actor, reason=body.reason, now=now)
    days_ahead = terms_of(visit).rules.plan_visible_days
    visit.planned_on, visit.day_part = body.planned_on, body.day_part
    visit.visible_from = body.planned_on - timedelta(days=days_ahead)
    if crew:
        await _reserve_crew(session, actor, visit, outlet, crew, now=now)
    else:
        note_change(session, visit, "planned_on", "day_part", now=now)
    return visit


async def cancel(
    session: AsyncSession, actor: Actor, visit_id: UUID, *, reason: str, expected_version: int, now: datetime
) -> Visit:
    """Call the visit off before anybody went in; every reserved date is free at once (D5.6)."""
    visit, outlet = await _for_change(session, actor, visit_id, expected_version, now)
    become(session, visit, State.CANCELLED, actor=actor, reason=reason, now=now)
    await release_everybody(session, visit, outlet, because="cancelled", now=now)
    return visit


async def void(
    session: AsyncSession, actor: Actor, visit_id: UUID, *, reason: str, expected_version: int, now: datetime
) -> Visit:
    """The report is worthless. Who was inside stays exposed (D5.6); who was not is free."""
    actor.require(*PLANNERS)
    visit = await queries.get_visit(session, actor, visit_id, now=now, lock=True)
    require_version(visit, expected_version)
    become(session, visit, State.VOID, actor=actor, reason=reason, now=now)
    await release_everybody(session, visit, await queries.get_outlet(session, visit), because="void", now=now)
    return visit


async def activate_backup(
    session: AsyncSession,
    actor: Actor,
    visit_id: UUID,
    person_id: UUID,
    *,
    expected_version: int,
    now: datetime,
) -> Visit:
    """A backup steps in: rotation is checked again and counts from now on (D5.6)."""
    visit, outlet = await _for_change(session, actor, visit_id, expected_version, now)
    require_state(visit, State.RESERVED, State.ACCEPTED, to="call a backup in")
    member = next((one for one in await queries.crew_of(session, visit) if one.person_id == person_id), None)
    if member is None or member.role is not CrewRole.BACKUP:
        raise NotInCrew("This person is no backup of the visit.")
    if member.activated_at is None:
        await rotation.reserve(
            session, part_of(visit, outlet, person_id), on=visit.planned_on, covert=_covert(visit), now=now
        )
        member.activated_at = now
        note_change(session, visit, "crew", people=[person_id], now=now)
    return visit


async def expire_overdue(session: AsyncSession, *, now: datetime) -> int:
    """Visits nobody went to give their dates back (D5.6). Gives how many."""
    visits = (await session.scalars(queries.overdue(now))).all()
    for visit in visits:
        outlet = await queries.get_outlet(session, visit)
        become(session, visit, State.EXPIRED, actor=None, reason="nobody went", now=now)
        await release_everybody(session, visit, outlet, because="expired", now=now)
    return len(visits)


def part_of(visit: Visit, outlet: Outlet, person_id: UUID) -> Part:
    return Part(person_id, outlet, visit.id, terms_of(visit).rotation)


async def release_everybody(
    session: AsyncSession, visit: Visit, outlet: Outlet, *, because: str, now: datetime
) -> None:
    """Free the dates of all who did not go in."""
    for member in await queries.crew_of(session, visit):
        await rotation.release(session, part_of(visit, outlet, member.person_id), because=because, now=now)


async def _for_change(
    session: AsyncSession, actor: Actor, visit_id: UUID, expected_version: int, now: datetime
) -> tuple[Visit, Outlet]:
    actor.require(*PLANNERS)
    visit = await queries.get_visit(session, actor, visit_id, now=now, lock=True)
    require_version(visit, expected_version)
    require_state(visit, *PLANNED, to="be changed by its planner")
    return visit, await queries.get_outlet(session, visit)


async def _reserve_crew(
    session: AsyncSession,
    actor: Actor,
    visit: Visit,
    outlet: Outlet,
    crew: Sequence[CrewIn],
    *,
    now: datetime,
) -> None:
    """Reserve every member's date but the backups', who count only once they are called in (D5.6)."""
    for member in crew:
        part = part_of(visit, outlet, member.person_id)
        if member.role is CrewRole.BACKUP:
            await rotation.require_eligible(session, part, on=visit.planned_on, covert=_covert(visit))
        else:
            await rotation.reserve(session, part, on=visit.planned_on, covert=_covert(visit), now=now)
        session.add(CrewMember(visit_id=visit.id, person_id=member.person_id, role=member.role))
        await session.flush()
    become(session, visit, State.RESERVED, actor=actor, reason="", now=now)


async def _release_crew(
    session: AsyncSession, visit: Visit, outlet: Outlet, *, because: str, now: datetime
) -> None:
    await release_everybody(session, visit, outlet, because=because, now=now)
    for member in await queries.crew_of(session, visit):
        await session.delete(member)
    await session.flush()


async def mandate_of(
    session: AsyncSession, actor: Actor, programme_id: UUID, checklist_version_id: UUID
) -> Mandate:
    programme = await programmes.get_programme(session, actor, programme_id)
    version = await checklists.get_version(session, actor, checklist_version_id)
    policies = await policies_in_force(session, programme)
    return Mandate(programme, rules_of(programme), policies, version, checklists.document_of(version))


async def _site_of(session: AsyncSession, outlet: Outlet) -> Site:
    closures = await outlets.closures_of(session, outlet.id)
    return Site(outlet, closures, await queries.jurisdiction_of(session, outlet))


def _covert(visit: Visit) -> bool:
    return visit.kind is Kind.COVERT
