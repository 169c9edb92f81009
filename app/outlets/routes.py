"""HTTP for outlets and their closures."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.identity.dependencies import ONCE, Caller
from app.kit.etags import IfMatch, IfMatchOfEdit, show_version
from app.kit.paging import Page, PageRequest
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.outlets import queries, service
from app.outlets.models import Outlet
from app.outlets.problems import (
    ClosureExists,
    OutletCodeTaken,
    SuccessionBroken,
    TooManyClosures,
    UnknownTier,
)
from app.outlets.schemas import ClosureIn, ClosureOut, OutletIn, OutletList, OutletOut, SuccessorIn

router = feature_router("outlets", prefix="/outlets")
EDIT = (NotFound, Forbidden, Stale, PreconditionRequired)
STATUS_OF_PUT = {True: HTTPStatus.CREATED, False: HTTPStatus.OK}


@router.get("")
async def list_outlets(
    session: Reading, caller: Caller, now: Now, wanted: Annotated[OutletList, Query()]
) -> Page[OutletOut]:
    """Outlets in the caller's reach, by code."""
    found = await queries.list_outlets(
        session,
        caller,
        PageRequest(limit=wanted.limit, cursor=wanted.cursor),
        wanted=wanted.filter(),
        now=now,
    )
    return found.page([OutletOut.model_validate(row) for row in found.rows])


@router.get("/{outlet_id:uuid}", responses=documented(NotFound))
async def show_outlet(
    outlet_id: UUID, session: Reading, caller: Caller, now: Now, response: Response
) -> OutletOut:
    return _shown(response, await queries.get_outlet(session, caller, outlet_id, now=now))


@router.put(
    "/{outlet_id:uuid}",
    responses={
        **documented(*EDIT, OutletCodeTaken, AlreadyExists, UnknownTier, SuccessionBroken),
        201: {"model": OutletOut, "description": "Entered"},
    },
)
async def enter_or_edit_outlet(
    outlet_id: UUID,
    body: OutletIn,
    session: Session,
    caller: Caller,
    expected: IfMatchOfEdit,
    now: Now,
    response: Response,
) -> OutletOut:
    """Enter an outlet under an id made by the client, or edit one with If-Match. Sent twice it is done once."""
    outlet, is_new = await service.enter_or_edit(
        session, caller, outlet_id, wanted=body, expected_version=expected, now=now
    )
    response.status_code = STATUS_OF_PUT[is_new]
    return _shown(response, outlet)


@router.put("/{outlet_id:uuid}/successor", responses=documented(*EDIT, SuccessionBroken))
async def name_successor(
    outlet_id: UUID,
    body: SuccessorIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> OutletOut:
    """Moved, merged or renamed: another outlet goes on with its history (D5.6)."""
    outlet = await service.succeed(
        session, caller, outlet_id, wanted=body, expected_version=expected, now=now
    )
    return _shown(response, outlet)


@router.delete("/{outlet_id:uuid}/successor", responses=documented(*EDIT))
async def undo_succession(
    outlet_id: UUID, session: Session, caller: Caller, expected: IfMatch, now: Now, response: Response
) -> OutletOut:
    outlet = await service.undo_succession(session, caller, outlet_id, expected_version=expected, now=now)
    return _shown(response, outlet)


@router.get("/{outlet_id:uuid}/closures", responses=documented(NotFound))
async def list_closures(outlet_id: UUID, session: Reading, caller: Caller, now: Now) -> list[ClosureOut]:
    """All of them: an outlet has at most a hundred."""
    outlet = await queries.get_outlet(session, caller, outlet_id, now=now)
    return [ClosureOut.model_validate(row) for row in await queries.closures_of(session, outlet.id)]


@router.post(
    "/{outlet_id:uuid}/closures",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, ClosureExists, TooManyClosures),
)
async def close_outlet(
    outlet_id: UUID, body: ClosureIn, session: Session, caller: Caller, now: Now
) -> ClosureOut:
    """Shut for some days: no visit is planned on them."""
    closure = await service.close(session, caller, outlet_id, wanted=body, now=now)
    return ClosureOut.model_validate(closure)


@router.delete(
    "/{outlet_id:uuid}/closures/{closure_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(NotFound, Forbidden),
)
async def reopen_outlet(
    outlet_id: UUID, closure_id: UUID, session: Session, caller: Caller, now: Now
) -> None:
    await service.reopen(session, caller, outlet_id, closure_id=closure_id, now=now)


def _shown(response: Response, outlet: Outlet) -> OutletOut:
    show_version(response, outlet)
    return OutletOut.model_validate(outlet)
