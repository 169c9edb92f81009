"""Answers corrected by somebody else than the inspector: a new revision, and the score that follows from it (D3.5, D8.6)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import new_id
from app.visits import marking, queries, submitting
from app.visits.answers import Answer
from app.visits.models import Answer as AnswerRow
from app.visits.models import AnswersRevision, ScoreRevision, Visit


async def correct(
    session: AsyncSession,
    visit: Visit,
    *,
    base: ScoreRevision,
    answers: Mapping[str, Answer],
    marks: marking.Marks,
    made_by: UUID,
    reason: str,
    now: datetime,
) -> ScoreRevision:
    """The answers that `base` scores with some of them replaced, and their score. `marks` are all that count then.

    What is replaced says by whom and when; everything else stays as the inspector gave it. Raises `AnswersRefused`.
    """
    revision = await _replace(
        session, visit, base.answers_revision_id, answers, made_by=made_by, reason=reason, now=now
    )
    return await submitting.make_score(
        session, visit, revision, made_by=made_by, reason=reason, marks=marks, now=now
    )


async def _replace(
    session: AsyncSession,
    visit: Visit,
    base_id: UUID,
    answers: Mapping[str, Answer],
    *,
    made_by: UUID,
    reason: str,
    now: datetime,
) -> AnswersRevision:
    last = await queries.latest_answers(session, visit)
    assert last is not None  # there is a score of them
    revision = AnswersRevision(
        id=new_id(), visit_id=visit.id, number=last.number + 1, made_by=made_by, made_at=now, reason=reason
    )
    session.add(revision)
    await session.flush()
    kept = [
        {name: getattr(row, name) for name in AnswerRow.__table__.columns.keys()}  # noqa: SIM118 (not a dict)
        for row in await queries.answers_in(session, base_id)
        if row.item_code not in answers
    ]
    replaced = [
        {
            "item_code": code,
            "content": one.model_dump(mode="json", exclude_defaults=True),
            "answered_by": made_by,
            "device_at": now,
            "received_at": now,
            "clock_offset_ms": None,
        }
        for code, one in answers.items()
    ]
    await session.execute(
        sa.insert(AnswerRow), [{**row, "revision_id": revision.id} for row in kept + replaced]
    )
    return revision
