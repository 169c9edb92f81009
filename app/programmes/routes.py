"""HTTP for programmes, their rules and their recording policies."""

from http import HTTPStatus
from uuid import UUID

from fastapi import Response

from app.identity.dependencies import ONCE, Caller
from app.kit.etags import IfMatch, show_version
from app.kit.paging import Page, Paging
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.programmes import queries, service
from app.programmes.models import Programme
from app.programmes.problems import ProgrammeNameTaken
from app.programmes.schemas import (
    PoliciesIn,
    PoliciesOut,
    PolicyOut,
    ProgrammeEdit,
    ProgrammeIn,
    ProgrammeOut,
    ProgrammeRules,
)

router = feature_router("programmes", prefix="/programmes")
EDIT = documented(NotFound, Forbidden, Stale, PreconditionRequired, ProgrammeNameTaken)


@router.get("")
async def list_programmes(session: Reading, caller: Caller, paging: Paging) -> Page[ProgrammeOut]:
    found = await queries.list_programmes(session, caller, paging)
    return found.page([ProgrammeOut.model_validate(row) for row in found.rows])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(Forbidden, AlreadyExists, ProgrammeNameTaken),
)
async def set_up_programme(
    body: ProgrammeIn, session: Session, caller: Caller, now: Now, response: Response
) -> ProgrammeOut:
    """A new programme; rules that are not given have the defaults of the trade."""
    programme = await service.set_up(session, caller, body, now=now)
    return _shown(response, programme)


@router.get("/{programme_id}", responses=documented(NotFound))
async def show_programme(
    programme_id: UUID, session: Reading, caller: Caller, response: Response
) -> ProgrammeOut:
    return _shown(response, await queries.get_programme(session, caller, programme_id))


@router.put("/{programme_id}", responses=EDIT)
async def edit_programme(
    programme_id: UUID,
    body: ProgrammeEdit,
    *,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> ProgrammeOut:
    """Name, time span and checklists."""
    programme = await service.edit(
        session, caller, programme_id, expected_version=expected, wanted=body, now=now
    )
    return _shown(response, programme)


@router.put("/{programme_id}/rules", responses=EDIT)
async def change_rules(
    programme_id: UUID,
    body: ProgrammeRules,
    *,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> ProgrammeOut:
    """All rules at once; one that is not given falls back to its default."""
    programme = await service.change_rules(
        session, caller, programme_id, expected_version=expected, rules=body, now=now
    )
    return _shown(response, programme)


@router.get("/{programme_id}/recording-policies", responses=documented(NotFound))
async def show_policies(
    programme_id: UUID, session: Reading, caller: Caller, response: Response
) -> PoliciesOut:
    programme = await queries.get_programme(session, caller, programme_id)
    show_version(response, programme)
    rows = await queries.policies_of(session, programme)
    return PoliciesOut(policies=[PolicyOut.model_validate(row) for row in rows], version=programme.version)


@router.put("/{programme_id}/recording-policies", responses=EDIT)
async def replace_policies(
    programme_id: UUID,
    body: PoliciesIn,
    *,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> PoliciesOut:
    """All recording policies at once. Where none speaks of a jurisdiction, no visit can be planned (D10.5)."""
    programme = await service.replace_policies(
        session, caller, programme_id, expected_version=expected, wanted=body, now=now
    )
    show_version(response, programme)
    rows = await queries.policies_of(session, programme)
    return PoliciesOut(policies=[PolicyOut.model_validate(row) for row in rows], version=programme.version)


def _shown(response: Response, programme: Programme) -> ProgrammeOut:
    show_version(response, programme)
    return ProgrammeOut.model_validate(programme)
