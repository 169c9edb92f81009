"""Every SELECT over what waits for review (D8.1)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.programmes.rules import RecordingMode
from app.review.models import MarkingExcuse, MarkingTask, ReviewReminder, SecondMarking
from app.review.queries import IN_QUEUE
from app.review.rules_marking import Reminder
from app.visits.models import AnswersRevision, ScoreRevision, Visit, VisitTransition
from app.visits.rules import State


def narrowed(
    rows: sa.Select[Visit],
    *,
    overdue: bool | None,
    has_veto: bool | None,
    awaits_second_marking: bool | None,
    programme_id: UUID | None,
    now: datetime,
) -> sa.Select[Visit]:
    """Fewer of `rows`; what is null does not narrow."""
    if overdue is not None:
        rows = rows.where(Visit.review_due_at < now if overdue else Visit.review_due_at >= now)
    if has_veto is not None:
        rows = rows.where(_has_veto() if has_veto else ~_has_veto())
    if awaits_second_marking is not None:
        rows = rows.where(_awaits_marking() if awaits_second_marking else ~_awaits_marking())
    return rows if programme_id is None else rows.where(Visit.programme_id == programme_id)


async def latest_scores(session: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, ScoreRevision]:
    """By visit."""
    rows = await session.scalars(
        sa.select(ScoreRevision)
        .join(Visit, Visit.id == ScoreRevision.visit_id)
        .where(Visit.id.in_(visit_ids), ScoreRevision.number == _latest_number(ScoreRevision))
    )
    return {row.visit_id: row for row in rows}


async def escalations_of(session: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """By visit: when its latest submission was told to the supervisors, if it was."""
    rows = await session.scalars(
        sa.select(ReviewReminder)
        .join(AnswersRevision, AnswersRevision.id == ReviewReminder.answers_revision_id)
        .join(Visit, Visit.id == AnswersRevision.visit_id)
        .where(
            Visit.id.in_(visit_ids),
            ReviewReminder.kind == Reminder.ESCALATED,
            AnswersRevision.number == _latest_number(AnswersRevision),
        )
    )
    return {row.visit_id: row.at for row in rows}


async def unreminded(
    session: AsyncSession,
    kind: Reminder,
    *,
    due_before: datetime | None = None,
    due_after: datetime | None = None,
) -> Sequence[tuple[Visit, AnswersRevision]]:
    """For the clock, which acts for nobody: what waits and was not told of in this way, those due first first."""
    told = sa.exists().where(
        ReviewReminder.answers_revision_id == AnswersRevision.id, ReviewReminder.kind == kind
    )
    statement = (
        sa.select(Visit, AnswersRevision)
        .join(AnswersRevision, AnswersRevision.visit_id == Visit.id)
        .where(Visit.state.in_(IN_QUEUE), AnswersRevision.number == _latest_number(AnswersRevision), ~told)
        .order_by(Visit.review_due_at, Visit.id)
    )
    if due_before is not None:
        statement = statement.where(Visit.review_due_at < due_before)
    if due_after is not None:
        statement = statement.where(Visit.review_due_at >= due_after)
    return [(visit, revision) for visit, revision in await session.execute(statement)]


async def opened_by(session: AsyncSession, visit: Visit) -> UUID | None:
    """Who has the visit in review."""
    if visit.state is not State.IN_REVIEW:
        return None
    return await session.scalar(
        sa.select(VisitTransition.actor_id)
        .where(VisitTransition.visit_id == visit.id, VisitTransition.to_state == State.IN_REVIEW)
        .order_by(VisitTransition.at.desc(), VisitTransition.id.desc())
        .limit(1)
    )


def _latest_number(what: type[ScoreRevision] | type[AnswersRevision]) -> sa.ScalarSelect[int]:
    """Of the visit in the statement around."""
    other = sa.orm.aliased(what)
    return (
        sa.select(sa.func.max(other.number))
        .where(other.visit_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
    )


def _has_veto() -> sa.ColumnElement[bool]:
    """Whether one fired in the score as it stands."""
    return sa.exists().where(
        ScoreRevision.visit_id == Visit.id,
        ScoreRevision.number == _latest_number(ScoreRevision),
        ScoreRevision.explanation["vetoes"].as_string() != "[]",
    )


def _awaits_marking() -> sa.ColumnElement[bool]:
    """The same in SQL as `Standing.status in AWAITED`."""
    assigned = sa.exists().where(MarkingTask.visit_id == Visit.id, MarkingTask.called_off_at.is_(None))
    asked = sa.and_(
        Visit.recording_mode != RecordingMode.NONE,
        sa.or_(sa.func.coalesce(Visit.drawn_for_second_marking, sa.false()), _has_veto()),
    )
    done = sa.exists().where(SecondMarking.visit_id == Visit.id)
    excused = (
        sa.exists()
        .where(MarkingExcuse.answers_revision_id == AnswersRevision.id, AnswersRevision.visit_id == Visit.id)
        .where(AnswersRevision.number == _latest_number(AnswersRevision))
    )
    return sa.and_(sa.or_(assigned, asked), ~done, ~excused)
