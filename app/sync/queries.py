"""Every SELECT of syncing. What may be seen at all is asked of visits (`visible_to`), here as everywhere."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.events import queries as events
from app.events.kinds import Kind
from app.events.models import Event, InboxEntry
from app.identity.actor import Actor, Role
from app.kit.batches import batched
from app.outlets import queries as outlets
from app.recordings.models import Recording
from app.review.models import SendBack
from app.sync.models import Holding, Replica
from app.visits import queries as visits
from app.visits.models import AnswersRevision, Visit
from app.visits.rules import DONE, State

LATEST_UNREAD = 50
MOST_COPIES = 10  # of one person: phones and browsers
ENDED_LONG_AGO = timedelta(days=90)
LIVE = (
    *(kind for kind in Kind if kind.startswith("visit.")),
    Kind.RECORDING_STORED,
    Kind.RECORDING_PROCESSED,
    Kind.RECORDING_REJECTED,
)


async def get_replica(session: AsyncSession, actor: Actor, replica_id: UUID) -> Replica | None:
    """Locked: the same copy asks once at a time."""
    return await session.scalar(
        sa.select(Replica)
        .where(Replica.id == replica_id, Replica.person_id == actor.person_id)
        .with_for_update()
    )


def in_a_copy(actor: Actor, *, now: datetime) -> sa.Select[UUID]:
    """Ids of what belongs into the actor's copies: what the actor may see, but what ended long ago."""
    lately = Visit.planned_on >= (now - ENDED_LONG_AGO).date()
    seen = visits.visible_to(actor, now=now).with_only_columns(Visit.id)
    return seen.where(sa.or_(lately, Visit.state.not_in((*DONE, State.PUBLISHED))))


async def newly_visible(
    session: AsyncSession, actor: Actor, replica: Replica, *, now: datetime, limit: int
) -> list[UUID]:
    """Visits the actor may see and the copy does not hold."""
    held = sa.select(Holding.visit_id).where(Holding.replica_id == replica.id, Holding.gone_in.is_(None))
    rows = in_a_copy(actor, now=now).where(Visit.id.not_in(held))
    return list(await session.scalars(rows.order_by(Visit.id).limit(limit)))


async def no_longer_visible(
    session: AsyncSession, actor: Actor, replica: Replica, *, now: datetime, limit: int
) -> list[UUID]:
    """Visits the copy holds and the actor may not see: for whatever reason, which nobody had to announce."""
    kept = in_a_copy(actor, now=now)
    rows = sa.select(Holding.visit_id).where(
        Holding.replica_id == replica.id, Holding.gone_in.is_(None), Holding.visit_id.not_in(kept)
    )
    return list(await session.scalars(rows.order_by(Holding.visit_id).limit(limit)))


async def given_after(session: AsyncSession, replica: Replica, number: int) -> set[UUID]:
    """What was given in later rounds than the copy knows of: that answer was lost."""
    rows = sa.select(Holding.visit_id).where(
        Holding.replica_id == replica.id, Holding.given_in > number, Holding.gone_in.is_(None)
    )
    return set(await session.scalars(rows))


async def gone_after(session: AsyncSession, replica: Replica, number: int) -> set[UUID]:
    rows = sa.select(Holding.visit_id).where(Holding.replica_id == replica.id, Holding.gone_in > number)
    return set(await session.scalars(rows))


def confirmed_gone(replica: Replica, number: int) -> sa.Delete:
    """The copy has thrown these away: it came back with the round that told it."""
    return sa.delete(Holding).where(Holding.replica_id == replica.id, Holding.gone_in <= number)


def note_gone(replica: Replica, visit_ids: Collection[UUID], number: int) -> sa.Update:
    return (
        sa.update(Holding)
        .where(Holding.replica_id == replica.id, Holding.visit_id.in_(visit_ids))
        .values(gone_in=number)
    )


def forget_holdings(replica: Replica, visit_ids: Collection[UUID]) -> sa.Delete:
    return sa.delete(Holding).where(Holding.replica_id == replica.id, Holding.visit_id.in_(visit_ids))


def held_by(replica: Replica) -> sa.ColumnElement[bool]:
    """A condition on events: they are about visits that the copy holds."""
    held = sa.select(Holding.visit_id).where(Holding.replica_id == replica.id, Holding.gone_in.is_(None))
    return Event.visit_id.in_(held)


async def visible_among(
    session: AsyncSession, actor: Actor, visit_ids: Collection[UUID], *, now: datetime
) -> list[Visit]:
    found: list[Visit] = []
    kept = in_a_copy(actor, now=now)
    for some in batched(visit_ids):
        found += await session.scalars(sa.select(Visit).where(Visit.id.in_(kept), Visit.id.in_(some)))
    return found


async def send_backs_among(session: AsyncSession, visit_ids: Collection[UUID]) -> list[tuple[SendBack, int]]:
    """With the number of the answers each was about, newest first; the caller has found out who may see them."""
    found: list[tuple[SendBack, int]] = []
    for some in batched(visit_ids):
        rows = await session.execute(
            sa.select(SendBack, AnswersRevision.number)
            .join(AnswersRevision, AnswersRevision.id == SendBack.answers_revision_id)
            .where(SendBack.visit_id.in_(some))
            .order_by(SendBack.sent_at.desc(), SendBack.id.desc())
        )
        found += [(row[0], row[1]) for row in rows]
    return found


async def recordings_among(session: AsyncSession, visit_ids: Collection[UUID]) -> dict[UUID, list[Recording]]:
    """By visit; the caller has found out who may see them."""
    found: dict[UUID, list[Recording]] = {}
    for some in batched(visit_ids):
        rows = await session.scalars(
            sa.select(Recording)
            .where(Recording.visit_id.in_(some))
            .order_by(Recording.created_at, Recording.id)
        )
        for row in rows:
            found.setdefault(row.visit_id, []).append(row)
    return found


async def entries_about(
    session: AsyncSession, actor: Actor, kinds: Collection[Kind], event_ids: Collection[UUID]
) -> list[InboxEntry]:
    """The actor's inbox entries of these events, the oldest first."""
    found: list[InboxEntry] = []
    for some in batched(event_ids):
        found += await session.scalars(events.inbox_of(actor, kinds).where(Event.id.in_(some)))
    return sorted(found, key=lambda entry: (entry.at, entry.id))


async def latest_unread(session: AsyncSession, actor: Actor, kinds: Collection[Kind]) -> Sequence[InboxEntry]:
    rows = events.inbox_of(actor, kinds, unread=True)
    found = await session.scalars(
        rows.order_by(InboxEntry.at.desc(), InboxEntry.id.desc()).limit(LATEST_UNREAD)
    )
    return found.all()


def to_inbox_of(actor: Actor, kinds: Collection[Kind] | None = None) -> sa.ColumnElement[bool]:
    """A condition on events: the actor finds them in the inbox; of some kinds, or of all."""
    mine = sa.exists().where(InboxEntry.event_id == Event.id, InboxEntry.person_id == actor.person_id)
    return mine if kinds is None else sa.and_(Event.kind.in_(kinds), mine)


async def those(session: AsyncSession, events: Sequence[Event], where: sa.ColumnElement[bool]) -> set[UUID]:
    """Ids of those of the events for which the condition holds."""
    found: set[UUID] = set()
    for some in batched([event.id for event in events]):
        found |= set(await session.scalars(sa.select(Event.id).where(Event.id.in_(some), where)))
    return found


def of_visits_in_reach(actor: Actor, *, now: datetime) -> sa.ColumnElement[bool]:
    """A condition on events: a visit at an outlet in the actor's charge changed its state, or a file of it settled.

    None of a visit that the actor marks blind (D8.1): sent back or not, that alone would tell.
    """
    desk = actor.without(Role.OUTLET_MANAGER, Role.AUDITOR, Role.INSPECTOR)
    of_visit = sa.exists().where(
        Visit.id == Event.visit_id, outlets.in_reach_of(desk, Visit.outlet_id, now=now)
    )
    return sa.and_(
        Event.kind.in_(LIVE),
        Event.visit_id.is_not(None),
        Event.visit_id.not_in(visits.blindfolded(actor)),
        of_visit,
    )


async def outlets_of(session: AsyncSession, events: Sequence[Event]) -> dict[UUID, UUID]:
    """By visit: its outlet. (Files are announced below the visits, without it.)"""
    found = await visits.visits_by_id(session, [one.visit_id for one in events if one.visit_id])
    return {one.id: one.outlet_id for one in found.values()}


def surplus(actor: Actor) -> sa.Delete:
    """All of a person's copies but the latest few."""
    mine = sa.select(Replica.id).where(Replica.person_id == actor.person_id)
    latest = mine.order_by(Replica.asked_at.desc(), Replica.id.desc()).limit(MOST_COPIES)
    return sa.delete(Replica).where(Replica.person_id == actor.person_id, Replica.id.not_in(latest))


def idle(before: datetime) -> sa.Delete:
    """Copies nobody asked for since; what they hold goes with them."""
    return sa.delete(Replica).where(Replica.asked_at < before)


def every_copy() -> sa.Delete:
    """Likewise, of everybody."""
    return sa.delete(Replica)
