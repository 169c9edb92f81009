"""From a request to the visits and outlets that are meant, for those who may ask."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.insight import queries, queries_facts
from app.insight.queries import DESK, READERS, SUPERVISORS, Asked, Group, at_desk
from app.insight.rules import Period
from app.insight.schemas import AboutOut, InsightRequest, ScopeOut
from app.kit.problems import NotFound
from app.outlets import queries_regions
from app.outlets.models import Outlet, Region, Tier


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: those of one outlet, over its visits, or of a group, over its outlets.

    `others` stand beside it, as medians only; None: there are none, or they are not for the actor.
    """

    group: Group
    outlet: Outlet | None = None
    region: Region | None = None
    tier: Tier | None = None
    others: Group | None = None

    def shown(self) -> ScopeOut:
        row = self.outlet or self.region or self.tier
        kinds = {Outlet: "outlet", Region: "region", Tier: "tier"}
        return ScopeOut(
            scope="network" if row is None else kinds[type(row)],
            id=None if row is None else row.id,
            code=None if row is None else row.code,
            name_zh=None if row is None else row.name_zh,
            name_en=None if row is None else row.name_en,
        )


async def ask(
    session: AsyncSession, actor: Actor, wanted: InsightRequest, *, now: datetime, months: int = 1
) -> Asked:
    """Without days in the request: so many months, the present one last. Raises `NotFound` for the programme."""
    programme = await queries.get_programme(session, actor, wanted.programme_id, now=now)
    return Asked(programme, wanted.kind, period_of(wanted, now.date(), months=months))


def period_of(wanted: InsightRequest, today: date, *, months: int) -> Period:
    if wanted.visited_from is not None and wanted.visited_until is not None:
        return Period(wanted.visited_from, wanted.visited_until)
    if wanted.month is not None:
        return Period.of_month(date.fromisoformat(f"{wanted.month}-01"))
    return Period.of_month(today).leading_up(months)


async def about(session: AsyncSession, asked: Asked, *, now: datetime) -> AboutOut:
    return AboutOut(
        programme_id=asked.programme.id,
        kind=asked.kind,
        visited_from=asked.period.first,
        visited_until=asked.period.last,
        as_of=asked.as_of or now,
        pending=await queries_facts.count_pending(session, asked.programme.organisation_id),
    )


async def of_outlet(session: AsyncSession, actor: Actor, outlet_id: UUID, *, now: datetime) -> Scope:
    """Raises `NotFound` for what is absent and what is not the actor's."""
    outlet = await queries.get_outlet(session, actor, outlet_id, now=now)
    return Scope(Group(Outlet.id == outlet.id), outlet=outlet, others=queries.peers_of(actor, outlet))


async def of_group(
    session: AsyncSession,
    actor: Actor,
    *,
    region_id: UUID | None = None,
    tier: str | None = None,
    now: datetime,
) -> Scope:
    """All outlets the desk has in its reach, or those of a region, a tier or both.

    Raises `NotFound` for a region that is not the actor's, `Forbidden` for those who are not of the desk.
    """
    region = (
        None if region_id is None else await queries_regions.get_region(session, actor, region_id, now=now)
    )
    desk = at_desk(actor)
    group = queries.network_of(desk, now=now)
    found = None if tier is None else await _get_tier(session, desk, tier)
    if region is not None:
        group = group.narrowed(queries.in_region(region.id))
    if found is not None:
        group = group.narrowed(Outlet.tier == found.code)
    others = None if region is None and found is None else queries.others_than(desk, group)
    return Scope(group, region=region, tier=None if region is not None else found, others=others)


async def of_whatever(
    session: AsyncSession,
    actor: Actor,
    *,
    outlet_id: UUID | None,
    region_id: UUID | None,
    tier: str | None,
    now: datetime,
) -> Scope:
    """As asked; of nothing in particular: all the actor has, which is a manager's own outlets."""
    if outlet_id is not None:
        return await of_outlet(session, actor, outlet_id, now=now)
    actor.require(*READERS)
    if actor.has(*DESK) or region_id is not None or tier is not None:
        return await of_group(session, actor, region_id=region_id, tier=tier, now=now)
    return Scope(queries.network_of(actor, now=now))


async def of_supervisor(
    session: AsyncSession, actor: Actor, *, region_id: UUID | None, now: datetime
) -> Scope:
    """Outlets whose inspectors the actor supervises: being a reviewer or auditor elsewhere does not count.

    Raises `Forbidden` for other roles, `NotFound` for a region that is not the actor's.
    """
    actor.require(*SUPERVISORS)
    supervisor = actor.without(Role.REVIEWER, Role.AUDITOR)
    return await of_group(session, supervisor, region_id=region_id, now=now)


async def _get_tier(session: AsyncSession, actor: Actor, code: str) -> Tier:
    tier = await queries_regions.find_tier(session, actor, code)
    if tier is None:
        raise NotFound("There is no tier with this code in your organisation.")
    return tier
