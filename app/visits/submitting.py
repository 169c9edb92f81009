"""Handing a visit in: answers frozen in a revision, the score computed from it (D3.5, D8.2)."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from secrets import SystemRandom
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists.document import Document, Load, Stage
from app.identity.actor import Actor
from app.kit.ids import new_id
from app.programmes.rules import RecordingMode
from app.scoring import ENGINE_VERSION, Json, Result, difference
from app.visits import answering, field, leaving, marking, queries
from app.visits.models import Answer, AnswersRevision, ScoreRevision, Visit
from app.visits.rules import State, is_drawn, review_due_at
from app.visits.terms import terms_of
from app.visits.transitions import become, require_state

MICRO = 1_000_000


async def submit(session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime) -> Visit:
    """Freeze the answers and score them. The bytes of recordings may follow later (D7.3).

    Raises `LeaveGateShut` when a correction took away what the gate asks for. Submitting again changes nothing.
    """
    visit = await field.require_own(session, actor, visit_id, now=now)
    if visit.state is State.SUBMITTED:
        return visit
    require_state(visit, State.LEFT, to="be submitted")
    judgement = await leaving.judge(session, visit)
    if judgement.unmet:
        raise leaving.shut(judgement)
    _set_out_for_review(visit, now=now)
    revision = await _freeze(session, actor, visit, now=now)
    await make_score(session, visit, revision, made_by=actor.person_id, reason="submitted", now=now)
    become(session, visit, State.SUBMITTED, actor=actor, reason="", now=now)
    await session.flush()
    return visit


def _set_out_for_review(visit: Visit, *, now: datetime) -> None:
    """When its review is due, and, once and for all, whether it is in the sample that is marked twice (D8.1).

    The lot is drawn before there is a score, by the operating system: nobody can know it or choose it. What was not
    recorded cannot be marked a second time.
    """
    rules = terms_of(visit).rules
    visit.submitted_at = now
    visit.review_due_at = review_due_at(now, review_hours=rules.review_due_hours)
    if visit.drawn_for_second_marking is None:
        drawn = is_drawn(rules.double_marking_share, lot=SystemRandom().random())
        visit.drawn_for_second_marking = drawn and visit.recording_mode is not RecordingMode.NONE


async def make_score(
    session: AsyncSession,
    visit: Visit,
    revision: AnswersRevision,
    *,
    made_by: UUID | None,
    reason: str,
    now: datetime,
    marks: marking.Marks = marking.NO_MARKS,
) -> ScoreRevision:
    """A new score revision with its difference to the last one; nothing is overwritten (D3.5, D8.6)."""
    marked = await _mark(session, visit, revision.id, marks)
    before = await queries.latest_score(session, visit)
    result = marked.result
    score = ScoreRevision(
        id=new_id(),
        visit_id=visit.id,
        number=before.number + 1 if before else 1,
        answers_revision_id=revision.id,
        checklist_version_id=visit.checklist_version_id,
        weight_profile=marked.profile,
        engine_version=ENGINE_VERSION,
        status=str(result.status),
        total_micro=_micro(result.total),
        total_without_vetoes_micro=_micro(result.total_without_vetoes),
        completeness_micro=_micro(result.completeness),
        marks={code: str(share) for code, share in marks.items()},
        explanation=result.to_json(),
        difference=None if before is None else await _difference(session, visit, before, result),
        reason=reason,
        made_by=made_by,
        made_at=now,
    )
    session.add(score)
    await session.flush()
    return score


def marks_of(score: ScoreRevision) -> dict[str, Decimal]:
    """What a reviewer gave for texts and photos with a weight (D3.3)."""
    return {code: Decimal(share) for code, share in score.marks.items()}


def mark_answers(
    visit: Visit, document: Document, answers: marking.Answers, marks: marking.Marks = marking.NO_MARKS
) -> marking.Marking:
    """What answers earn at this visit, saved or not. Of two thresholds of completeness the stricter holds.

    Raises `AnswersRefused` for answers and marks that do not fit the checklist.
    """
    terms = terms_of(visit)
    threshold = max(document.completeness_threshold, terms.rules.completeness_threshold)
    return marking.mark(
        document.model_copy(update={"completeness_threshold": threshold}),
        answers,
        tier=terms.tier,
        stage=Stage(terms.stage),
        load=Load(terms.load),
        purpose=visit.purpose,
        marks=marks,
    )


async def _mark(
    session: AsyncSession, visit: Visit, answers_revision_id: UUID, marks: marking.Marks
) -> marking.Marking:
    """The same inputs always give the same result (D3.5)."""
    rows = await queries.answers_in(session, answers_revision_id)
    document = await answering.document_of(session, visit)
    return mark_answers(visit, document, {row.item_code: answering.read(row) for row in rows}, marks)


async def _difference(
    session: AsyncSession, visit: Visit, before: ScoreRevision, result: Result
) -> dict[str, Json]:
    """What changed since the revision before, which is computed again from what it was made of."""
    last = await _mark(session, visit, before.answers_revision_id, marks_of(before))
    return difference(last.result, result).to_json()


async def _freeze(session: AsyncSession, actor: Actor, visit: Visit, *, now: datetime) -> AnswersRevision:
    before = await queries.latest_answers(session, visit)
    revision = AnswersRevision(
        id=new_id(),
        visit_id=visit.id,
        number=before.number + 1 if before else 1,
        made_by=actor.person_id,
        made_at=now,
        reason="submitted" if before is None else "corrected",
    )
    session.add(revision)
    await session.flush()
    rows = [
        {
            "revision_id": revision.id,
            "item_code": draft.item_code,
            "content": draft.content,
            "answered_by": draft.answered_by,
            "device_at": draft.device_at,
            "received_at": draft.received_at,
            "clock_offset_ms": draft.clock_offset_ms,
        }
        for draft in await queries.drafts_of(session, visit)
    ]
    if rows:  # in one statement: rows added one by one cost about twice as much
        await session.execute(sa.insert(Answer), rows)
    return revision


def _micro(value: Fraction | None) -> int | None:
    """Millionths, cut and not rounded, as the engine keeps its decimals."""
    return None if value is None else value.numerator * MICRO // value.denominator
