"""What an outlet does: dispute items of a report, add what supports it, think better of it (D8.4)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import following, history, people, queries, rules
from app.cases.models import Appeal, AppealItem, CaseFile, FollowUp
from app.cases.problems import AppealOpen, AppealWindowClosed, AppealWrongState, ItemsDecided
from app.cases.rules import OPEN, State, StepKind
from app.cases.schemas import AppealIn
from app.identity.actor import Actor, Role
from app.kit.ids import new_id
from app.kit.problems import AlreadyExists, Forbidden
from app.outlets import queries as outlets
from app.review import queries_reports
from app.review.models import Publication, PublicationRevision
from app.review.problems import UnknownItems
from app.review.queries_reports import Edition
from app.visits import answering, marking
from app.visits import queries as visits
from app.visits.models import Visit
from app.visits.rules import State as VisitState
from app.visits.terms import terms_of
from app.visits.transitions import become, require_state


async def file(session: AsyncSession, actor: Actor, alias: str, body: AppealIn, *, now: datetime) -> Appeal:
    """Dispute items of a report. Its score is provisional until somebody decides, not hidden.

    Raises `AppealOpen`, `AppealWindowClosed`, `ItemsDecided`, `UnknownItems`, `WrongState` and `AlreadyExists`.
    """
    publication = await get_own_report(session, actor, alias, now=now)
    visit = await queries.lock_visit(session, publication.visit_id)  # the clock may make it final meanwhile
    codes = [one.item for one in body.items]
    follow_up = await following.follow_up_of(session, publication, visit)
    await _require_unused(session, body.id)
    await _require_in_time(session, publication, follow_up, codes, now=now)
    require_state(visit, VisitState.PUBLISHED, to="be disputed")
    await _require_open_items(session, publication, visit, codes)
    edition = (await queries_reports.editions_of(session, [publication]))[publication.id]
    appeal = await _made(session, actor, publication, edition, body, now=now)
    become(session, visit, VisitState.APPEALED, actor=actor, reason="", now=now)
    concerned = await people.supervisors(session, appeal)
    await history.of_appeal(session, appeal, StepKind.FILED, actor=actor, people=concerned, now=now)
    await session.flush()
    return appeal


async def withdraw(session: AsyncSession, actor: Actor, appeal_id: UUID, *, now: datetime) -> Appeal:
    """By anybody in charge of the outlet, while nothing is decided."""
    appeal = await get_of_outlet(session, actor, appeal_id, now=now)
    require(appeal, *OPEN, to="be withdrawn")
    await settle(session, actor, appeal, State.WITHDRAWN, because=None, now=now)
    concerned = await people.supervisors(session, appeal) | await people.panel(session, appeal)
    await history.of_appeal(session, appeal, StepKind.WITHDRAWN, actor=actor, people=concerned, now=now)
    await session.flush()
    return appeal


async def get_of_outlet(
    session: AsyncSession, actor: Actor, appeal_id: UUID, *, now: datetime, lock: bool = True
) -> Appeal:
    """An appeal the actor may act on for the outlet. Raises `NotFound`, and `Forbidden` for those who only see it."""
    appeal = await queries.get_appeal(session, actor, appeal_id, now=now, lock=lock)
    manager = actor.only(Role.OUTLET_MANAGER)
    if not await outlets.is_in_reach(session, manager, appeal.outlet_id, now=now):
        raise Forbidden("Only who is in charge of the outlet may do this.", roles=[str(Role.OUTLET_MANAGER)])
    return appeal


async def get_own_report(session: AsyncSession, actor: Actor, alias: str, *, now: datetime) -> Publication:
    """A report of an outlet in the actor's charge. Raises `NotFound`, and `Forbidden` for those who only read it."""
    publication = await queries_reports.get_report(session, actor, alias, now=now)
    manager = actor.only(Role.OUTLET_MANAGER)
    if not await outlets.is_in_reach(session, manager, publication.outlet_id, now=now):
        raise Forbidden("Only who is in charge of the outlet may do this.", roles=[str(Role.OUTLET_MANAGER)])
    return publication


async def note_attachment(session: AsyncSession, actor: Actor, file: CaseFile, *, now: datetime) -> None:
    """It has arrived."""
    assert file.appeal_id is not None
    appeal = await session.get_one(Appeal, file.appeal_id)
    await history.of_appeal(session, appeal, StepKind.ATTACHED, actor=actor, note=str(file.number), now=now)


async def settle(
    session: AsyncSession,
    actor: Actor | None,
    appeal: Appeal,
    state: State,
    *,
    because: str | None,
    now: datetime,
    outcome: PublicationRevision | None = None,
) -> None:
    """The appeal is over; its visit is published again, or final if the time to dispute it is over."""
    visit = await queries.lock_visit(session, appeal.visit_id)
    follow_up = await queries.find_follow_up(session, appeal.publication_id)
    assert follow_up is not None  # filing made it
    appeal.state, appeal.settled_at, appeal.settled_because = state, now, because
    appeal.outcome_id = None if outcome is None else outcome.id
    if visit.state is VisitState.APPEALED:
        is_over = follow_up.final_from <= now
        wanted = VisitState.FINAL if is_over else VisitState.PUBLISHED
        become(session, visit, wanted, actor=actor, reason="", now=now)


def require(appeal: Appeal, *states: State, to: str) -> None:
    if appeal.state not in states:
        raise AppealWrongState(f"An appeal that is {appeal.state} cannot {to}.", state=str(appeal.state))


async def _require_unused(session: AsyncSession, appeal_id: UUID | None) -> None:
    if appeal_id is not None and await queries.find_anywhere(session, appeal_id) is not None:
        raise AlreadyExists("There is an appeal with this id already.")


async def _require_in_time(
    session: AsyncSession,
    publication: Publication,
    follow_up: FollowUp,
    codes: Sequence[str],
    *,
    now: datetime,
) -> None:
    against = await queries.appeals_against(session, publication)
    still_open = next((one for one in against if one.state in OPEN), None)
    if still_open is not None:
        raise AppealOpen("Wait for the decision, or withdraw the appeal.", appeal_id=str(still_open.id))
    if now < follow_up.window_closes_at:
        return
    last = against[0] if against and against[0].state is State.RETURNED else None
    returned = [] if last is None else (await queries.items_of(session, [last]))[last.id]
    until = None if last is None else last.refile_until
    if not rules.refiles(codes, returned=[one.item_code for one in returned], until=until, now=now):
        closed_at = follow_up.window_closes_at.isoformat()
        raise AppealWindowClosed(f"It closed at {closed_at}.", closed_at=closed_at)


async def _require_open_items(
    session: AsyncSession, publication: Publication, visit: Visit, codes: Sequence[str]
) -> None:
    document = await answering.document_of(session, visit)
    asked = {item.code for item in marking.asked_items(document, purpose=visit.purpose)}
    unknown = [code for code in codes if code not in asked]
    if unknown:
        raise UnknownItems(f"Not in the report: {', '.join(unknown)}.", items=unknown)
    decided = sorted(set(codes) & await queries.decided_items(session, publication))
    if decided:
        raise ItemsDecided(f"Decided before: {', '.join(decided)}.", items=decided)


async def _made(
    session: AsyncSession,
    actor: Actor,
    publication: Publication,
    edition: Edition,
    body: AppealIn,
    *,
    now: datetime,
) -> Appeal:
    visit = await queries_reports.get_visit_behind(session, publication)
    outlet = await visits.get_outlet(session, visit)
    days = terms_of(visit).rules.appeal_decision_days
    appeal = Appeal(
        id=body.id or new_id(),
        organisation_id=publication.organisation_id,
        publication_id=publication.id,
        visit_id=publication.visit_id,
        outlet_id=publication.outlet_id,
        state=State.FILED,
        statement=body.statement,
        filed_by=actor.person_id,
        filed_at=now,
        edition_id=edition.revision.id,
        decision_due_at=rules.end_after(now, days=days, time_zone=outlet.time_zone),
    )
    session.add(appeal)
    await session.flush()
    fired = {veto["item"] for veto in edition.score.explanation["vetoes"]}
    session.add_all(
        AppealItem(appeal_id=appeal.id, item_code=one.item, reason=one.reason, vetoed=one.item in fired)
        for one in body.items
    )
    await session.flush()
    return appeal
