"""Answers as they come in from phones: in any order, more than once, from more than one device (D11)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists import queries as checklists
from app.checklists.document import Document
from app.identity.actor import Actor
from app.visits import field, marking, queries
from app.visits.answers import Answer
from app.visits.models import Answer as AnswerRow
from app.visits.models import DraftAnswer, Visit
from app.visits.problems import AnswersRefused
from app.visits.rules import State
from app.visits.schemas_answers import AnswerIn, AnswersIn
from app.visits.transitions import require_state

STILL_OPEN = (State.RESERVED, State.ACCEPTED, State.ENTERED, State.LEFT)


async def answer(
    session: AsyncSession, actor: Actor, visit_id: UUID, body: AnswersIn, *, now: datetime
) -> list[str]:
    """Keep a batch of answers as drafts; of two answers to one item the later by device time stays.

    Gives the items for which a later answer was known already. Raises `AnswersRefused`, naming every answer that
    does not fit the checklist; nothing of the batch is kept then.
    """
    visit = await field.require_own(session, actor, visit_id, now=now)
    require_state(visit, *STILL_OPEN, to="be answered")
    document = await document_of(session, visit)
    wrong = marking.answer_problems(document, body.answers)
    if wrong:
        raise AnswersRefused(wrong)
    known = {draft.item_code: draft for draft in await queries.drafts_of(session, visit)}
    superseded = []
    for code, one in body.answers.items():
        draft = known.get(code)
        if draft is not None and draft.device_at > one.device_at:
            superseded.append(code)
            continue
        if draft is None:
            draft = DraftAnswer(visit_id=visit.id, item_code=code)
            session.add(draft)
        draft.content, draft.answered_by = _content(one), actor.person_id
        draft.device_at, draft.received_at = one.device_at, now
        draft.clock_offset_ms = body.clock_offset_ms
    visit.summary = visit.summary if body.summary is None else body.summary
    visit.questions_asked = visit.questions_asked if body.questions_asked is None else body.questions_asked
    await session.flush()
    return sorted(superseded)


async def document_of(session: AsyncSession, visit: Visit) -> Document:
    """The checklist the visit answers, whatever was published since."""
    return checklists.document_of(await checklists.get_version_by_id(session, visit.checklist_version_id))


async def drafts(session: AsyncSession, visit: Visit) -> dict[str, Answer]:
    """The answers as they stand, by item."""
    return {draft.item_code: read(draft) for draft in await queries.drafts_of(session, visit)}


def read(row: DraftAnswer | AnswerRow) -> Answer:
    return Answer.model_validate(row.content)


def _content(one: AnswerIn) -> dict[str, Any]:
    """The answer itself, without its times: the same shape as in a file for the command line."""
    return one.model_dump(mode="json", exclude={"device_at"}, exclude_defaults=True)
