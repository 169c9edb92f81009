"""Reserving, entering, releasing: the life of an exposure (D5.5, D5.6).

The functions take plain values: visits, the planner and imports stand above and call them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.actor import Actor
from app.kit.database import violated_constraint
from app.kit.ids import new_id
from app.rotation import queries, rules
from app.rotation.eligibility import Eligibility, assess
from app.rotation.models import ROTATION, BarCause, CovertBar, Exposure, ExposureKind, Waiver
from app.rotation.parts import Part
from app.rotation.problems import CovertBarred, NotAnInspector, RotationConflict, WaiverUseless
from app.rotation.queries_around import counted_around
from app.rotation.rules import Block


async def reserve(session: AsyncSession, part: Part, *, on: date, covert: bool, now: datetime) -> Exposure:
    """Keep `on` for this person at this outlet. `on` is a local date of the outlet (D5.3).

    Raises `RotationConflict` with the blocking date and the first allowed date, `CovertBarred` or
    `NotAnInspector`; also when another transaction won the race a moment ago. Uses an open waiver if there is one.
    """
    await _settle(session, part)
    found = await assess(session, part, on=on, covert=covert)
    _require_other_rules(found)
    waiver = None
    if found.rotation is not None:
        waiver = await queries.find_unused_waiver(session, part.inspector_id, part.place, on)
        if waiver is None:
            raise conflict(found)
    exposure = new_exposure(part, on=on, kind=ExposureKind.PLANNED, now=now)
    if waiver is not None:
        exposure.waiver_id = waiver.id
        session.add(exposure)
        await _rearrange(session, part.inspector_id, part.place)
        return exposure
    exposure.guard_from, exposure.guard_until = exposure.visited_on, exposure.blocked_until
    await _insert(session, exposure, part, covert=covert)
    return exposure


async def require_eligible(session: AsyncSession, part: Part, *, on: date, covert: bool) -> None:
    """What `reserve` checks, without reserving: for a backup, who counts only once called in (D5.6)."""
    found = await assess(session, part, on=on, covert=covert)
    _require_other_rules(found)
    if found.rotation is not None:
        raise conflict(found)


async def enter(
    session: AsyncSession, part: Part, *, on: date, overt: bool, bar_until: date | None, now: datetime
) -> bool:
    """The person went in on that local date: from now on it counts for good, planned or not (D5.6).

    A fact is never refused. Gives `False` when it broke the rule, so that the visit can be flagged.
    """
    await _settle(session, part)
    exposure = await _own(session, part)
    others = [
        block
        for block in await _blocks(session, part)
        if exposure is None or block.visited_on != exposure.visited_on
    ]
    if exposure is None:
        exposure = new_exposure(part, on=on, kind=ExposureKind.ENTERED, now=now)
        session.add(exposure)
    exposure.kind = ExposureKind.ENTERED
    exposure.visited_on = on
    exposure.blocked_until = rules.last_blocked_day(on, part.rule.months)
    exposure.guard_from = exposure.guard_until = None
    await _rearrange(session, part.inspector_id, part.place)
    if overt:
        await bar(session, part, cause=BarCause.OVERT, since=on, until=bar_until, now=now)
    return not any(block.forbids(on, exposure.blocked_until) for block in others)


async def release(session: AsyncSession, part: Part, *, because: str, now: datetime) -> None:
    """The visit did not happen for this person: the date is free again at once (D5.6). Twice is once."""
    exposure = await _own(session, part)
    if exposure is None or exposure.kind is ExposureKind.ENTERED:
        return
    exposure.counts = False
    exposure.released_at, exposure.released_because = now, because
    exposure.guard_from = exposure.guard_until = None
    exposure.waiver_id = None
    await _rearrange(session, part.inspector_id, exposure.place)


async def bar(
    session: AsyncSession, part: Part, *, cause: BarCause, since: date, until: date | None, now: datetime
) -> None:
    """The outlet knows this person from `since` on (D5.6)."""
    session.add(
        CovertBar(
            organisation_id=part.outlet.organisation_id,
            inspector_id=part.inspector_id,
            outlet_id=part.outlet.id,
            cause=cause,
            since=since,
            until=until,
            visit_id=part.visit_id,
            created_at=now,
        )
    )
    await session.flush()


async def grant_waiver(
    session: AsyncSession, actor: Actor, part: Part, *, on: date, reason: str, now: datetime
) -> Waiver:
    """An exception that a supervisor takes responsibility for (D5.7). Raises `WaiverUseless` where none is needed."""
    await _settle(session, part)
    found = await assess(session, part, on=on, covert=False)
    if found.rotation is None:
        raise WaiverUseless
    waiver = Waiver(
        id=new_id(),
        organisation_id=actor.organisation_id,
        inspector_id=part.inspector_id,
        outlet_id=part.outlet.id,
        place=part.place,
        visit_on=on,
        reason=reason,
        granted_by=actor.person_id,
        granted_at=now,
    )
    session.add(waiver)
    details = {
        "inspector_id": str(part.inspector_id),
        "outlet_id": str(part.outlet.id),
        "visit_on": on.isoformat(),
    }
    record(
        session,
        actor,
        "rotation.waived",
        subject_id=waiver.id,
        details={**details, "reason": reason},
        now=now,
    )
    await session.flush()
    return waiver


def conflict(found: Eligibility) -> RotationConflict:
    """The problem that names the blocking visit's date and the first allowed date (D5.8)."""
    blocked = found.rotation
    assert blocked is not None
    return RotationConflict(
        f"The visit on {blocked.visited_on} blocks this inspector here until {blocked.blocked_until};"
        f" the first allowed date is {found.first_allowed_on}.",
        blocking_date=blocked.visited_on.isoformat(),
        last_blocked_date=blocked.blocked_until.isoformat(),
        first_allowed_on=found.first_allowed_on.isoformat() if found.first_allowed_on else None,
    )


def _require_other_rules(found: Eligibility) -> None:
    if not found.is_inspector:
        raise NotAnInspector
    if found.covert_bar is not None:
        raise CovertBarred(
            f"The outlet knows this inspector since {found.covert_bar.since} ({found.covert_bar.cause}).",
            since=found.covert_bar.since.isoformat(),
            until=found.covert_bar.until.isoformat() if found.covert_bar.until else None,
        )


def new_exposure(part: Part, *, on: date, kind: ExposureKind, now: datetime) -> Exposure:
    return Exposure(
        id=new_id(),
        organisation_id=part.outlet.organisation_id,
        inspector_id=part.inspector_id,
        outlet_id=part.outlet.id,
        place=part.place,
        visit_id=part.visit_id,
        kind=kind,
        visited_on=on,
        blocked_until=rules.last_blocked_day(on, part.rule.months),
        guard_from=None,
        guard_until=None,
        counts=True,
        created_at=now,
    )


async def _insert(session: AsyncSession, exposure: Exposure, part: Part, *, covert: bool) -> None:
    """Let the database decide a race (D5.5), and tell the loser why."""
    try:
        async with session.begin_nested():
            session.add(exposure)
    except IntegrityError as error:
        if ROTATION not in (violated_constraint(error) or ""):
            raise
        found = await assess(session, part, on=exposure.visited_on, covert=covert)
        raise (conflict(found) if found.rotation else RotationConflict()) from error


async def _own(session: AsyncSession, part: Part) -> Exposure | None:
    return (
        None
        if part.visit_id is None
        else await queries.find_exposure(session, part.visit_id, part.inspector_id)
    )


async def _blocks(session: AsyncSession, part: Part) -> list[Block]:
    outlet_ids = await queries.with_predecessors(session, part.outlet.id)
    return [block_of(row) for row in await counted_around(session, part, outlet_ids)]


def block_of(row: Exposure) -> Block:
    return Block(row.visited_on, row.blocked_until)


async def _settle(session: AsyncSession, part: Part) -> None:
    """Bring exposures of outlets that were moved or merged into this one under its place (D5.6)."""
    predecessors = await queries.with_predecessors(session, part.outlet.id)
    rows = await queries.strayed(session, predecessors, part.place) if len(predecessors) > 1 else []
    for row in rows:
        row.place = part.place
        row.guard_from = row.guard_until = None
    await session.flush()
    for inspector_id in {row.inspector_id for row in rows}:
        await _rearrange(session, inspector_id, part.place)


async def _rearrange(session: AsyncSession, inspector_id: UUID, place: str) -> None:
    """Give every counted row of the pair the guard it should have: first let go, then take."""
    await session.flush()
    rows: Sequence[Exposure] = await queries.counted(session, inspector_id, [place])
    wanted = rules.guards(block_of(row) for row in rows)
    changed = [
        (row, guard)
        for row, guard in zip(rows, wanted, strict=True)
        if (row.guard_from, row.guard_until) != ((guard.begins, guard.ends) if guard else (None, None))
    ]
    for row, _guard in changed:
        row.guard_from = row.guard_until = None
    await session.flush()
    for row, guard in changed:
        if guard is not None:
            row.guard_from, row.guard_until = guard.begins, guard.ends
    await session.flush()
