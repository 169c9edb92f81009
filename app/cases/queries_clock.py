"""What the clock and the jobs look for, for nobody in particular."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases.models import Appeal, FollowUp
from app.cases.rules import OPEN
from app.review.models import Publication, PublicationRevision
from app.visits.models import Visit
from app.visits.rules import State as VisitState


def over(now: datetime) -> sa.Select[Visit]:
    """Published visits that nobody can dispute any more; locked, so that an appeal filed now comes first or late."""
    return (
        sa.select(Visit)
        .join(Publication, Publication.visit_id == Visit.id)
        .join(FollowUp, FollowUp.publication_id == Publication.id)
        .where(Visit.state == VisitState.PUBLISHED, FollowUp.final_from <= now)
        .order_by(FollowUp.final_from, Visit.id)
        .with_for_update(of=Visit)
    )


def late(now: datetime) -> sa.Select[Appeal]:
    """Open appeals whose decision is overdue and that nobody was told of; locked."""
    return (
        sa.select(Appeal)
        .join(Visit, Visit.id == Appeal.visit_id)
        .where(
            Appeal.state.in_(OPEN),
            Appeal.decision_due_at <= now,
            Appeal.escalated_at.is_(None),
            Visit.state == VisitState.APPEALED,
        )
        .order_by(Appeal.decision_due_at, Appeal.id)
        .with_for_update(of=Appeal)
    )


def lapsed() -> sa.Select[Appeal]:
    """Open appeals against visits that were declared void meanwhile; locked."""
    return (
        sa.select(Appeal)
        .join(Visit, Visit.id == Appeal.visit_id)
        .where(Appeal.state.in_(OPEN), Visit.state == VisitState.VOID)
        .with_for_update(of=Appeal)
    )


async def not_followed_up(session: AsyncSession, *, limit: int) -> Sequence[UUID]:
    """Ids of publications with a revision that opened no actions yet: of an earlier release, or a job that was lost."""
    newest = (
        sa.select(PublicationRevision.publication_id, sa.func.max(PublicationRevision.number).label("number"))
        .group_by(PublicationRevision.publication_id)
        .subquery()
    )
    rows = await session.scalars(
        sa.select(newest.c.publication_id)
        .outerjoin(FollowUp, FollowUp.publication_id == newest.c.publication_id)
        .where(sa.or_(FollowUp.publication_id.is_(None), FollowUp.revision_number < newest.c.number))
        .order_by(newest.c.publication_id)
        .limit(limit)
    )
    return rows.all()
