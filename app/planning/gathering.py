"""Gathering the people of a month: who works, who is away, who is booked, who is known where."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.devices.queries import held_by
from app.outlets.models import Outlet
from app.planning import queries_month as queries
from app.planning.crowd import Crowd, place_of
from app.planning.ledger import Ledger, Wanted
from app.planning.queries_supply import leave_between, working_profiles
from app.visits import queries as visit_queries
from app.visits.rules import CrewRole, State

People = dict[UUID, set[date]]
Places = dict[UUID, set[UUID]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The month in question."""

    wanted: Wanted
    days: Sequence[date]
    ledger: Ledger
    outlets: Sequence[Outlet]

    @property
    def organisation_id(self) -> UUID:
        return self.wanted.programme.organisation_id


async def gather(
    session: AsyncSession, asked: Asked, *, strangers: Mapping[UUID, UUID], now: datetime
) -> Crowd:
    """`strangers` were at one of the outlets, whether they still work or not."""
    first, last = asked.days[0], asked.days[-1]
    return Crowd(
        profiles=await working_profiles(session, asked.organisation_id, first, last),
        days=asked.days,
        over=days_over(asked.wanted, asked.outlets, asked.days, now),
        leave=await _leave(session, asked),
        busy=_busy(asked),
        known_at=await _known_at(session, asked),
        refused_at=await _refused_at(session, asked.wanted),
        regions=await queries.subtrees(session, asked.organisation_id),
        outlets={outlet.id: place_of(outlet.position) for outlet in asked.outlets},
        strangers=strangers,
        held=await held_by(session, asked.organisation_id),
    )


def _busy(asked: Asked) -> People:
    """Days on which somebody makes a visit that no plan of this month made."""
    found: People = defaultdict(set)
    for visit in asked.ledger.visits:
        for member in asked.ledger.crews.get(visit.id, ()) if visit.id not in asked.wanted.own else ():
            if member.role is not CrewRole.BACKUP or member.activated_at is not None:
                found[member.person_id].add(visit.planned_on)
    return found


async def _leave(session: AsyncSession, asked: Asked) -> People:
    found: People = defaultdict(set)
    for one in await leave_between(session, asked.organisation_id, asked.days[0], asked.days[-1]):
        found[one.person_id] |= {day for day in asked.days if one.starts_on <= day <= one.ends_on}
    return found


async def _known_at(session: AsyncSession, asked: Asked) -> Places:
    """Where somebody is barred from covert visits (D5.6)."""
    found: Places = defaultdict(set)
    for bar in await queries.bars_in_force(session, asked.organisation_id, asked.days[0]):
        found[bar.inspector_id].add(asked.ledger.outlet_now(bar.outlet_id))
    return found


async def _refused_at(session: AsyncSession, wanted: Wanted) -> Places:
    """Who declined a visit of the plan under repair is not sent there again by it."""
    found: Places = defaultdict(set)
    for visit in (await visit_queries.visits_by_id(session, wanted.own)).values():
        if visit.state is State.DECLINED:
            for person_id in await queries.crew_ids_of(session, visit.id):
                found[person_id].add(visit.outlet_id)
    return found


def days_over(
    wanted: Wanted, outlets: Iterable[Outlet], days: Sequence[date], now: datetime
) -> frozenset[date]:
    """Days on which nothing new is planned. A repair freezes the past by itself and keeps what was made in it."""
    programme = wanted.programme
    outside = {
        day
        for day in days
        if day < programme.starts_on or (programme.ends_on is not None and day > programme.ends_on)
    }
    if wanted.inherited is not None:
        return frozenset(outside)
    today = max(
        (now.astimezone(ZoneInfo(zone)).date() for zone in {outlet.time_zone for outlet in outlets}),
        default=now.date(),
    )
    return frozenset(outside | {day for day in days if day <= today})
