"""What the regional approver does: admit an appeal and appoint its panel, or return it with a reason (D8.4)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import filing, history, people, queries, rules, ruling
from app.cases.models import Appeal, PanelMember
from app.cases.problems import PanelRefused, PanelUnfit
from app.cases.queries import ADMITTERS, CHAIRS, PANELISTS
from app.cases.rules import REFILE_DAYS, Seat, State, StepKind
from app.cases.schemas import SeatIn
from app.identity import queries as identity
from app.identity.actor import Actor
from app.kit.problems import Forbidden, NotFound
from app.outlets import queries as outlets
from app.outlets.models import Outlet


async def admit(
    session: AsyncSession, actor: Actor, appeal_id: UUID, panel: Sequence[SeatIn], *, now: datetime
) -> Appeal:
    """Let a panel decide. Raises `PanelUnfit`, and `PanelRefused` naming everybody who must not be on it."""
    appeal = await get_for_desk(session, actor, appeal_id, now=now)
    filing.require(appeal, State.FILED, to="be admitted")
    items = (await queries.items_of(session, [appeal]))[appeal.id]
    seats = [(one.person_id, one.seat) for one in panel]
    fault = rules.panel_fault(seats, veto_at_stake=any(item.vetoed for item in items))
    if fault is not None:
        raise PanelUnfit(fault)
    await _require_fit(session, actor, appeal, seats)
    appeal.state = State.ADMITTED
    session.add_all(_member(actor, appeal, person, seat, now=now) for person, seat in seats)
    await session.flush()
    concerned = await people.managers(session, appeal) | {person for person, _seat in seats}
    await history.of_appeal(session, appeal, StepKind.ADMITTED, actor=actor, people=concerned, now=now)
    await session.flush()
    return appeal


async def give_back(
    session: AsyncSession, actor: Actor, appeal_id: UUID, reason: str, *, now: datetime
) -> Appeal:
    """Not like this: the outlet may file it again, put right, within the window or some days from now."""
    appeal = await get_for_desk(session, actor, appeal_id, now=now)
    filing.require(appeal, State.FILED, to="be returned")
    outlet = await session.get_one(Outlet, appeal.outlet_id)
    appeal.refile_until = rules.end_after(now, days=REFILE_DAYS, time_zone=outlet.time_zone)
    follow_up = await queries.find_follow_up(session, appeal.publication_id)
    assert follow_up is not None  # filing made it
    follow_up.final_from = max(follow_up.final_from, appeal.refile_until)
    await filing.settle(session, actor, appeal, State.RETURNED, because=reason, now=now)
    concerned = await people.managers(session, appeal)
    await history.of_appeal(
        session, appeal, StepKind.RETURNED, actor=actor, note=reason, people=concerned, now=now
    )
    await session.flush()
    return appeal


async def appoint(
    session: AsyncSession, actor: Actor, appeal_id: UUID, wanted: SeatIn, *, now: datetime
) -> Appeal:
    """A further member, where the panel does not agree or somebody left. Raises `PanelRefused` and `PanelUnfit`."""
    appeal = await get_for_desk(session, actor, appeal_id, now=now)
    filing.require(appeal, State.ADMITTED, to="get a further member")
    panel = await queries.panel_of(session, appeal)
    if any(member.person_id == wanted.person_id for member in panel):
        raise PanelUnfit("This person sits on the panel, or did.")
    if wanted.seat is Seat.CHAIR and any(one.seat is Seat.CHAIR and one.released_at is None for one in panel):
        raise PanelUnfit("A panel has exactly one chair: release the present one first.")
    await _require_fit(session, actor, appeal, [(wanted.person_id, wanted.seat)])
    session.add(_member(actor, appeal, wanted.person_id, wanted.seat, now=now))
    await session.flush()
    await history.of_appeal(
        session, appeal, StepKind.APPOINTED, actor=actor, people=[wanted.person_id], now=now
    )
    await ruling.rule(session, actor, appeal, now=now)
    return appeal


async def release(
    session: AsyncSession, actor: Actor, appeal_id: UUID, person_id: UUID, reason: str, *, now: datetime
) -> Appeal:
    """Somebody does not decide any more; what was decided stands, what they said of the rest does not count."""
    appeal = await get_for_desk(session, actor, appeal_id, now=now)
    filing.require(appeal, State.ADMITTED, to="lose a member")
    sitting = [one for one in await queries.panel_of(session, appeal) if one.released_at is None]
    member = next((one for one in sitting if one.person_id == person_id), None)
    if member is None:
        raise NotFound("Nobody with this id sits on the panel.")
    if len(sitting) == 1:
        raise PanelUnfit("Somebody has to decide: appoint another member first.")
    member.released_at, member.released_because = now, reason
    await session.flush()
    await history.of_appeal(session, appeal, StepKind.RELEASED, actor=actor, note=reason, now=now)
    await ruling.rule(session, actor, appeal, now=now)
    return appeal


async def get_for_desk(session: AsyncSession, actor: Actor, appeal_id: UUID, *, now: datetime) -> Appeal:
    """An appeal whose region is in the actor's charge; locked.

    Raises `NotFound`, `Forbidden`, and `Partial` for who had a part in the visit or its review (D8.4).
    """
    appeal = await queries.get_appeal(session, actor, appeal_id, now=now, lock=True)
    actor.require(*ADMITTERS)
    if not await outlets.is_in_reach(session, actor.only(*ADMITTERS), appeal.outlet_id, now=now):
        raise Forbidden("The desk that is in charge of the outlet decides about its appeals.")
    await ruling.require_impartial(session, actor, appeal)
    return appeal


async def _require_fit(
    session: AsyncSession, actor: Actor, appeal: Appeal, seats: Sequence[tuple[UUID, Seat]]
) -> None:
    """Raises `PanelRefused`, naming everybody who must not be on the panel and why; `NotFound` for unknown people."""
    partial = await queries.partiality_of(session, appeal, [person for person, _seat in seats])
    held = await identity.roles_of(session, [person for person, _seat in seats])
    refused = []
    for person_id, seat in seats:
        person = await identity.get_person(session, actor, person_id)
        wanted = CHAIRS if seat is Seat.CHAIR else PANELISTS
        if person_id in partial:
            because = str(partial[person_id])
        elif not person.active or not set(held[person_id]) & set(wanted):
            because = f"is not active, or holds none of the roles {', '.join(wanted)}"
        else:
            continue
        refused.append({"person_id": str(person_id), "because": because})
    if refused:
        raise PanelRefused(
            "; ".join(f"{one['person_id']} {one['because']}" for one in refused) + ".", refused=refused
        )


def _member(actor: Actor, appeal: Appeal, person_id: UUID, seat: Seat, *, now: datetime) -> PanelMember:
    return PanelMember(
        appeal_id=appeal.id,
        person_id=person_id,
        seat=seat,
        appointed_by=actor.person_id,
        appointed_at=now,
    )
