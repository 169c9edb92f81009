"""HTTP for actions: the board, and what is done about each (D8.5)."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.cases import acting, files, queries_actions, queries_files, views_actions, views_files
from app.cases.models import CaseFile
from app.cases.models_actions import Action, ActionStep
from app.cases.problems import (
    ActionOpen,
    ActionWrongState,
    FileAwaited,
    FileRefused,
    FilesFull,
    NoSuchMoment,
    OwnerUnfit,
    ProofMissing,
)
from app.cases.queries_actions import Wanted
from app.cases.schemas import BecauseIn
from app.cases.schemas_actions import (
    ActionDetail,
    ActionIn,
    ActionOut,
    ActionStepOut,
    AssignIn,
    BoardCountsOut,
    BoardFilter,
    BoardPage,
    CommentIn,
    NoteIn,
    ReplanIn,
)
from app.cases.schemas_files import FileIn, FileLinkOut, FileNumber, FileOut, FileUploadOut
from app.identity.dependencies import ONCE, Caller, TheSettings
from app.kit.etags import IfMatch, show_version
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router
from app.recordings.problems import EvidenceDeleted
from app.recordings.routes import TheMeans
from app.review.problems import UnknownItems
from app.review.schemas_reports import Alias

router = feature_router("actions")
NOUN = "proof"
DO = (NotFound, Forbidden, ActionWrongState)


@router.post(
    "/reports/{alias}/actions",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(
        NotFound, Forbidden, AlreadyExists, ActionOpen, OwnerUnfit, UnknownItems, NoSuchMoment
    ),
)
async def open_action(
    alias: Alias, body: ActionIn, session: Session, caller: Caller, now: Now
) -> ActionDetail:
    """Open an action by hand, for an item of a report, perhaps from a moment of its recording."""
    action = await acting.open_by_hand(session, caller, alias, body, now=now)
    return await views_actions.detail(session, action, now=now)


@router.get("/actions")
async def list_actions(
    wanted: Annotated[BoardPage, Query()], session: Reading, caller: Caller, now: Now
) -> Page[ActionOut]:
    """Actions of the outlets in the caller's reach, those due first first."""
    rows = queries_actions.narrowed(queries_actions.visible_to(caller, now=now), _wanted(wanted), now=now)
    found = await paginate(session, rows, wanted, by=[Key(Action.due_at), Key(Action.id)])
    return found.page(await views_actions.listed(session, found.rows, now=now))


@router.get("/actions/counts")
async def count_actions(
    wanted: Annotated[BoardFilter, Query()], session: Reading, caller: Caller, now: Now
) -> BoardCountsOut:
    """How many are in each state, and how many are overdue, of what the same filter would list."""
    rows = queries_actions.narrowed(queries_actions.visible_to(caller, now=now), _wanted(wanted), now=now)
    return views_actions.counts(*await queries_actions.counts(session, rows, now=now))


@router.get("/actions/{action_id}", responses=documented(NotFound))
async def show_action(
    action_id: UUID, session: Reading, caller: Caller, now: Now, response: Response
) -> ActionDetail:
    action = await queries_actions.get_action(session, caller, action_id, now=now)
    show_version(response, action)
    return await views_actions.detail(session, action, now=now)


@router.get("/actions/{action_id}/steps", responses=documented(NotFound))
async def list_action_steps(
    action_id: UUID, session: Reading, caller: Caller, paging: Paging, now: Now
) -> Page[ActionStepOut]:
    """What happened to it, oldest first, with the reports that caused it."""
    action = await queries_actions.get_action(session, caller, action_id, now=now)
    rows = queries_actions.steps_of(action)
    found = await paginate(session, rows, paging, by=[Key(ActionStep.at), Key(ActionStep.id)])
    return found.page(await views_actions.steps(session, found.rows))


@router.post("/actions/{action_id}/start", dependencies=ONCE, responses=documented(*DO))
async def start_action(
    action_id: UUID, body: NoteIn, session: Session, caller: Caller, now: Now
) -> ActionDetail:
    """Somebody is at it."""
    action = await acting.take(session, caller, action_id, acting.START, note=body.note, now=now)
    return await views_actions.detail(session, action, now=now)


@router.post("/actions/{action_id}/comment", dependencies=ONCE, responses=documented(*DO))
async def comment_action(
    action_id: UUID, body: CommentIn, session: Session, caller: Caller, now: Now
) -> ActionDetail:
    action = await acting.take(session, caller, action_id, acting.COMMENT, note=body.note, now=now)
    return await views_actions.detail(session, action, now=now)


@router.post("/actions/{action_id}/assign", dependencies=ONCE, responses=documented(*DO, OwnerUnfit))
async def assign_action(
    action_id: UUID, body: AssignIn, session: Session, caller: Caller, now: Now
) -> ActionDetail:
    """Give it to somebody in charge of the outlet."""
    action = await acting.assign(session, caller, action_id, body.owner_id, now=now)
    return await views_actions.detail(session, action, now=now)


@router.put("/actions/{action_id}/plan", responses=documented(*DO, Stale, PreconditionRequired))
async def replan_action(
    action_id: UUID,
    body: ReplanIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> ActionDetail:
    """Another due date, and a new target for the re-check (D2.13): the desk says."""
    action = await acting.replan(session, caller, action_id, body, expected_version=expected, now=now)
    show_version(response, action)
    return await views_actions.detail(session, action, now=now)


@router.post(
    "/actions/{action_id}/proofs",
    responses=documented(*DO, AlreadyExists, FilesFull, FileRefused),
)
async def add_proof(
    action_id: UUID, body: FileIn, means: TheMeans, caller: Caller, now: Now
) -> FileUploadOut:
    """Declare a photo or a document, and get the address that takes it. Ask again when that has expired."""
    reach = _open_for(caller, action_id, now)
    return views_files.upload(await files.declare(means, caller, reach, body, now=now))


@router.post(
    "/actions/{action_id}/proofs/{number}/complete",
    responses=documented(*DO, FileAwaited, FileRefused),
)
async def complete_proof(
    action_id: UUID, number: FileNumber, means: TheMeans, caller: Caller, now: Now
) -> FileOut:
    """It is sent: what arrived is read, and counts if it is what was declared. May be asked again."""

    async def added(session: Session, file: CaseFile) -> None:
        await acting.note_proof(session, caller, file, now=now)

    reach = _open_for(caller, action_id, now)
    return views_files.file(await files.complete(means, reach, number, added, now=now))


@router.get("/actions/{action_id}/proofs/{number}", responses=documented(NotFound, EvidenceDeleted))
async def open_proof(
    action_id: UUID,
    number: FileNumber,
    session: Reading,
    storage: TheStorage,
    caller: Caller,
    settings: TheSettings,
    now: Now,
) -> FileLinkOut:
    """A link that lives a minute or so."""
    action = await queries_actions.get_action(session, caller, action_id, now=now)
    file = await queries_files.get_stored(session, action, number)
    return await views_files.link(storage, file, noun=NOUN, settings=settings, now=now)


@router.post("/actions/{action_id}/submit-proof", dependencies=ONCE, responses=documented(*DO, ProofMissing))
async def submit_proof(
    action_id: UUID, body: NoteIn, session: Session, caller: Caller, now: Now
) -> ActionDetail:
    """The outlet says that it is put right, and shows it."""
    action = await acting.take(session, caller, action_id, acting.SUBMIT_PROOF, note=body.note, now=now)
    return await views_actions.detail(session, action, now=now)


@router.post("/actions/{action_id}/accept-proof", dependencies=ONCE, responses=documented(*DO))
async def accept_proof(
    action_id: UUID, body: NoteIn, session: Session, caller: Caller, now: Now
) -> ActionDetail:
    """The desk believes it; a later visit will show."""
    action = await acting.take(session, caller, action_id, acting.ACCEPT_PROOF, note=body.note, now=now)
    return await views_actions.detail(session, action, now=now)


@router.post("/actions/{action_id}/refuse-proof", dependencies=ONCE, responses=documented(*DO))
async def refuse_proof(
    action_id: UUID, body: BecauseIn, session: Session, caller: Caller, now: Now
) -> ActionDetail:
    """It does not show what it should: go on."""
    action = await acting.take(session, caller, action_id, acting.REFUSE_PROOF, note=body.reason, now=now)
    return await views_actions.detail(session, action, now=now)


@router.post("/actions/{action_id}/cancel", dependencies=ONCE, responses=documented(*DO))
async def cancel_action(
    action_id: UUID, body: BecauseIn, session: Session, caller: Caller, now: Now
) -> ActionDetail:
    """The desk calls it off, with a reason."""
    action = await acting.take(session, caller, action_id, acting.CANCEL, note=body.reason, now=now)
    return await views_actions.detail(session, action, now=now)


def _open_for(caller: Caller, action_id: UUID, now: Now) -> files.Reach:
    """The action, while there is something to prove."""

    async def reach(session: Session) -> Action:
        return await acting.get_for(session, caller, action_id, acting.ADD_PROOF, now=now)

    return reach


def _wanted(told: BoardFilter) -> Wanted:
    return Wanted(
        states=told.state,
        outlet_id=told.outlet_id,
        region_id=told.region_id,
        owner_id=told.owner_id,
        item=told.item,
        overdue=told.overdue,
    )
