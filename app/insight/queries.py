"""Who gets which figures, and what a figure is asked of. Public ones take the actor first.

The desk (admins, supervisors, reviewers, auditors by grant) gets the outlets in its reach; an outlet manager the own
outlets, and of others nothing but medians of enough of them; inspectors get none of it. Whatever is counted was
published and is not void (D8.6); competitors' outlets stand beside the network, never in it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.insight.models import VetoFact, VisitScore
from app.insight.rules import Period
from app.kit.orm import NotSoughtBy
from app.kit.problems import NotFound
from app.outlets import queries as outlets
from app.outlets import queries_regions as regions
from app.outlets.models import Outlet, Region, RegionAncestor, Tier
from app.programmes import queries as programmes
from app.programmes.models import Programme
from app.programmes.rules import Ownership
from app.visits.rules import Kind

DESK = (Role.ADMIN, Role.SUPERVISOR, Role.REVIEWER, Role.AUDITOR)
SUPERVISORS = (Role.ADMIN, Role.SUPERVISOR)
READERS = (*DESK, Role.OUTLET_MANAGER)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which published visits figures are made of. `as_of` null: what is published now.

    With an instant, what the publications said then: the same question gives the same answer for ever, as long as
    outlets keep their tiers and regions.
    """

    programme: Programme
    kind: Kind
    period: Period
    as_of: datetime | None = None

    def over(self, period: Period) -> "Asked":
        return replace(self, period=period)

    def within(self, month: date) -> "Asked":
        """What lies in one of the months of the period."""
        whole = Period.of_month(month)
        return self.over(Period(max(whole.first, self.period.first), min(whole.last, self.period.last)))

    @property
    def is_kept(self) -> bool:
        """Whether what is kept added up by month can answer."""
        return self.as_of is None and self.period.is_whole_months

    @property
    def by_traffic(self) -> bool:
        """Whether outlets weigh by their traffic in the mean of a group (D3.7)."""
        return bool(self.programme.rules.get("weight_by_traffic", False))


@dataclass(frozen=True, slots=True)
class Group:
    """Outlets taken together: a condition on the table of outlets."""

    condition: sa.ColumnElement[bool]

    def outlet_ids(self) -> sa.Select[UUID]:
        return sa.select(Outlet.id).where(self.condition).correlate(None)

    def narrowed(self, *conditions: sa.ColumnElement[bool]) -> "Group":
        return Group(sa.and_(self.condition, *conditions))


def at_desk(actor: Actor) -> Actor:
    """The actor as far as the desk's roles reach; `Forbidden` for those who have none."""
    actor.require(*DESK)
    return actor.without(Role.OUTLET_MANAGER, Role.INSPECTOR)


def network_of(actor: Actor, *, now: datetime) -> Group:
    """All own and agency outlets in the actor's reach."""
    return Group(sa.and_(_in_reach(actor, now), Outlet.ownership != Ownership.COMPETITOR))


def competitors_of(actor: Actor, *, now: datetime) -> Group:
    """Competitors' outlets: the desk has those in its reach, managers the organisation's, as anonymous means."""
    if actor.has(*DESK):
        return Group(sa.and_(_in_reach(at_desk(actor), now), Outlet.ownership == Ownership.COMPETITOR))
    ours = Outlet.organisation_id == actor.organisation_id
    return Group(sa.and_(ours, Outlet.ownership == Ownership.COMPETITOR))


def peers_of(actor: Actor, outlet: Outlet) -> Group:
    """The other outlets of the network with the outlet's tier, in nobody's reach in particular: only medians of them may be shown."""
    return Group(
        sa.and_(
            Outlet.organisation_id == actor.organisation_id,
            Outlet.ownership != Ownership.COMPETITOR,
            Outlet.tier == outlet.tier,
            Outlet.id != outlet.id,
        )
    )


def others_than(actor: Actor, group: Group) -> Group:
    """The outlets of the network that are not in the group; only medians of them may be shown."""
    return Group(
        sa.and_(
            Outlet.organisation_id == actor.organisation_id,
            Outlet.ownership != Ownership.COMPETITOR,
            Outlet.id.not_in(group.outlet_ids()),
        )
    )


async def get_outlet(session: AsyncSession, actor: Actor, outlet_id: UUID, *, now: datetime) -> Outlet:
    """`NotFound` for what is absent and what is not the actor's."""
    return await outlets.get_outlet(session, actor, outlet_id, now=now)


def in_region(region_id: UUID) -> sa.ColumnElement[bool]:
    """A condition on outlets: of the region or anything below it."""
    return Outlet.region_id.in_(regions.below(sa.select(sa.literal(region_id, sa.Uuid()))))


async def regions_around(session: AsyncSession, region_id: UUID) -> Sequence[UUID]:
    """The region and all above it, the nearest first: the nearer, the fewer regions lie under it."""
    under = sa.alias(RegionAncestor.__table__)
    size = (
        sa.select(sa.func.count()).where(under.c.ancestor_id == RegionAncestor.ancestor_id).scalar_subquery()
    )
    rows = await session.scalars(
        sa.select(RegionAncestor.ancestor_id)
        .where(RegionAncestor.region_id == region_id)
        .order_by(size, RegionAncestor.ancestor_id)
    )
    return rows.all()


async def get_programme(
    session: AsyncSession, actor: Actor, programme_id: UUID | None, *, now: datetime
) -> Programme:
    """The one asked for, or that of the newest published visit in reach. Raises `NotFound`."""
    published = _published_to(actor, now)
    if programme_id is None:
        programme_id = await session.scalar(
            published.order_by(VisitScore.visited_on.desc(), VisitScore.programme_id).limit(1)
        )
    if actor.has(*DESK):
        known = programmes.visible_to(at_desk(actor))
        if programme_id is not None:
            known = known.where(Programme.id == programme_id)
    else:
        known = sa.select(Programme).where(
            Programme.id == programme_id,
            Programme.id.in_(published.where(VisitScore.programme_id == programme_id)),
        )
    programme = await session.scalar(known.order_by(Programme.starts_on.desc(), Programme.id).limit(1))
    if programme is None:
        raise NotFound("There is no programme with published visits among those you may see.")
    return programme


def told(
    asked: Asked, table: type[VisitScore] | type[VetoFact] = VisitScore, *, sought: bool = True
) -> sa.ColumnElement[bool]:
    """A condition on facts: of the programme, kind and days, as published at the instant asked for.

    Not `sought` are facts that something else leads to.
    """
    programme_id, kind, visited_on = (
        column if sought else NotSoughtBy(column)
        for column in (table.programme_id, table.kind, table.visited_on)
    )
    return sa.and_(
        programme_id == asked.programme.id,
        kind == asked.kind,
        visited_on.between(asked.period.first, asked.period.last),
        _said_at(asked.as_of, table),
    )


async def newest_checklist(session: AsyncSession, asked: Asked, group: Group) -> UUID | None:
    """The version that the latest visits answered: its words and its order are shown."""
    day = await session.scalar(_last_visited(asked, group))
    if day is None:
        return None
    return await session.scalar(
        sa.select(VisitScore.checklist_version_id)
        .where(told(asked.over(Period(day, day))), VisitScore.outlet_id.in_(group.outlet_ids()))
        .order_by(VisitScore.visit_id)
        .limit(1)
    )


def _last_visited(asked: Asked, group: Group) -> sa.Select[date | None]:
    """On which day any of the group was visited last: one look into an index for each outlet, however many the visits.

    Asked for in one sort of all visits, SQLite sorts them all.
    """
    of_one = (
        sa.select(VisitScore.visited_on)
        .where(told(asked), VisitScore.outlet_id == Outlet.id)
        .order_by(VisitScore.visited_on.desc())
        .limit(1)
        .correlate(Outlet)
    )
    return sa.select(sa.func.max(of_one.scalar_subquery())).where(group.condition)


async def count_vetoes(session: AsyncSession, asked: Asked, group: Group) -> int:
    rows = sa.select(sa.func.count()).where(told(asked, VetoFact), VetoFact.outlet_id.in_(group.outlet_ids()))
    return (await session.scalars(rows)).one()


def vetoes(asked: Asked, group: Group) -> sa.Select[VetoFact]:
    """What fired, as published."""
    return sa.select(VetoFact).where(told(asked, VetoFact), VetoFact.outlet_id.in_(group.outlet_ids()))


async def regions_of(session: AsyncSession, region_ids: Collection[UUID]) -> Sequence[Region]:
    """For those who came upon them among what they may see."""
    return (await session.scalars(sa.select(Region).where(Region.id.in_(region_ids)))).all()


def outlets_in(group: Group) -> sa.Select[Outlet]:
    return sa.select(Outlet).where(group.condition)


async def regions_to_rank(
    session: AsyncSession, actor: Actor, parent: Region | None, *, now: datetime
) -> Sequence[Region]:
    """Regions right below one, or without it the topmost that the actor sees."""
    visible = regions.visible_regions(at_desk(actor), now=now)
    if parent is not None:
        return (await session.scalars(visible.where(Region.parent_id == parent.id))).all()
    ids = visible.with_only_columns(Region.id)
    return (
        await session.scalars(visible.where(sa.or_(Region.parent_id.is_(None), Region.parent_id.not_in(ids))))
    ).all()


async def tiers_of(session: AsyncSession, actor: Actor) -> Sequence[Tier]:
    return await regions.tiers_of(session, actor.organisation_id)


async def tiers_in(session: AsyncSession, group: Group) -> list[str]:
    """In the order of their ranks."""
    rows = await session.scalars(
        sa.select(Tier.code)
        .where(
            sa.exists().where(
                Outlet.organisation_id == Tier.organisation_id, Outlet.tier == Tier.code, group.condition
            )
        )
        .order_by(Tier.rank, Tier.code)
    )
    return list(rows)


async def count_visited(session: AsyncSession, asked: Asked, group: Group) -> int:
    """Outlets of the group with a published visit that has a number."""
    return (
        await session.scalars(
            sa.select(sa.func.count(sa.distinct(VisitScore.outlet_id))).where(
                told(asked),
                VisitScore.total_micro.is_not(None),
                VisitScore.outlet_id.in_(group.outlet_ids()),
            )
        )
    ).one()


async def own_outlets(session: AsyncSession, actor: Actor, *, now: datetime) -> set[UUID]:
    return set(await session.scalars(sa.select(Outlet.id).where(_in_reach(actor, now))))


async def scores_used(session: AsyncSession, asked: Asked, group: Group) -> Sequence[UUID]:
    """The score revisions the figures rest on, for whoever pins a report to them."""
    rows = await session.scalars(
        sa.select(VisitScore.score_revision_id)
        .where(told(asked), VisitScore.outlet_id.in_(group.outlet_ids()))
        .order_by(VisitScore.score_revision_id)
    )
    return rows.all()


def _said_at(as_of: datetime | None, table: type[VisitScore] | type[VetoFact]) -> sa.ColumnElement[bool]:
    if as_of is None:
        return table.said_until.is_(None)
    return sa.and_(table.said_from <= as_of, sa.or_(table.said_until.is_(None), table.said_until > as_of))


def _in_reach(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Outlet.organisation_id == actor.organisation_id, outlets.in_reach_of(actor, Outlet.id, now=now)
    )


def _published_to(actor: Actor, now: datetime) -> sa.Select[UUID]:
    """Programmes of the published visits in reach, one row a visit."""
    return sa.select(VisitScore.programme_id).where(
        VisitScore.organisation_id == actor.organisation_id,
        VisitScore.said_until.is_(None),
        outlets.in_reach_of(actor, VisitScore.outlet_id, now=now),
    )
