"""Every SELECT of retention: what is due, what is held, what was deleted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.bulletins import queries as bulletins
from app.bulletins.models import Bulletin
from app.identity.actor import Actor, Role
from app.kit.batches import batched
from app.kit.problems import NotFound
from app.outlets import queries as outlets
from app.programmes.models import Programme
from app.recordings.models import Recording, Rendition
from app.recordings.queries import PENDING
from app.recordings.rules import RenditionKind, State
from app.retention.models import LegalHold, Tombstone
from app.retention.queries_files import NO_ID, case_files, holds_bulletin
from app.retention.queries_files import bulletins as editions_due
from app.retention.queries_holds import on_visit
from app.retention.rules import Class, Term
from app.review.models import Publication
from app.visits.models import CheckIn, DraftAnswer, Visit, VisitTransition
from app.visits.rules import DONE

# Of a file that never came there may be parts; of one that came and was not looked at yet there is work to do.
UNFINISHED = (State.CREATED, *PENDING)
ARRIVED = (State.PROCESSED, State.REJECTED)


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time is over."""

    organisation_id: UUID
    programme_id: UUID
    visit_id: UUID | None
    recording_id: UUID | None
    case_file_id: UUID | None
    bulletin_id: UUID | None
    term: Term
    started_at: datetime
    sha256: str | None
    size_bytes: int
    held: bool

    @property
    def what(self) -> UUID:
        """Its own id, among those of its class."""
        found = self.recording_id or self.case_file_id or self.bulletin_id or self.visit_id
        assert found is not None
        return found


async def list_due(
    session: AsyncSession,
    programme: Programme,
    term: Term,
    *,
    at: datetime,
    now: datetime,
    limit: int,
    held: bool | None = None,
) -> list[Due]:
    """What of the programme is due at `at` and not decided yet, longest first; all, or only what is held now or not."""
    rows = _due(programme, term, at=at, now=now)
    if held is not None:
        rows = rows.where(sa.column("held") == sa.literal(held))
    found = await session.execute(rows.order_by(sa.column("started_at"), sa.column("what")).limit(limit))
    return [
        Due(
            organisation_id=programme.organisation_id,
            programme_id=programme.id,
            visit_id=row.visit_id,
            recording_id=row.recording_id,
            case_file_id=row.case_file_id,
            bulletin_id=row.bulletin_id,
            term=term,
            started_at=row.started_at,
            sha256=row.sha256,
            size_bytes=row.size_bytes,
            held=bool(row.held),
        )
        for row in found
    ]


async def count_due(
    session: AsyncSession, programme: Programme, term: Term, *, at: datetime, now: datetime
) -> tuple[int, int, int]:
    """How many, how many of them held, and the bytes of those that are not."""
    rows = _due(programme, term, at=at, now=now).subquery()
    free = rows.c.held == sa.false()
    counted = await session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((~free, 1))),
            sa.func.coalesce(sa.func.sum(sa.case((free, rows.c.size_bytes), else_=0)), 0),
        ).select_from(rows)
    )
    total, held, size = counted.one()
    return int(total), int(held), int(size)


async def undone(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[UUID]:
    """Tombstones of what is decided and not deleted yet. What came to be held meanwhile waits."""
    rows = await session.scalars(
        sa.select(Tombstone.id)
        .where(Tombstone.deleted_at.is_(None), ~_held(now))
        .order_by(Tombstone.decided_at, Tombstone.id)
        .limit(limit)
    )
    return rows.all()


async def get_tombstone(session: AsyncSession, tombstone_id: UUID, *, lock: bool = False) -> Tombstone:
    """For jobs, which act for nobody."""
    rows = sa.select(Tombstone).where(Tombstone.id == tombstone_id)
    return (await session.scalars(rows.with_for_update() if lock else rows)).one()


async def is_held(session: AsyncSession, tombstone: Tombstone, *, now: datetime) -> bool:
    rows = sa.select(Tombstone.id).where(Tombstone.id == tombstone.id, _held(now))
    return await session.scalar(rows) is not None


def _held(now: datetime) -> sa.ColumnElement[bool]:
    """A condition on tombstones: a hold is in force for what it is of."""
    visits = sa.exists().where(Visit.id == Tombstone.visit_id, on_visit(Visit.id, Visit.outlet_id, now=now))
    editions = sa.exists().where(Bulletin.id == Tombstone.bulletin_id, holds_bulletin(now=now))
    return sa.or_(visits, editions)


async def held_among(session: AsyncSession, recording_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Those recordings whose visits are held."""
    held: set[UUID] = set()
    for some in batched(recording_ids):
        held.update(
            await session.scalars(
                sa.select(Recording.id)
                .join(Visit, Visit.id == Recording.visit_id)
                .where(Recording.id.in_(some), on_visit(Visit.id, Visit.outlet_id, now=now))
            )
        )
    return held


async def made_of(session: AsyncSession, recording_id: UUID) -> Sequence[Rendition]:
    """Every rendition there ever was of a recording, replaced ones included."""
    rows = await session.scalars(
        sa.select(Rendition)
        .where(Rendition.recording_id == recording_id, Rendition.kind != RenditionKind.ORIGINAL)
        .order_by(Rendition.made_at, Rendition.id)
    )
    return rows.all()


async def outlet_of(session: AsyncSession, tombstone: Tombstone) -> UUID | None:
    """Null for what is of no single outlet."""
    of_edition = sa.select(Bulletin.outlet_id).where(Bulletin.id == tombstone.bulletin_id)
    of_visit = sa.select(Visit.outlet_id).where(Visit.id == tombstone.visit_id)
    return await session.scalar(of_visit if tombstone.bulletin_id is None else of_edition)


def forget_positions(visit_id: UUID) -> sa.Update:
    """The statement that takes positions out of a visit's check-ins; that somebody went in or out stays."""
    return (
        sa.update(CheckIn)
        .where(CheckIn.visit_id == visit_id)
        .values(latitude=None, longitude=None, accuracy_m=None, distance_m=None)
    )


def forget_drafts(visit_id: UUID) -> sa.Delete:
    return sa.delete(DraftAnswer).where(DraftAnswer.visit_id == visit_id)


def holds_visible_to(actor: Actor) -> sa.Select[LegalHold]:
    return sa.select(LegalHold).where(LegalHold.organisation_id == actor.organisation_id)


async def get_hold(session: AsyncSession, actor: Actor, hold_id: UUID, *, lock: bool = False) -> LegalHold:
    rows = holds_visible_to(actor).where(LegalHold.id == hold_id)
    hold = await session.scalar(rows.with_for_update() if lock else rows)
    if hold is None:
        raise NotFound("There is no hold with this id in your organisation.")
    return hold


def tombstones_visible_to(actor: Actor, *, now: datetime) -> sa.Select[Tombstone]:
    """Admins see all of the organisation, auditors those of the outlets their grants name."""
    reader = actor.only(Role.ADMIN, Role.AUDITOR)
    visits = sa.select(Visit.id).where(
        Visit.organisation_id == actor.organisation_id, outlets.in_reach_of(reader, Visit.outlet_id, now=now)
    )
    editions = bulletins.visible_to(reader, now=now).with_only_columns(Bulletin.id)
    return sa.select(Tombstone).where(
        Tombstone.organisation_id == actor.organisation_id,
        sa.or_(Tombstone.visit_id.in_(visits), Tombstone.bulletin_id.in_(editions)),
    )


def narrowed(
    rows: sa.Select[Tombstone],
    *,
    visit_id: UUID | None,
    recording_id: UUID | None,
    retention_class: Class | None,
) -> sa.Select[Tombstone]:
    """Fewer of `rows`; what is null does not narrow."""
    if visit_id is not None:
        rows = rows.where(Tombstone.visit_id == visit_id)
    if recording_id is not None:
        rows = rows.where(Tombstone.recording_id == recording_id)
    return rows if retention_class is None else rows.where(Tombstone.retention_class == retention_class)


def _due(programme: Programme, term: Term, *, at: datetime, now: datetime) -> sa.Select[Any]:
    """What of the programme belongs to the class and began to count early enough."""
    match term.of:
        case Class.CASE_FILE:
            rows = case_files(programme, term, at=at, now=now)
        case Class.BULLETIN:
            rows = editions_due(programme, term, at=at, now=now)
        case _:
            rows = _of_ended_visits(programme, term, at=at, now=now)
    return sa.select(rows.subquery())


def _of_ended_visits(programme: Programme, term: Term, *, at: datetime, now: datetime) -> sa.Select[Any]:
    """Visits that came to their end, with what of them belongs to the class."""
    start = _start(term.of)
    ended: Any = (  # columns are added by class
        sa.select(
            Visit.id.label("visit_id"),
            NO_ID.label("case_file_id"),
            NO_ID.label("bulletin_id"),
            start.label("started_at"),
            on_visit(Visit.id, Visit.outlet_id, now=now).label("held"),
        )
        .join(
            VisitTransition,
            sa.and_(VisitTransition.visit_id == Visit.id, VisitTransition.to_state == Visit.state),
        )
        .outerjoin(Publication, Publication.visit_id == Visit.id)
        .where(
            Visit.programme_id == programme.id,
            Visit.state.in_(DONE),
            start <= term.started_before(at),
        )
    )
    return _of_visits(ended) if term.of is Class.FIELD_TRACE else _of_recordings(ended, term.of)


def _start(of: Class) -> sa.ColumnElement[datetime]:
    if of is Class.RENDITION:
        return sa.func.coalesce(Publication.published_at, VisitTransition.at, type_=VisitTransition.at.type)
    return VisitTransition.at.expression


def _of_visits(rows: sa.Select[Any]) -> sa.Select[Any]:
    placed = sa.exists().where(CheckIn.visit_id == Visit.id, CheckIn.latitude.is_not(None))
    drafted = sa.exists().where(DraftAnswer.visit_id == Visit.id)
    decided = sa.exists().where(
        Tombstone.visit_id == Visit.id,
        Tombstone.retention_class == Class.FIELD_TRACE,
        Tombstone.recording_id.is_(None),
    )
    return rows.add_columns(
        NO_ID.label("recording_id"),
        sa.null().cast(sa.String()).label("sha256"),
        sa.literal(0).label("size_bytes"),
        Visit.id.label("what"),
    ).where(sa.or_(placed, drafted), ~decided)


def _of_recordings(rows: sa.Select[Any], of: Class) -> sa.Select[Any]:
    decided = sa.exists().where(Tombstone.recording_id == Recording.id, Tombstone.retention_class == of)
    weight = sa.select(sa.func.coalesce(sa.func.sum(Rendition.size_bytes), 0)).where(
        Rendition.recording_id == Recording.id,
        Rendition.kind != RenditionKind.ORIGINAL,
        Rendition.replaced_at.is_(None),
    )
    made = sa.exists().where(Rendition.recording_id == Recording.id, Rendition.kind != RenditionKind.ORIGINAL)
    belongs, size = {
        Class.RAW_RECORDING: (Recording.state.in_(ARRIVED), Recording.size_bytes.expression),
        Class.UNFINISHED_UPLOAD: (Recording.state.in_(UNFINISHED), sa.literal(0)),
        Class.RENDITION: (made, weight.scalar_subquery()),
    }[of]
    return (
        rows.join(Recording, Recording.visit_id == Visit.id)
        .add_columns(
            Recording.id.label("recording_id"),
            Recording.sha256.label("sha256"),
            size.label("size_bytes"),
            Recording.id.label("what"),
        )
        .where(belongs, ~decided)
    )
