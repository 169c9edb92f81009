"""What a reviewer does with a submitted visit: open it, judge vetoes, mark, send back, approve (D4.3, D8.1, D8.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.events.kinds import Kind
from app.identity.actor import Actor
from app.kit.ids import new_id
from app.review import announcing, assigning, queries, rules
from app.review.casework import Casework, gather
from app.review.models import Approval, SendBack, SendBackItem, VetoVerdict
from app.review.problems import ApprovalBlocked, NoSuchVeto, UnknownItems
from app.review.schemas import ApproveIn, SendBackIn, VerdictIn
from app.visits import marking, submitting
from app.visits.models import ScoreRevision, Visit
from app.visits.problems import AnswersRefused
from app.visits.rules import State
from app.visits.terms import terms_of
from app.visits.transitions import become, require_state


async def open_review(session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime) -> Visit:
    """Take the visit up; where it is to be marked twice, somebody else is drawn for it, who does not see it any more.

    Opening one that is in review changes nothing.
    """
    visit = await queries.get_for_review(session, actor, visit_id, now=now)
    if visit.state is not State.IN_REVIEW:
        require_state(visit, State.SUBMITTED, to="be taken up for review")
        become(session, visit, State.IN_REVIEW, actor=actor, reason="", now=now)
        await session.flush()
        announcing.of_visit(session, Kind.REVIEW_OPENED, visit, now=now)
        await assigning.see_to_second_marking(session, visit, now=now)
    return visit


async def judge_veto(
    session: AsyncSession, actor: Actor, visit_id: UUID, item: str, body: VerdictIn, *, now: datetime
) -> Casework:
    """A second person's word on a veto that fired (D4.3). Raises `NoSuchVeto`."""
    visit = await _in_review(session, actor, visit_id, "have its vetoes judged", now)
    work = await gather(session, visit)
    if item not in work.fired():
        raise NoSuchVeto(f"No veto of {item} fired.", fired=work.fired())
    session.add(
        VetoVerdict(
            id=new_id(),
            organisation_id=visit.organisation_id,
            visit_id=visit.id,
            answers_revision_id=work.revision.id,
            item_code=item,
            verdict=body.verdict,
            reason=body.reason,
            decided_by=actor.person_id,
            decided_at=now,
        )
    )
    details = {"item": item, "verdict": str(body.verdict)}
    record(session, actor, "veto.judged", subject_id=visit.id, details=details, now=now)
    await session.flush()
    return await gather(session, visit)


async def mark(
    session: AsyncSession, actor: Actor, visit_id: UUID, marks: Mapping[str, Decimal], *, now: datetime
) -> ScoreRevision:
    """Fractions for texts and photos that have a weight (D3.3): a new score revision, unless nothing changed.

    Raises `AnswersRefused` for an item that is not marked by a reviewer.
    """
    visit = await _in_review(session, actor, visit_id, "be marked", now)
    work = await gather(session, visit)
    wrong = marking.answer_problems(work.document, {}, marks)
    if wrong:
        raise AnswersRefused(wrong)
    if submitting.marks_of(work.score) == dict(marks):
        return work.score
    return await submitting.make_score(
        session,
        visit,
        work.revision,
        made_by=actor.person_id,
        reason="marked in review",
        marks=marks,
        now=now,
    )


async def send_back(
    session: AsyncSession, actor: Actor, visit_id: UUID, body: SendBackIn, *, now: datetime
) -> Visit:
    """Give the visit back to its inspector, naming items and reason; corrections make new revisions (D8.2)."""
    visit = await queries.get_for_review(session, actor, visit_id, now=now)
    require_state(visit, State.SUBMITTED, State.IN_REVIEW, to="be sent back")
    work = await gather(session, visit)
    _require_known(work, [one.item for one in body.items])
    sent = SendBack(
        id=new_id(),
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        answers_revision_id=work.revision.id,
        reason=body.reason,
        sent_by=actor.person_id,
        sent_at=now,
    )
    session.add(sent)
    await session.flush()
    session.add_all(
        SendBackItem(send_back_id=sent.id, item_code=one.item, reason=one.reason) for one in body.items
    )
    become(session, visit, State.LEFT, actor=actor, reason=body.reason, now=now)
    await announcing.sent_back(session, visit, [one.item for one in body.items], now=now)
    return visit


async def approve(
    session: AsyncSession, actor: Actor, visit_id: UUID, body: ApproveIn, *, now: datetime
) -> tuple[Approval, list[rules.Finding]]:
    """Let the report go out, once its delay is over. Gives what the approver should know besides.

    Raises `ApprovalBlocked`, listing everything that stands in the way (D4.3, D7.3).
    """
    visit = await _in_review(session, actor, visit_id, "be approved", now)
    work = await gather(session, visit)
    case = work.case(files_may_miss=body.without_files_because is not None)
    blocked = rules.blocks(case)
    if blocked:
        raise ApprovalBlocked(
            " ".join(one.message for one in blocked),
            blocks=[{"rule": one.rule, "message": one.message, "where": list(one.where)} for one in blocked],
        )
    become(session, visit, State.APPROVED, actor=actor, reason=body.without_files_because or "", now=now)
    delay = terms_of(visit).rules.publication_delay_hours
    approval = Approval(
        id=new_id(),
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        score_revision_id=work.score.id,
        summary_for_outlet=body.summary_for_outlet,
        without_files_because=body.without_files_because,
        approved_by=actor.person_id,
        approved_at=now,
        publish_after=rules.publish_after(now, delay_hours=delay),
    )
    session.add(approval)
    record(session, actor, "visit.approved", subject_id=visit.id, now=now)
    announcing.of_visit(session, Kind.REVIEW_APPROVED, visit, now=now)
    await session.flush()
    return approval, rules.remarks(case)


async def reopen(session: AsyncSession, actor: Actor, visit_id: UUID, *, reason: str, now: datetime) -> Visit:
    """Take an approval back while nothing is published."""
    visit = await queries.get_for_review(session, actor, visit_id, now=now)
    require_state(visit, State.APPROVED, to="be taken up for review again")
    become(session, visit, State.IN_REVIEW, actor=actor, reason=reason, now=now)
    return visit


async def _in_review(session: AsyncSession, actor: Actor, visit_id: UUID, wish: str, now: datetime) -> Visit:
    visit = await queries.get_for_review(session, actor, visit_id, now=now)
    require_state(visit, State.IN_REVIEW, to=wish)
    return visit


def _require_known(work: Casework, items: Sequence[str]) -> None:
    known = {item.code for item in work.document.items()}
    unknown = [code for code in items if code not in known]
    if unknown:
        raise UnknownItems(f"Not in the checklist: {', '.join(unknown)}.", items=unknown)
