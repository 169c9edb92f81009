"""Reviews that are late, or soon will be: told once each, and never accepted by themselves (D8.1)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record_by_itself
from app.events.kinds import Kind
from app.review import announcing, queries_queue
from app.review.models import ReviewReminder
from app.review.rules_marking import Reminder, is_due_soon
from app.visits.models import AnswersRevision, Visit
from app.visits.terms import terms_of


async def escalate(session: AsyncSession, *, now: datetime) -> int:
    """Tell the supervisors of every submission whose review is overdue, once. Gives how many."""
    late = await queries_queue.unreminded(session, Reminder.ESCALATED, due_before=now)
    for visit, revision in late:
        _note(session, visit, revision, Reminder.ESCALATED, now=now)
        assert visit.review_due_at is not None
        details = {"due_at": visit.review_due_at.isoformat(), "state": str(visit.state)}
        record_by_itself(
            session,
            visit.organisation_id,
            "review.escalated",
            subject_id=visit.id,
            details=details,
            now=now,
        )
        people = await announcing.supervisors_of(session, visit)
        announcing.of_visit(session, Kind.REVIEW_ESCALATED, visit, people=people, now=now)
    return len(late)


async def remind(session: AsyncSession, *, now: datetime) -> int:
    """Tell whoever reviews of every submission that is due soon, once. Gives how many."""
    waiting = await queries_queue.unreminded(session, Reminder.DUE_SOON, due_after=now)
    soon = [(visit, revision) for visit, revision in waiting if _is_soon(visit, now)]
    for visit, revision in soon:
        _note(session, visit, revision, Reminder.DUE_SOON, now=now)
        opened_by = await queries_queue.opened_by(session, visit)
        people = [opened_by] if opened_by else await announcing.reviewers_of(session, visit)
        announcing.of_visit(session, Kind.REVIEW_DUE_SOON, visit, people=people, now=now)
    return len(soon)


def _is_soon(visit: Visit, now: datetime) -> bool:
    assert visit.review_due_at is not None
    return is_due_soon(visit.review_due_at, now=now, review_hours=terms_of(visit).rules.review_due_hours)


def _note(
    session: AsyncSession, visit: Visit, revision: AnswersRevision, kind: Reminder, *, now: datetime
) -> None:
    session.add(ReviewReminder(answers_revision_id=revision.id, kind=kind, visit_id=visit.id, at=now))
