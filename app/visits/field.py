"""What the crew does: say yes or no, go in, be recognised, find it shut, give up (D5.6, D6.8)."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.clock import local_date
from app.kit.problems import AlreadyExists
from app.outlets.models import Outlet
from app.outlets.positions import Datum, Position, distance_m
from app.rotation import rules as rotation_rules
from app.rotation import service as rotation
from app.rotation.models import BarCause
from app.visits import queries
from app.visits.arrange import part_of, release_everybody
from app.visits.models import CheckIn, CrewMember, Visit
from app.visits.problems import NotInCrew
from app.visits.rules import CrewRole, Kind, Presence, State, suspicions
from app.visits.schemas import CheckInIn, RecognisedIn
from app.visits.terms import terms_of
from app.visits.transitions import become, require_state


async def accept(session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime) -> Visit:
    """The lead says yes. Saying it again changes nothing."""
    visit, member = await _own(session, actor, visit_id, now)
    _require_lead(member)
    if visit.state is not State.ACCEPTED:
        become(session, visit, State.ACCEPTED, actor=actor, reason="", now=now)
    return visit


async def decline(
    session: AsyncSession, actor: Actor, visit_id: UUID, *, reason: str, now: datetime
) -> Visit:
    """The lead says no; everybody's date is free at once (D5.6)."""
    visit, member = await _own(session, actor, visit_id, now)
    _require_lead(member)
    become(session, visit, State.DECLINED, actor=actor, reason=reason, now=now)
    await release_everybody(
        session, visit, await queries.get_outlet(session, visit), because="declined", now=now
    )
    return visit


async def check_in(
    session: AsyncSession, actor: Actor, visit_id: UUID, body: CheckInIn, *, now: datetime
) -> CheckIn:
    """Somebody of the crew goes in, at once or told later from offline: exposed from now on (D5.6).

    A fact is not refused for being odd: what looks suspicious is flagged for the review (D7.6). A check-in that
    was received before is given again.
    """
    known = await _find_known(session, body.id, visit_id)
    if known is not None:
        return known
    visit, member = await _own(session, actor, visit_id, now)
    require_state(visit, State.RESERVED, State.ACCEPTED, State.ENTERED, State.LEFT, to="be entered")
    if member.role is CrewRole.BACKUP and member.activated_at is None:
        raise NotInCrew(
            "You are a backup: a supervisor calls you in first, so that rotation is checked (D5.6)."
        )
    outlet = await queries.get_outlet(session, visit)
    check = await note_presence(session, actor, visit, outlet, body, going_in=True, now=now)
    if visit.state is not State.ENTERED:
        again = "went back in" if visit.state is State.LEFT else ""
        become(session, visit, State.ENTERED, actor=actor, reason=again, now=now)
    await _expose(session, visit, member, outlet, at=happened_at(check), now=now)
    await session.flush()
    return check


async def note_presence(
    session: AsyncSession,
    actor: Actor,
    visit: Visit,
    outlet: Outlet,
    body: CheckInIn,
    *,
    going_in: bool,
    now: datetime,
) -> CheckIn:
    """Keep what the phone says, with what a reviewer should look at. Distance in metres from the outlet."""
    far = _distance(outlet, body)
    position = body.position
    offset = None if body.clock_offset_ms is None else timedelta(milliseconds=body.clock_offset_ms)
    happened = body.device_at + (offset or timedelta())
    presence = Presence(
        device_at=body.device_at,
        received_at=now,
        clock_offset=offset,
        distance_m=far,
        accuracy_m=position.accuracy_m if position else None,
        is_mocked=bool(position and position.is_mocked),
        is_planned_day=local_date(happened, outlet.time_zone) == visit.planned_on,
    )
    check = CheckIn(
        id=body.id,
        visit_id=visit.id,
        person_id=actor.person_id,
        going_in=going_in,
        device_at=body.device_at,
        received_at=now,
        clock_offset_ms=body.clock_offset_ms,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        accuracy_m=position.accuracy_m if position else None,
        is_mocked=presence.is_mocked,
        no_position_because=body.no_position_because,
        distance_m=far,
        flags=suspicions(presence, allowed_distance_m=terms_of(visit).rules.check_out_distance_m),
    )
    session.add(check)
    await session.flush()
    return check


def happened_at(check: CheckIn) -> datetime:
    """When it was, by the server's clock as far as the phone could tell."""
    return check.device_at + timedelta(milliseconds=check.clock_offset_ms or 0)


async def found_shut(
    session: AsyncSession, actor: Actor, visit_id: UUID, *, reason: str, now: datetime
) -> Visit:
    """Arrived, and nobody could go in: nobody is exposed (D5.6)."""
    visit, _member = await _own(session, actor, visit_id, now)
    become(session, visit, State.CANCELLED, actor=actor, reason=f"found shut: {reason}", now=now)
    await release_everybody(
        session, visit, await queries.get_outlet(session, visit), because="found shut", now=now
    )
    return visit


async def abort(session: AsyncSession, actor: Actor, visit_id: UUID, *, reason: str, now: datetime) -> Visit:
    """Give up inside. Who was inside stays exposed (D5.6)."""
    visit, member = await _own(session, actor, visit_id, now)
    _require_lead(member)
    become(session, visit, State.ABORTED, actor=actor, reason=reason, now=now)
    await release_everybody(
        session, visit, await queries.get_outlet(session, visit), because="aborted", now=now
    )
    return visit


async def recognised(
    session: AsyncSession, actor: Actor, visit_id: UUID, body: RecognisedIn, *, now: datetime
) -> Visit:
    """The staff saw through somebody: no covert visits there for that person (D5.6)."""
    visit, _member = await _own(session, actor, visit_id, now)
    crew = await queries.crew_of(session, visit)
    member = next(
        (one for one in crew if one.person_id == body.person_id and one.entered_at is not None), None
    )
    if member is None or visit.entered_on is None:
        raise NotInCrew("Only somebody of the crew who went in can have been recognised.")
    outlet = await queries.get_outlet(session, visit)
    part = part_of(visit, outlet, member.person_id)
    until = bar_until(visit, visit.entered_on)
    await rotation.bar(session, part, cause=BarCause.RECOGNISED, since=visit.entered_on, until=until, now=now)
    return visit


def bar_until(visit: Visit, since: date) -> date | None:
    months = terms_of(visit).rules.covert_bar_months
    return None if months is None else rotation_rules.add_months(since, months)


async def require_own(session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime) -> Visit:
    """The visit, locked, if the actor is its lead, or stood in for the lead. `NotFound`, or `NotInCrew`."""
    visit, member = await _own(session, actor, visit_id, now)
    _require_lead(member)
    return visit


async def _expose(
    session: AsyncSession, visit: Visit, member: CrewMember, outlet: Outlet, *, at: datetime, now: datetime
) -> None:
    on = local_date(at, outlet.time_zone)
    if member.entered_at is None:
        member.entered_at = at
        kept = await rotation.enter(
            session,
            part_of(visit, outlet, member.person_id),
            on=on,
            overt=visit.kind is Kind.OVERT,
            bar_until=bar_until(visit, on),
            now=now,
        )
        visit.breaks_rotation = visit.breaks_rotation or not kept
    if visit.entered_at is None or at < visit.entered_at:
        visit.entered_at, visit.entered_on = at, on


async def _own(
    session: AsyncSession, actor: Actor, visit_id: UUID, now: datetime
) -> tuple[Visit, CrewMember]:
    visit = await queries.get_visit(session, actor, visit_id, now=now, lock=True)
    for member in await queries.crew_of(session, visit):
        if member.person_id == actor.person_id:
            return visit, member
    raise NotInCrew("Only the crew of the visit can do this.")


def _require_lead(member: CrewMember) -> None:
    if member.role is CrewRole.COMPANION or (member.role is CrewRole.BACKUP and member.activated_at is None):
        raise NotInCrew("Only the lead of the crew, or a backup who was called in, can do this.")


async def _find_known(session: AsyncSession, check_in_id: UUID, visit_id: UUID) -> CheckIn | None:
    known = await queries.find_check_in(session, check_in_id)
    if known is not None and known.visit_id != visit_id:
        raise AlreadyExists("Another check-in has this id: make a new one.")
    return known


def _distance(outlet: Outlet, body: CheckInIn) -> float | None:
    """Phones give WGS-84; the outlet's own datum is taken into account."""
    if body.position is None or outlet.position is None:
        return None
    here = Position(body.position.latitude, body.position.longitude, Datum.WGS84)
    return distance_m(here, outlet.position)
