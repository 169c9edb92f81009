"""Second marking, seen by who does it: from the recordings, blind, handed in once (D8.1)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.checklists.document import Document, Item
from app.identity.actor import Actor
from app.kit.problems import NotFound
from app.kit.storage import Storage
from app.recordings import muting, playback
from app.recordings import queries as recordings
from app.recordings.playback import Playback
from app.recordings.rules import Kind, RenditionKind
from app.review import queries_marking
from app.review.models import MarkingDraft, MarkingTask, SecondMark, SecondMarking
from app.review.pairing import category_of, fraction_of, markable, micro
from app.review.problems import MarkingDone, MarkingIncomplete
from app.visits import answering, blinding, marking
from app.visits import queries as visits
from app.visits.answers import Answer
from app.visits.models import Answer as GivenAnswer
from app.visits.models import Visit
from app.visits.problems import AnswersRefused
from app.visits.values import AnswerProblem

PURPOSE = "second marking"
HEARD = {Kind.VIDEO: RenditionKind.OUTLET, Kind.AUDIO: RenditionKind.OUTLET, Kind.PHOTO: RenditionKind.PHOTO}


async def save(
    session: AsyncSession, actor: Actor, task_id: UUID, answers: Mapping[str, Answer], *, now: datetime
) -> tuple[MarkingTask, Visit]:
    """Keep answers as drafts that nobody else sees. Raises `AnswersRefused` and `MarkingDone`."""
    task, visit = await _open(session, actor, task_id)
    document = await answering.document_of(session, visit)
    _refuse(document, visit, answers)
    known = {draft.item_code: draft for draft in await queries_marking.drafts_of(session, task)}
    for code, answer in answers.items():
        draft = known.get(code)
        if draft is None:
            draft = MarkingDraft(task_id=task.id, item_code=code)
            session.add(draft)
        draft.content, draft.saved_at = answer.model_dump(mode="json", exclude_defaults=True), now
    await session.flush()
    return task, visit


async def hand_in(
    session: AsyncSession, actor: Actor, task_id: UUID, *, now: datetime
) -> tuple[MarkingTask, Visit]:
    """Freeze the marks beside what the inspector said at first. From now on the marker may see the visit.

    Raises `MarkingIncomplete`, naming the items without an answer, and `MarkingDone`.
    """
    task, visit = await _open(session, actor, task_id)
    document = await answering.document_of(session, visit)
    drafts = await drafts_of(session, task)
    missing = open_items(document, visit, drafts)
    if missing:
        raise MarkingIncomplete(f"No answer yet: {', '.join(missing)}.", items=missing)
    done = SecondMarking(
        task_id=task.id,
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        marker_id=actor.person_id,
        submitted_at=now,
    )
    session.add(done)
    await session.flush()
    first = await queries_marking.first_answers(session, visit)
    given = {row.item_code: row for row in await visits.answers_in(session, first.id)}
    session.add_all(
        _pair(done, item, drafts[item.code], given.get(item.code))
        for item in markable(document, purpose=visit.purpose)
        if item.code in drafts
    )
    await blinding.take_off(session, visit, actor.person_id, now=now)
    record(session, actor, "second_marking.submitted", subject_id=visit.id, now=now)
    await session.flush()
    return task, visit


async def play(
    session: AsyncSession,
    storage: Storage,
    actor: Actor,
    task_id: UUID,
    *,
    recording_id: UUID,
    life: timedelta,
    now: datetime,
) -> Playback:
    """Open a player on a recording or a photo of the visit; noted like every play (D10.3)."""
    _task, visit = await queries_marking.get_task(session, actor, task_id)
    files = {one.id: one for one in await recordings.recordings_of_visit(session, visit.id)}
    if recording_id not in files or files[recording_id].medium not in HEARD:
        raise NotFound("The visit has no recording or photo with this id.")
    rendition = await muting.get_playable(session, recording_id, HEARD[files[recording_id].medium])
    return await playback.open_playback(
        session, storage, actor, rendition, purpose=PURPOSE, life=life, now=now
    )


async def drafts_of(session: AsyncSession, task: MarkingTask) -> dict[str, Answer]:
    """By item: what the marker has said so far."""
    rows = await queries_marking.drafts_of(session, task)
    return {row.item_code: Answer.model_validate(row.content) for row in rows}


def open_items(document: Document, visit: Visit, drafts: Mapping[str, Answer]) -> list[str]:
    """Items that must have an answer and have none; "not observed" is one."""
    own = {item.code for item in markable(document, purpose=visit.purpose)}
    missing = marking.missing_required(document, drafts, purpose=visit.purpose)
    return [one.item for one in missing if one.item in own]


def _refuse(document: Document, visit: Visit, answers: Mapping[str, Answer]) -> None:
    own = {item.code for item in markable(document, purpose=visit.purpose)}
    known = {item.code for item in document.items()}
    foreign = [AnswerProblem(code, "is not marked a second time") for code in answers if code in known - own]
    wrong = [*marking.answer_problems(document, answers), *foreign]
    if wrong:
        raise AnswersRefused(wrong)


async def _open(session: AsyncSession, actor: Actor, task_id: UUID) -> tuple[MarkingTask, Visit]:
    """A task of the actor's that is not handed in; locked against a second time."""
    task, visit = await queries_marking.get_task(session, actor, task_id, lock=True)
    if await queries_marking.find_marking(session, task) is not None:
        raise MarkingDone("You have handed it in.")
    return task, visit


def _pair(done: SecondMarking, item: Item, second: Answer, row: GivenAnswer | None) -> SecondMark:
    first = None if row is None else answering.read(row)
    return SecondMark(
        task_id=done.task_id,
        item_code=item.code,
        content=second.model_dump(mode="json", exclude_defaults=True),
        category=category_of(item, second),
        fraction_micro=micro(fraction_of(item, second)),
        inspector_id=None if row is None else row.answered_by,
        inspector_category=category_of(item, first),
        inspector_fraction_micro=micro(fraction_of(item, first)),
    )
