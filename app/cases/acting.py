"""What people do about an action: open one by hand, work on it, prove it, accept the proof, call it off (D8.5)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import history, people, queries_actions, queries_files, rechecking, rules
from app.cases.models import CaseFile
from app.cases.models_actions import Action
from app.cases.problems import ActionOpen, ActionWrongState, NoSuchMoment, OwnerUnfit, ProofMissing
from app.cases.queries_actions import DIRECTING, DOING
from app.cases.rules_actions import CLOSED, TO_BE_DONE, Origin, State, StepKind
from app.cases.schemas_actions import ActionIn, ReplanIn
from app.identity.actor import Actor, Role
from app.kit.clock import local_date
from app.kit.etags import require_version
from app.kit.problems import AlreadyExists, Forbidden, Invalid
from app.outlets import queries as outlets
from app.outlets import queries_duties as duties
from app.outlets.models import Outlet
from app.recordings import queries as recordings
from app.review import queries_reports
from app.review.models import Publication
from app.review.problems import UnknownItems
from app.review.rules import PublishedMedium
from app.visits import answering, marking
from app.visits.terms import terms_of

OPEN = frozenset(State) - CLOSED


async def open_by_hand(
    session: AsyncSession, actor: Actor, alias: str, body: ActionIn, *, now: datetime
) -> Action:
    """For an item of a report, perhaps from a moment of its recording. Raises `ActionOpen`, `UnknownItems`, `OwnerUnfit`."""
    publication = await queries_reports.get_report(session, actor, alias, now=now)
    await _require_in_charge(session, actor, publication.outlet_id, *DOING, now=now)
    await outlets.lock_outlets(session, [publication.outlet_id])
    visit = await queries_reports.get_visit_behind(session, publication)
    document = await answering.document_of(session, visit)
    if body.item not in {item.code for item in marking.asked_items(document, purpose=visit.purpose)}:
        raise UnknownItems(f"Not in the report: {body.item}.", items=[body.item])
    if body.id is not None and await queries_actions.find_anywhere(session, body.id) is not None:
        raise AlreadyExists("There is an action with this id already.")
    there = await queries_actions.open_at(session, publication.outlet_id, checklist_code=document.id)
    known = next((one for one in there if one.item_code == body.item), None)
    if known is not None:
        raise ActionOpen("Go on with that one.", action_id=str(known.id))
    await _require_moment(session, publication, body)
    programme = terms_of(visit).rules
    owner_id = body.owner_id or await queries_actions.first_manager(session, publication.outlet_id)
    await _require_owner(session, publication.outlet_id, owner_id)
    action = await rechecking.make(
        session,
        publication,
        document,
        body.item,
        origin=Origin.HAND,
        reason=body.reason,
        target=programme.rectification_target,
        days=body.days or programme.rectification_days,
        owner_id=owner_id,
        now=now,
    )
    action.id = body.id or action.id
    action.opened_by = actor.person_id
    action.recording_number, action.at_ms = body.recording, body.at_ms
    session.add(action)
    await session.flush()
    concerned = await people.managers(session, action)
    await history.of_action(
        session, action, StepKind.OPENED, actor=actor, note=body.reason, people=concerned, now=now
    )
    await session.flush()
    return action


@dataclass(frozen=True, slots=True)
class Move:
    """Something one may do to an action: who, from which states, and what becomes of it."""

    kind: StepKind
    by: Collection[Role]
    states: Collection[State]
    becomes: State | None = None


START = Move(StepKind.STARTED, DOING, {State.OPEN, State.REOPENED}, State.IN_PROGRESS)
COMMENT = Move(StepKind.COMMENTED, DOING, OPEN)
ADD_PROOF = Move(StepKind.PROOF_ADDED, DOING, TO_BE_DONE)
SUBMIT_PROOF = Move(StepKind.PROOF_SUBMITTED, (Role.OUTLET_MANAGER,), TO_BE_DONE, State.PROOF_SUBMITTED)
ACCEPT_PROOF = Move(StepKind.PROOF_ACCEPTED, DIRECTING, {State.PROOF_SUBMITTED}, State.AWAITING_RECHECK)
REFUSE_PROOF = Move(StepKind.PROOF_REFUSED, DIRECTING, {State.PROOF_SUBMITTED}, State.IN_PROGRESS)
CANCEL = Move(StepKind.CANCELLED, DIRECTING, OPEN, State.CANCELLED)
ASSIGN = Move(StepKind.ASSIGNED, DOING, OPEN)
REPLAN = Move(StepKind.REPLANNED, DIRECTING, OPEN)


async def take(
    session: AsyncSession, actor: Actor, action_id: UUID, move: Move, *, note: str, now: datetime
) -> Action:
    """Do something to an action. Raises `ActionWrongState`, `Forbidden`, and `ProofMissing` for a proof of nothing."""
    action = await get_for(session, actor, action_id, move, now=now)
    if move is SUBMIT_PROOF:
        if not await queries_files.has_stored_since(session, action, action.reopened_at):
            raise ProofMissing
        outlet = await session.get_one(Outlet, action.outlet_id)
        action.proof_on = local_date(now, outlet.time_zone)
    if move is CANCEL:
        rechecking.close(action, State.CANCELLED, because=note, now=now)
    action.state = move.becomes or action.state
    await _note(session, actor, action, move.kind, note=note, now=now)
    return action


async def assign(
    session: AsyncSession, actor: Actor, action_id: UUID, owner_id: UUID, *, now: datetime
) -> Action:
    """Somebody in charge of the outlet owns it from now on. Raises `OwnerUnfit`."""
    action = await get_for(session, actor, action_id, ASSIGN, now=now)
    await _require_owner(session, action.outlet_id, owner_id)
    action.owner_id = owner_id
    await _note(session, actor, action, StepKind.ASSIGNED, note="", now=now)
    return action


async def replan(
    session: AsyncSession,
    actor: Actor,
    action_id: UUID,
    wanted: ReplanIn,
    *,
    expected_version: int,
    now: datetime,
) -> Action:
    """Another due date and a new target (D2.13). Raises `Stale`."""
    action = await get_for(session, actor, action_id, REPLAN, now=now)
    require_version(action, expected_version)
    outlet = await session.get_one(Outlet, action.outlet_id)
    _require_ahead(wanted.due_on, today=local_date(now, outlet.time_zone))
    action.due_on, action.escalated_at = wanted.due_on, None
    action.due_at = rules.day_ends_at(wanted.due_on, outlet.time_zone)
    action.target_micro = int(Decimal(wanted.target) * rechecking.MICRO)
    note = f"due {wanted.due_on}, target {wanted.target}: {wanted.reason}"
    await _note(session, actor, action, StepKind.REPLANNED, note=note, now=now)
    return action


async def note_proof(session: AsyncSession, actor: Actor, file: CaseFile, *, now: datetime) -> None:
    """It has arrived."""
    assert file.action_id is not None
    action = await session.get_one(Action, file.action_id)
    await history.of_action(
        session, action, StepKind.PROOF_ADDED, actor=actor, note=str(file.number), now=now
    )


async def get_for(
    session: AsyncSession, actor: Actor, action_id: UUID, move: Move, *, now: datetime
) -> Action:
    """An action the actor may do this to, locked. Raises `NotFound`, `Forbidden` and `ActionWrongState`."""
    action = await queries_actions.get_action(session, actor, action_id, now=now, lock=True)
    await _require_in_charge(session, actor, action.outlet_id, *move.by, now=now)
    if action.state not in move.states:
        raise ActionWrongState(
            f"An action that is {action.state} cannot be {move.kind.replace('_', ' ')}.",
            state=str(action.state),
            states=sorted(map(str, move.states)),
        )
    return action


async def _note(
    session: AsyncSession, actor: Actor, action: Action, kind: StepKind, *, note: str, now: datetime
) -> None:
    concerned = await people.managers(session, action) | await people.supervisors(session, action)
    await history.of_action(
        session, action, kind, actor=actor, note=note, people=concerned - {actor.person_id}, now=now
    )
    await session.flush()


async def _require_in_charge(
    session: AsyncSession, actor: Actor, outlet_id: UUID, *roles: Role, now: datetime
) -> None:
    """Of the outlet, in one of these roles: to audit or review there is not enough."""
    actor.require(*roles)
    if not await outlets.is_in_reach(session, actor.only(*roles), outlet_id, now=now):
        raise Forbidden(
            "Only who is in charge of the outlet may do this.", roles=[str(role) for role in roles]
        )


async def _require_owner(session: AsyncSession, outlet_id: UUID, owner_id: UUID | None) -> None:
    if owner_id is not None and owner_id not in await duties.managers_of(session, outlet_id):
        raise OwnerUnfit


async def _require_moment(session: AsyncSession, publication: Publication, body: ActionIn) -> None:
    if body.recording is None:
        return
    files = await queries_reports.files_of(session, publication)
    file = next(
        (one for one in files if (one.medium, one.number) == (PublishedMedium.RECORDING, body.recording)),
        None,
    )
    if file is None:
        raise NoSuchMoment(f"The report has no recording {body.recording}.")
    report = (await recordings.reports_of(session, [file.recording_id])).get(file.recording_id)
    if body.at_ms is not None and report is not None and body.at_ms > report.duration_ms:
        raise NoSuchMoment(f"The recording has {report.duration_ms} ms.", duration_ms=report.duration_ms)


def _require_ahead(due_on: date, *, today: date) -> None:
    if due_on < today:
        raise Invalid("due_on must not lie in the past.")
