"""What a published report does to an outlet's actions: opens, verifies, opens again, takes back (D8.5, D2.13)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import history, people, queries_actions, rules
from app.cases.models_actions import Action
from app.cases.rules_actions import (
    PROVEN,
    Effect,
    Finding,
    Looked,
    Origin,
    Rule,
    Standing,
    State,
    StepKind,
    effect,
    findings,
)
from app.checklists.document import Document
from app.kit.clock import local_date
from app.kit.ids import new_id
from app.programmes.rules import Ownership
from app.review import queries_reports
from app.review.models import Publication
from app.visits import answering
from app.visits.models import ScoreRevision, Visit
from app.visits.terms import Terms, terms_of

MICRO = 1_000_000
BELOW_TARGET = "Below the target."
NORM_BREACHED = "A basic norm was breached."
SCORE_REVISED = "The report was revised: the item is not below its target any more."


def rule_of(terms: Terms) -> Rule:
    """What opens actions by itself under these terms; at a competitor's nobody puts anything right (D2.3)."""
    chosen = terms.rules.rectification
    return Rule(
        automatic=chosen.automatic and terms.ownership is not Ownership.COMPETITOR,
        target=terms.rules.rectification_target,
        items=None if chosen.items is None else frozenset(chosen.items),
        indicators=None if chosen.indicators is None else frozenset(chosen.indicators),
        vetoes_always=chosen.vetoes_always,
    )


async def look(
    session: AsyncSession,
    publication: Publication,
    visit: Visit,
    score: ScoreRevision,
    *,
    is_first: bool,
    now: datetime,
) -> None:
    """One edition of a report against all that is open at its outlet; the caller holds the outlet locked."""
    document = await answering.document_of(session, visit)
    found = {finding.code: finding for finding in findings(score.explanation)}
    actions = await queries_actions.open_at(session, publication.outlet_id, checklist_code=document.id)
    for action in actions:
        await _apply(session, action, publication, found.get(action.item_code), is_first=is_first, now=now)
    rule = rule_of(terms_of(visit))
    wanted = [finding for finding in found.values() if rule.opens(finding)]
    known = {action.item_code for action in actions}
    known |= await queries_actions.items_opened_by(session, publication)
    missing = [finding for finding in wanted if finding.code not in known]
    if missing:
        mended = await _met_since(session, publication, rule.target, checklist_code=document.id)
        for finding in missing:
            if finding.code not in mended:
                await _open(session, publication, visit, document, finding, now=now)


async def _apply(
    session: AsyncSession,
    action: Action,
    publication: Publication,
    finding: Finding | None,
    *,
    is_first: bool,
    now: datetime,
) -> None:
    origin = (await queries_reports.publications_by_id(session, [action.publication_id]))[
        action.publication_id
    ]
    target = Decimal(action.target_micro) / MICRO
    standing = Standing.UNSEEN if finding is None else finding.against(target)
    looked = Looked(
        is_origin=action.publication_id == publication.id,
        is_later_visit=publication.visited_on > origin.visited_on,
        is_first_edition=is_first,
        failed_here=action.failed_in == publication.id,
        visited_on=publication.visited_on,
    )
    what = effect(looked, standing, origin=action.origin, proof_on=action.proof_on)
    match what:
        case Effect.NONE:
            return
        case Effect.VERIFY:
            close(action, State.VERIFIED, because="", now=now)
            action.verified_in = publication.id
        case Effect.CANCEL:
            close(action, State.CANCELLED, because=SCORE_REVISED, now=now)
        case Effect.FAIL:
            await _fail(session, action, publication, now=now)
        case Effect.TAKE_FAILURE_BACK:
            action.times_failed, action.failed_in = action.times_failed - 1, None
            action.state = State.AWAITING_RECHECK if action.state is State.REOPENED else action.state
        case Effect.FAIL_BEFORE_PROOF | Effect.NOTE_UNSEEN:
            pass
    await history.of_action(
        session,
        action,
        _STEPS[what],
        actor=None,
        publication_id=publication.id,
        note=action.closed_because or "",
        people=await people.managers(session, action),
        now=now,
    )


_STEPS: Mapping[Effect, StepKind] = {
    Effect.VERIFY: StepKind.VERIFIED,
    Effect.CANCEL: StepKind.CANCELLED,
    Effect.FAIL: StepKind.FAILED_AGAIN,
    Effect.TAKE_FAILURE_BACK: StepKind.FAILURE_REVISED,
    Effect.FAIL_BEFORE_PROOF: StepKind.FAILED_BEFORE_PROOF,
    Effect.NOTE_UNSEEN: StepKind.NOT_SEEN,
}


def close(action: Action, state: State, *, because: str, now: datetime) -> None:
    action.state, action.closed_at, action.closed_because = state, now, because


async def _fail(session: AsyncSession, action: Action, publication: Publication, *, now: datetime) -> None:
    """Wrong again: what was proven is open again, and there is as much time as the first time."""
    action.times_failed, action.failed_in = action.times_failed + 1, publication.id
    if action.state in PROVEN:
        action.state, action.reopened_at = State.REOPENED, now
    outlet = (await queries_reports.outlets_of(session, [publication]))[publication.outlet_id]
    fall_due(action, after=action.days, time_zone=outlet.time_zone, now=now)


def fall_due(action: Action, *, after: int, time_zone: str, now: datetime) -> None:
    """So many days from today, at the outlet; whoever was told that it is late is told again if it is late again."""
    action.due_on = local_date(now, time_zone) + timedelta(days=after)
    action.due_at = rules.day_ends_at(action.due_on, time_zone)
    action.escalated_at = None


async def _met_since(
    session: AsyncSession, publication: Publication, target: Decimal, *, checklist_code: str
) -> set[str]:
    """Items that a report of a later visit found in order: this one was published late."""
    later = await queries_actions.later_reports(session, publication, checklist_code=checklist_code)
    editions = await queries_reports.editions_of(session, later)
    return {
        finding.code
        for one in later
        for finding in findings(editions[one.id].score.explanation)
        if finding.against(target) is Standing.MET
    }


async def _open(
    session: AsyncSession,
    publication: Publication,
    visit: Visit,
    document: Document,
    finding: Finding,
    *,
    now: datetime,
) -> None:
    programme = terms_of(visit).rules
    action = await make(
        session,
        publication,
        document,
        finding.code,
        origin=Origin.RULE,
        reason=NORM_BREACHED if finding.vetoed else BELOW_TARGET,
        target=programme.rectification_target,
        days=programme.rectification_days,
        owner_id=await queries_actions.first_manager(session, publication.outlet_id),
        now=now,
    )
    session.add(action)
    await session.flush()
    concerned = await people.managers(session, action)
    await history.of_action(
        session, action, StepKind.OPENED, actor=None, publication_id=publication.id, people=concerned, now=now
    )


async def make(
    session: AsyncSession,
    publication: Publication,
    document: Document,
    item_code: str,
    *,
    origin: Origin,
    reason: str,
    target: Decimal,
    days: int,
    owner_id: UUID | None,
    now: datetime,
) -> Action:
    """An open action, not yet in the session. Of `days` the last one is included."""
    outlet = (await queries_reports.outlets_of(session, [publication]))[publication.outlet_id]
    text = next(item.text for item in document.items() if item.code == item_code)
    action = Action(
        id=new_id(),
        organisation_id=publication.organisation_id,
        outlet_id=publication.outlet_id,
        checklist_code=document.id,
        item_code=item_code,
        item_text=text.model_dump(mode="json"),
        publication_id=publication.id,
        origin=origin,
        state=State.OPEN,
        reason=reason,
        target_micro=int(target * MICRO),
        owner_id=owner_id,
        opened_at=now,
        days=days,
        times_failed=1 if origin is Origin.RULE else 0,
    )
    fall_due(action, after=days, time_zone=outlet.time_zone, now=now)
    return action


async def cancel_of_void_visits(session: AsyncSession, *, now: datetime) -> int:
    """Actions that rest on a report which was taken back. Gives how many."""
    actions: Sequence[Action] = (await session.scalars(queries_actions.of_void_visits())).all()
    for action in actions:
        close(action, State.CANCELLED, because="The report was taken back.", now=now)
        concerned = await people.managers(session, action)
        await history.of_action(
            session,
            action,
            StepKind.CANCELLED,
            actor=None,
            note=action.closed_because or "",
            people=concerned,
            now=now,
        )
    return len(actions)
