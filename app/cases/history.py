"""One thing that happened to an appeal or an action: its step, the audit entry and the event, in one transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import JsonValue, record, record_by_itself
from app.cases import queries, rules, rules_actions
from app.cases.models import Appeal, AppealStep
from app.cases.models_actions import Action, ActionStep
from app.events.kinds import Kind as Event
from app.events.service import announce
from app.identity.actor import Actor
from app.kit.ids import new_id
from app.review import queries_reports
from app.review.models import Publication

_OF_APPEALS: Mapping[rules.StepKind, Event] = {
    rules.StepKind.FILED: Event.APPEAL_FILED,
    rules.StepKind.ADMITTED: Event.APPEAL_ADMITTED,
    rules.StepKind.APPOINTED: Event.APPEAL_ADMITTED,  # for who was appointed later, it is admitted now
    rules.StepKind.RETURNED: Event.APPEAL_RETURNED,
    rules.StepKind.DECIDED: Event.APPEAL_DECIDED,
    rules.StepKind.ESCALATED: Event.APPEAL_ESCALATED,
    rules.StepKind.WITHDRAWN: Event.APPEAL_WITHDRAWN,
}
_OF_ACTIONS: Mapping[rules_actions.StepKind, Event] = {
    rules_actions.StepKind.OPENED: Event.ACTION_OPENED,
    rules_actions.StepKind.STARTED: Event.ACTION_STARTED,
    rules_actions.StepKind.ASSIGNED: Event.ACTION_ASSIGNED,
    rules_actions.StepKind.PROOF_SUBMITTED: Event.ACTION_PROOF_SUBMITTED,
    rules_actions.StepKind.PROOF_ACCEPTED: Event.ACTION_PROOF_ACCEPTED,
    rules_actions.StepKind.PROOF_REFUSED: Event.ACTION_PROOF_REFUSED,
    rules_actions.StepKind.VERIFIED: Event.ACTION_VERIFIED,
    rules_actions.StepKind.FAILED_AGAIN: Event.ACTION_REOPENED,
    rules_actions.StepKind.ESCALATED: Event.ACTION_OVERDUE,
    rules_actions.StepKind.CANCELLED: Event.ACTION_CANCELLED,
}


async def of_appeal(
    session: AsyncSession,
    appeal: Appeal,
    kind: rules.StepKind,
    *,
    actor: Actor | None,
    now: datetime,
    item: str | None = None,
    note: str = "",
    people: Iterable[UUID] = (),
) -> None:
    """`people` find it in their inbox; `actor` is null for the service itself."""
    session.add(
        AppealStep(
            id=new_id(),
            appeal_id=appeal.id,
            kind=kind,
            actor_id=actor.person_id if actor else None,
            item_code=item,
            note=note,
            at=now,
        )
    )
    details: dict[str, JsonValue] = {"item": item, "note": note}
    _audit(session, actor, appeal, f"appeal.{kind}", details=details, now=now)
    event = _OF_APPEALS.get(kind)
    if event is not None:
        announce(
            session,
            event,
            organisation_id=appeal.organisation_id,
            subject_id=appeal.id,
            visit_id=appeal.visit_id,
            outlet_id=appeal.outlet_id,
            people=people,
            data=await _told_of_appeal(session, appeal),
            now=now,
        )


async def of_action(
    session: AsyncSession,
    action: Action,
    kind: rules_actions.StepKind,
    *,
    actor: Actor | None,
    now: datetime,
    note: str = "",
    publication_id: UUID | None = None,
    people: Iterable[UUID] = (),
) -> None:
    """`publication_id` is the report that caused it; `people` find it in their inbox."""
    session.add(
        ActionStep(
            id=new_id(),
            action_id=action.id,
            kind=kind,
            state=action.state,
            actor_id=actor.person_id if actor else None,
            publication_id=publication_id,
            note=note,
            at=now,
        )
    )
    details: dict[str, JsonValue] = {"state": str(action.state), "note": note}
    _audit(session, actor, action, f"action.{kind}", details=details, now=now)
    event = _OF_ACTIONS.get(kind)
    if event is not None:
        publication = await _publication(session, action.publication_id)
        announce(
            session,
            event,
            organisation_id=action.organisation_id,
            subject_id=action.id,
            visit_id=publication.visit_id,
            outlet_id=action.outlet_id,
            people=people,
            data={
                "alias": publication.alias,
                "state": str(action.state),
                "item": action.item_code,
                "due_on": action.due_on.isoformat(),
            },
            now=now,
        )


async def _told_of_appeal(session: AsyncSession, appeal: Appeal) -> dict[str, JsonValue]:
    publication = await _publication(session, appeal.publication_id)
    items = (await queries.items_of(session, [appeal]))[appeal.id]
    rulings = (await queries.rulings_of(session, [appeal]))[appeal.id]
    is_decided = appeal.state is rules.State.DECIDED
    return {
        "alias": publication.alias,
        "state": str(appeal.state),
        "items": [item.item_code for item in items],
        "decision": {code: str(one.category) for code, one in rulings.items()} if is_decided else None,
        "due_at": appeal.decision_due_at.isoformat(),
    }


async def _publication(session: AsyncSession, publication_id: UUID) -> Publication:
    return (await queries_reports.publications_by_id(session, [publication_id]))[publication_id]


def _audit(
    session: AsyncSession,
    actor: Actor | None,
    case: Appeal | Action,
    name: str,
    *,
    details: Mapping[str, JsonValue],
    now: datetime,
) -> None:
    if actor is None:
        record_by_itself(session, case.organisation_id, name, subject_id=case.id, details=details, now=now)
    else:
        record(session, actor, name, subject_id=case.id, details=details, now=now)
