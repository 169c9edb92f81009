"""HTTP for appeals: what the outlet, the desk and everybody who read the report do and see (D8.4)."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.cases import admitting, files, filing, queries, queries_files, views, views_files
from app.cases.models import Appeal, AppealStep, CaseFile
from app.cases.problems import (
    AppealOpen,
    AppealWindowClosed,
    AppealWrongState,
    FileAwaited,
    FileRefused,
    FilesFull,
    ItemsDecided,
    PanelRefused,
    PanelUnfit,
    Partial,
)
from app.cases.rules import OPEN
from app.cases.schemas import (
    AdmitIn,
    AppealDetail,
    AppealFilter,
    AppealIn,
    AppealOut,
    AppealStepOut,
    BecauseIn,
    SeatIn,
)
from app.cases.schemas_files import FileIn, FileLinkOut, FileNumber, FileOut, FileUploadOut
from app.identity.dependencies import ONCE, Caller, TheSettings
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router
from app.recordings.problems import EvidenceDeleted
from app.recordings.routes import TheMeans
from app.review.problems import UnknownItems
from app.review.schemas_reports import Alias
from app.visits.problems import WrongState

router = feature_router("appeals")
NOUN = "attachment"
ADMIT = (NotFound, Forbidden, Partial, AppealWrongState)


@router.post(
    "/reports/{alias}/appeals",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(
        NotFound,
        Forbidden,
        AlreadyExists,
        AppealOpen,
        AppealWindowClosed,
        ItemsDecided,
        UnknownItems,
        WrongState,
    ),
)
async def file_appeal(
    alias: Alias, body: AppealIn, session: Session, caller: Caller, now: Now
) -> AppealDetail:
    """Dispute items of a published report, within the programme's window; its score is provisional from now on."""
    appeal = await filing.file(session, caller, alias, body, now=now)
    return await views.detail(session, caller, appeal, now=now)


@router.get("/appeals")
async def list_appeals(
    wanted: Annotated[AppealFilter, Query()], session: Reading, caller: Caller, now: Now
) -> Page[AppealOut]:
    """Appeals against reports the caller may read, on whose panel the caller sits, or of whose crew they were; newest first."""
    rows = queries.narrowed(
        queries.visible_to(caller, now=now),
        state=wanted.state,
        outlet_id=wanted.outlet_id,
        alias=wanted.alias,
    )
    found = await paginate(session, rows, wanted, by=[Key(Appeal.filed_at, descending=True), Key(Appeal.id)])
    return found.page(await views.listed(session, caller, found.rows, now=now))


@router.get("/appeals/{appeal_id}", responses=documented(NotFound))
async def show_appeal(appeal_id: UUID, session: Reading, caller: Caller, now: Now) -> AppealDetail:
    """What is disputed and why, and what came of it, before and after. How much of it, `viewpoint` says."""
    appeal = await queries.get_appeal(session, caller, appeal_id, now=now)
    return await views.detail(session, caller, appeal, now=now)


@router.get("/appeals/{appeal_id}/steps", responses=documented(NotFound))
async def list_appeal_steps(
    appeal_id: UUID, session: Reading, caller: Caller, paging: Paging, now: Now
) -> Page[AppealStepOut]:
    """What happened to it, oldest first; how the panel came to its decision, the desk and the panel see alone."""
    appeal = await queries.get_appeal(session, caller, appeal_id, now=now)
    viewpoint = (await queries.viewpoints_of(session, caller, [appeal], now=now))[appeal.id]
    rows = queries.steps_of(appeal, viewpoint)
    found = await paginate(session, rows, paging, by=[Key(AppealStep.at), Key(AppealStep.id)])
    return found.page([views.step(row, viewpoint) for row in found.rows])


@router.post(
    "/appeals/{appeal_id}/withdraw",
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, AppealWrongState),
)
async def withdraw_appeal(appeal_id: UUID, session: Session, caller: Caller, now: Now) -> AppealDetail:
    """Think better of it, while nothing is decided."""
    return await _shown(session, caller, await filing.withdraw(session, caller, appeal_id, now=now), now)


@router.post(
    "/appeals/{appeal_id}/admit",
    dependencies=ONCE,
    responses=documented(*ADMIT, PanelUnfit, PanelRefused),
)
async def admit_appeal(
    appeal_id: UUID, body: AdmitIn, session: Session, caller: Caller, now: Now
) -> AppealDetail:
    """Let a panel decide. Nobody sits on it who took part in the visit or its review, or belongs to the outlet."""
    appeal = await admitting.admit(session, caller, appeal_id, body.panel, now=now)
    return await _shown(session, caller, appeal, now)


@router.post("/appeals/{appeal_id}/return", dependencies=ONCE, responses=documented(*ADMIT))
async def return_appeal(
    appeal_id: UUID, body: BecauseIn, session: Session, caller: Caller, now: Now
) -> AppealDetail:
    """Not like this: the outlet may put it right and file it again, within the window or three days."""
    appeal = await admitting.give_back(session, caller, appeal_id, body.reason, now=now)
    return await _shown(session, caller, appeal, now)


@router.post(
    "/appeals/{appeal_id}/panel",
    dependencies=ONCE,
    responses=documented(*ADMIT, PanelUnfit, PanelRefused),
)
async def appoint_to_panel(
    appeal_id: UUID, body: SeatIn, session: Session, caller: Caller, now: Now
) -> AppealDetail:
    """A further member, where the panel does not agree or one alone would lift a veto (D4.3)."""
    appeal = await admitting.appoint(session, caller, appeal_id, body, now=now)
    return await _shown(session, caller, appeal, now)


@router.post(
    "/appeals/{appeal_id}/panel/{person_id}/release",
    dependencies=ONCE,
    responses=documented(*ADMIT, PanelUnfit),
)
async def release_from_panel(
    appeal_id: UUID, person_id: UUID, body: BecauseIn, session: Session, caller: Caller, now: Now
) -> AppealDetail:
    """Somebody is ill or has left; what was decided with them stands."""
    appeal = await admitting.release(session, caller, appeal_id, person_id, body.reason, now=now)
    return await _shown(session, caller, appeal, now)


@router.post(
    "/appeals/{appeal_id}/attachments",
    responses=documented(NotFound, Forbidden, AppealWrongState, AlreadyExists, FilesFull, FileRefused),
)
async def add_attachment(
    appeal_id: UUID, body: FileIn, means: TheMeans, caller: Caller, now: Now
) -> FileUploadOut:
    """Declare a photo or a document, and get the address that takes it. Ask again when that has expired."""
    reach = _open_for(caller, appeal_id, now)
    return views_files.upload(await files.declare(means, caller, reach, body, now=now))


@router.post(
    "/appeals/{appeal_id}/attachments/{number}/complete",
    responses=documented(NotFound, Forbidden, AppealWrongState, FileAwaited, FileRefused),
)
async def complete_attachment(
    appeal_id: UUID, number: FileNumber, means: TheMeans, caller: Caller, now: Now
) -> FileOut:
    """It is sent: what arrived is read, and counts if it is what was declared. May be asked again."""

    async def added(session: Session, file: CaseFile) -> None:
        await filing.note_attachment(session, caller, file, now=now)

    reach = _open_for(caller, appeal_id, now)
    return views_files.file(await files.complete(means, reach, number, added, now=now))


@router.get(
    "/appeals/{appeal_id}/attachments/{number}", responses=documented(NotFound, Forbidden, EvidenceDeleted)
)
async def open_attachment(
    appeal_id: UUID,
    number: FileNumber,
    session: Reading,
    storage: TheStorage,
    caller: Caller,
    settings: TheSettings,
    now: Now,
) -> FileLinkOut:
    """A link that lives a minute or so. Inspectors get none: a file may tell who sent it."""
    appeal = await queries.get_with_files(session, caller, appeal_id, now=now)
    file = await queries_files.get_stored(session, appeal, number)
    return await views_files.link(storage, file, noun=NOUN, settings=settings, now=now)


def _open_for(caller: Caller, appeal_id: UUID, now: Now) -> files.Reach:
    """The appeal, while its outlet may add to it."""

    async def reach(session: Session) -> Appeal:
        appeal = await filing.get_of_outlet(session, caller, appeal_id, now=now)
        filing.require(appeal, *OPEN, to="take attachments")
        return appeal

    return reach


async def _shown(session: Session, caller: Caller, appeal: Appeal, now: Now) -> AppealDetail:
    return await views.detail(session, caller, appeal, now=now)
