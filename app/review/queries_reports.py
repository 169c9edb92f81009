"""Every SELECT over what was published. Whoever reads here gets the blind view, whatever else they may see (D10.1)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.problems import NotFound
from app.outlets import queries as outlets
from app.outlets.models import Outlet
from app.review.models import Approval, Publication, PublicationRevision, PublishedFile
from app.review.queries import queue_of
from app.review.rules import PublishedMedium
from app.visits.models import ScoreRevision, Visit
from app.visits.rules import REPORTED, State


def visible_to(actor: Actor, *, now: datetime) -> sa.Select[Publication]:
    """Reports of the actor's reach: managers those of their own outlets, the desk and auditors theirs (D10.6).

    A visit that was declared void takes its report back.
    """
    valid = sa.exists().where(Visit.id == Publication.visit_id, Visit.state.in_(REPORTED))
    return sa.select(Publication).where(
        outlets.in_organisation_of(actor, Publication.organisation_id),
        outlets.in_reach_of(actor, Publication.outlet_id, now=now),
        valid,
    )


def narrowed(
    rows: sa.Select[Publication],
    *,
    outlet_id: UUID | None,
    visited_from: date | None,
    visited_until: date | None,
) -> sa.Select[Publication]:
    """Fewer of `rows`; what is null does not narrow."""
    if outlet_id is not None:
        rows = rows.where(Publication.outlet_id == outlet_id)
    if visited_from is not None:
        rows = rows.where(Publication.visited_on >= visited_from)
    return rows if visited_until is None else rows.where(Publication.visited_on <= visited_until)


async def get_report(session: AsyncSession, actor: Actor, alias: str, *, now: datetime) -> Publication:
    publication = await session.scalar(visible_to(actor, now=now).where(Publication.alias == alias))
    if publication is None:
        raise NotFound("There is no report with this alias among those you may read.")
    return publication


async def find_publication(session: AsyncSession, visit: Visit) -> Publication | None:
    return await session.scalar(sa.select(Publication).where(Publication.visit_id == visit.id))


@dataclass(frozen=True, slots=True)
class Edition:
    """What a publication says now, and whether an appeal is still open (D8.4)."""

    revision: PublicationRevision
    score: ScoreRevision
    provisional: bool


async def editions_of(session: AsyncSession, publications: Sequence[Publication]) -> dict[UUID, Edition]:
    """By publication: its newest revision with the score it names."""
    newest = (
        sa.select(PublicationRevision.publication_id, sa.func.max(PublicationRevision.number).label("number"))
        .where(PublicationRevision.publication_id.in_([one.id for one in publications]))
        .group_by(PublicationRevision.publication_id)
        .subquery()
    )
    rows = await session.execute(
        sa.select(PublicationRevision, ScoreRevision, Visit.state)
        .join(
            newest,
            sa.and_(
                PublicationRevision.publication_id == newest.c.publication_id,
                PublicationRevision.number == newest.c.number,
            ),
        )
        .join(ScoreRevision, ScoreRevision.id == PublicationRevision.score_revision_id)
        .join(Visit, Visit.id == ScoreRevision.visit_id)
    )
    return {
        revision.publication_id: Edition(revision, score, state is State.APPEALED)
        for revision, score, state in rows
    }


async def revisions_of(
    session: AsyncSession, publication: Publication
) -> Sequence[tuple[PublicationRevision, ScoreRevision]]:
    """Everything the publication ever said, oldest first."""
    rows = await session.execute(
        sa.select(PublicationRevision, ScoreRevision)
        .join(ScoreRevision, ScoreRevision.id == PublicationRevision.score_revision_id)
        .where(PublicationRevision.publication_id == publication.id)
        .order_by(PublicationRevision.number)
    )
    return [(revision, score) for revision, score in rows]


async def outlets_of(session: AsyncSession, publications: Sequence[Publication]) -> dict[UUID, Outlet]:
    return await outlets.outlets_by_id(session, {one.outlet_id for one in publications})


async def publications_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Publication]:
    """For those who come from a row that refers to them, and were allowed to see that."""
    rows = await session.scalars(sa.select(Publication).where(Publication.id.in_(ids)))
    return {row.id: row for row in rows}


async def get_visit_behind(session: AsyncSession, publication: Publication) -> Visit:
    """For making the report; nothing of it but what a report may say leaves the server."""
    return (await session.scalars(sa.select(Visit).where(Visit.id == publication.visit_id))).one()


async def files_of(session: AsyncSession, publication: Publication) -> Sequence[PublishedFile]:
    """In the order of their numbers."""
    rows = await session.scalars(
        sa.select(PublishedFile)
        .where(PublishedFile.publication_id == publication.id)
        .order_by(PublishedFile.medium.desc(), PublishedFile.number)  # recordings before photos
    )
    return rows.all()


async def get_file(
    session: AsyncSession, publication: Publication, medium: PublishedMedium, number: int
) -> PublishedFile:
    file = await session.get(PublishedFile, (publication.id, medium, number))
    if file is None:
        raise NotFound(f"The report has no {medium} with this number.")
    return file


async def get_for_publication(session: AsyncSession, visit_id: UUID, *, lock: bool) -> Visit:
    """For the clock, which acts for nobody."""
    statement = sa.select(Visit).where(Visit.id == visit_id)
    return (await session.scalars(statement.with_for_update() if lock else statement)).one()


async def waiting_for_publication(
    session: AsyncSession, *, now: datetime
) -> Sequence[tuple[Visit, datetime, str]]:
    """For the clock: approved visits whose delay is over, since when, and the time zone of the outlet."""
    latest = _latest_approvals()
    rows = await session.execute(
        sa.select(Visit, latest.c.publish_after, Outlet.time_zone)
        .join(latest, latest.c.visit_id == Visit.id)
        .join(Outlet, Outlet.id == Visit.outlet_id)
        .where(Visit.state == State.APPROVED, latest.c.publish_after <= now)
        .order_by(latest.c.publish_after, Visit.id)
    )
    return [(visit, after, time_zone) for visit, after, time_zone in rows]


async def due_for_publication(
    session: AsyncSession, actor: Actor, *, now: datetime, limit: int
) -> Sequence[UUID]:
    """Ids of approved visits the actor may publish, whose delay is over; those that wait longest first."""
    latest = _latest_approvals()
    rows = await session.scalars(
        queue_of(actor, now=now, states=[State.APPROVED])
        .join(latest, latest.c.visit_id == Visit.id)
        .where(latest.c.publish_after <= now)
        .order_by(latest.c.publish_after, Visit.id)
        .with_only_columns(Visit.id)
        .limit(limit)
    )
    return rows.all()


def approved_for(actor: Actor, *, now: datetime) -> sa.Select[Approval]:
    """The approvals under which visits the actor may publish wait for their moment."""
    theirs = queue_of(actor, now=now, states=[State.APPROVED]).with_only_columns(Visit.id)
    later = sa.orm.aliased(Approval)
    latest = (
        sa.select(later.id)
        .where(later.visit_id == Approval.visit_id)
        .order_by(later.approved_at.desc(), later.id.desc())
        .limit(1)
        .correlate(Approval)
        .scalar_subquery()
    )
    return sa.select(Approval).where(Approval.visit_id.in_(theirs), Approval.id == latest)


def _latest_approvals() -> sa.Subquery:
    return (
        sa.select(Approval.visit_id, sa.func.max(Approval.publish_after).label("publish_after"))
        .group_by(Approval.visit_id)
        .subquery()
    )
