"""Placing and lifting holds, and looking at what will go."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity import queries as people
from app.identity.actor import Actor, Role
from app.kit.ids import new_id
from app.kit.problems import AlreadyExists, Invalid
from app.outlets import queries as outlets
from app.programmes.queries import programmes_of
from app.retention import queries
from app.retention.deciding import terms_of
from app.retention.models import LegalHold
from app.retention.problems import HoldLifted
from app.retention.queries import Due
from app.retention.rules import STARTS
from app.retention.schemas import HoldIn, LiftIn, PreviewLine, PreviewOut, PreviewTotal
from app.visits import queries as visits


async def place_hold(session: AsyncSession, actor: Actor, body: HoldIn, *, now: datetime) -> LegalHold:
    """From now on nothing of it is deleted. Raises `Forbidden`, `NotFound`, and `Invalid` for a time that is over."""
    actor.require(Role.ADMIN)
    await _require_there(session, actor, body, now=now)
    if body.until is not None and body.until <= now:
        raise Invalid("A hold must end in the future.")
    if body.id is not None and await session.get(LegalHold, body.id) is not None:
        raise AlreadyExists("There is a hold with this id.")
    hold = LegalHold(
        id=body.id or new_id(),
        organisation_id=actor.organisation_id,
        visit_id=body.visit_id,
        outlet_id=body.outlet_id,
        person_id=body.person_id,
        reason=body.reason,
        until=body.until,
        placed_by=actor.person_id,
        placed_at=now,
    )
    session.add(hold)
    details = {"hold_id": str(hold.id), "reason": body.reason}
    record(session, actor, "legal_hold.placed", subject_id=hold.subject_id, details=details, now=now)
    await session.flush()
    return hold


async def lift_hold(
    session: AsyncSession, actor: Actor, hold_id: UUID, body: LiftIn, *, now: datetime
) -> LegalHold:
    """What it kept goes with the next run, if nothing else keeps it. Raises `Forbidden`, `NotFound`, `HoldLifted`."""
    actor.require(Role.ADMIN)
    hold = await queries.get_hold(session, actor, hold_id, lock=True)
    if hold.lifted_at is not None or (hold.until is not None and hold.until <= now):
        raise HoldLifted("It was lifted, or its time is over.")
    hold.lifted_by, hold.lifted_at, hold.lifted_because = actor.person_id, now, body.reason
    details = {"hold_id": str(hold.id), "reason": body.reason}
    record(session, actor, "legal_hold.lifted", subject_id=hold.subject_id, details=details, now=now)
    await session.flush()
    return hold


async def preview(
    session: AsyncSession, organisation_id: UUID, *, on: date | None, limit: int, now: datetime
) -> PreviewOut:
    """What the runs until the end of that day (UTC) will delete, as far as it is known today."""
    day = on or now.date()
    at = max(now, datetime.combine(day, time(), UTC) + timedelta(days=1))
    totals: list[PreviewTotal] = []
    lines: list[PreviewLine] = []
    for programme in await programmes_of(session, organisation_id):
        for term in terms_of(programme):
            things, held, size = await queries.count_due(session, programme, term, at=at, now=now)
            totals.append(
                PreviewTotal(
                    programme_id=programme.id,
                    retention_class=term.of,
                    start_event=STARTS[term.of],
                    days=term.days,
                    things=things,
                    held_things=held,
                    size_bytes=size,
                )
            )
            if things and len(lines) < limit:
                due = await queries.list_due(
                    session, programme, term, at=at, now=now, limit=limit - len(lines)
                )
                lines += [_line(one) for one in due]
    return PreviewOut(on=day, totals=totals, lines=lines)


def _line(due: Due) -> PreviewLine:
    return PreviewLine(
        programme_id=due.programme_id,
        visit_id=due.visit_id,
        recording_id=due.recording_id,
        case_file_id=due.case_file_id,
        bulletin_id=due.bulletin_id,
        retention_class=due.term.of,
        started_at=due.started_at,
        due_at=due.term.due_at(due.started_at),
        size_bytes=due.size_bytes,
        held=due.held,
    )


async def _require_there(session: AsyncSession, actor: Actor, body: HoldIn, *, now: datetime) -> None:
    """Raises `NotFound`."""
    if body.visit_id is not None:
        await visits.get_visit(session, actor, body.visit_id, now=now)
    if body.outlet_id is not None:
        await outlets.get_outlet(session, actor, body.outlet_id, now=now)
    if body.person_id is not None:
        await people.get_person(session, actor, body.person_id)
