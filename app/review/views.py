"""From rows to wire types, for the desk."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.recordings import muting
from app.recordings import views as recordings
from app.review import assigning, queries, queries_queue, rules, views_marking
from app.review.casework import Casework, gather
from app.review.models import Approval
from app.review.rules import Finding
from app.review.schemas import (
    ApprovalOut,
    FindingOut,
    FiredVetoOut,
    QueuedOut,
    ReviewedAnswerOut,
    ReviewedFileOut,
    ReviewOut,
    SendBackItemOut,
    SendBackOut,
    WaitingOut,
)
from app.visits import marking, queries_evidence, views_timeline
from app.visits import queries as visits
from app.visits import views as visit_views
from app.visits.models import ManifestEntry, Visit
from app.visits.rules import State, review_due_at
from app.visits.schemas import CheckInOut
from app.visits.schemas_answers import AnswerChangeOut
from app.visits.schemas_leaving import ManifestFileOut
from app.visits.terms import terms_of
from app.visits.timelines import draw


async def queue(session: AsyncSession, rows: Sequence[Visit], *, now: datetime) -> list[QueuedOut]:
    shown = await visit_views.visits(session, rows)
    ids = [row.id for row in rows]
    scores = await queries_queue.latest_scores(session, ids)
    told = await queries_queue.escalations_of(session, ids)
    standings = await assigning.standings(session, rows, scores)
    return [
        QueuedOut(
            visit=visit,
            due_at=_due_at(row),
            overdue=now > _due_at(row),
            escalated_at=told.get(row.id),
            vetoes=[veto["item"] for veto in scores[row.id].explanation["vetoes"]],
            second_marking=standings[row.id].status,
        )
        for row, visit in zip(rows, shown, strict=True)
    ]


async def sheet(session: AsyncSession, visit: Visit, *, now: datetime) -> ReviewOut:
    work = await gather(session, visit)
    due = _due_at(visit)
    return ReviewOut(
        visit=await visit_views.visit(session, visit),
        due_at=due,
        overdue=now > due and visit.state in queries.IN_QUEUE,
        answers_revision=work.revision.number,
        answers=_answers(work),
        check_ins=[CheckInOut.model_validate(row) for row in await visits.check_ins_of(session, visit)],
        score=visit_views.score(work.score),
        vetoes=vetoes(work),
        to_mark=[item.code for item in work.to_mark()],
        files=[_file(work, entry) for entry in work.manifest],
        findings=views_timeline.shown((await draw(session, visit)).findings, to_the_desk=True),
        send_backs=await send_backs(session, visit),
        changes=await _changes(session, work),
        second_marking=views_marking.of_visit(work),
        blocks=findings(rules.blocks(work.case())),
        remarks=findings(rules.remarks(work.case())),
    )


def vetoes(work: Casework) -> list[FiredVetoOut]:
    items = {item.code: item for item in work.document.items()}
    shown = []
    for fired, state in zip(work.score.explanation["vetoes"], work.case().vetoes, strict=True):
        given, verdict = work.given(state.item), work.verdicts.get(state.item)
        shown.append(
            FiredVetoOut(
                item=state.item,
                text=items[state.item].text,
                scope=fired["scope"],
                target=fired["target"],
                evidence=list(given.evidence) if given else [],
                needs_confirmation=state.needs_confirmation,
                verdict=state.verdict,
                reason=verdict.reason if verdict else None,
                decided_by=verdict.decided_by if verdict else None,
                decided_at=verdict.decided_at if verdict else None,
            )
        )
    return shown


async def send_backs(session: AsyncSession, visit: Visit) -> list[SendBackOut]:
    """Newest first."""
    rows = await queries.send_backs_of(session, visit)
    items = await queries.items_of(session, rows)
    numbers = {one.id: one.number for one in await visits.answers_revisions_of(session, visit)}
    return [
        SendBackOut(
            id=row.id,
            reason=row.reason,
            items=[SendBackItemOut(item=one.item_code, reason=one.reason) for one in items[row.id]],
            answers_revision=numbers[row.answers_revision_id],
            sent_at=row.sent_at,
        )
        for row in rows
    ]


def approval(row: Approval, remarks: Sequence[Finding]) -> ApprovalOut:
    return ApprovalOut(
        state=State.APPROVED,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        publish_after=row.publish_after,
        summary_for_outlet=row.summary_for_outlet,
        without_files_because=row.without_files_because,
        remarks=findings(remarks),
    )


async def waiting(session: AsyncSession, rows: Sequence[Approval], *, now: datetime) -> list[WaitingOut]:
    found = await visits.visits_by_id(session, [row.visit_id for row in rows])
    of_visits = [found[row.visit_id] for row in rows]
    shown = await visit_views.visits(session, of_visits)
    files = await queries_evidence.declared_by_visit(session, list(found))
    declared = [one for some in files.values() for one in some]
    unseen = await muting.faces_to_confirm(session, declared)
    awaited = await muting.awaited(session, declared)
    return [
        WaitingOut(
            visit=visit,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
            publish_after=row.publish_after,
            due=row.publish_after <= now,
            summary_for_outlet=row.summary_for_outlet,
            faces_to_confirm=[one for one in files[row.visit_id] if one in unseen],
            being_rendered=[one for one in files[row.visit_id] if one in awaited],
        )
        for row, visit in zip(rows, shown, strict=True)
    ]


def findings(found: Sequence[Finding]) -> list[FindingOut]:
    return [FindingOut(rule=one.rule, message=one.message, where=list(one.where)) for one in found]


def _answers(work: Casework) -> list[ReviewedAnswerOut]:
    """Every asked item, in the order of the checklist."""
    return [
        ReviewedAnswerOut(
            item=item.code,
            text=item.text,
            answer=visit_views.answer(work.answers[item.code]) if item.code in work.answers else None,
        )
        for item in marking.asked_items(work.document, purpose=work.visit.purpose)
    ]


async def _changes(session: AsyncSession, work: Casework) -> list[AnswerChangeOut]:
    if work.revision.number == 1:
        return []
    return (await visit_views.answers_difference(session, work.visit, work.revision)).items


def _file(work: Casework, entry: ManifestEntry) -> ReviewedFileOut:
    arrived = work.arrived.get(str(entry.recording_id))
    return ReviewedFileOut(
        declared=ManifestFileOut.model_validate(entry),
        recording=None if arrived is None else recordings.recording(arrived),
    )


def _due_at(visit: Visit) -> datetime:
    """Kept with the visit; those submitted to a release that did not keep it yet are counted here."""
    assert visit.submitted_at is not None
    return visit.review_due_at or review_due_at(
        visit.submitted_at, review_hours=terms_of(visit).rules.review_due_hours
    )
