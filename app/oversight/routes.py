"""HTTP for the audit trail."""

from typing import Annotated

from fastapi import Query

from app.identity.dependencies import Caller
from app.kit.paging import Page
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden
from app.kit.routing import Now, Reading, feature_router
from app.oversight import service
from app.oversight.schemas import AuditEntryOut, AuditFilter, VerificationFilter, VerificationOut

router = feature_router("audit", prefix="/audit")


@router.get("", responses=documented(Forbidden))
async def list_audit_entries(
    wanted: Annotated[AuditFilter, Query()], session: Reading, caller: Caller, now: Now
) -> Page[AuditEntryOut]:
    """Who did what, newest first: admins read everything, auditors what their grant names."""
    found = await service.list_entries(session, caller, wanted, now=now)
    return found.page(await service.shown(session, found.rows))


@router.get("/verification", responses=documented(Forbidden))
async def verify_audit_trail(
    wanted: Annotated[VerificationFilter, Query()], session: Reading, caller: Caller, now: Now
) -> VerificationOut:
    """Recompute the chain: whether an entry was changed, moved, put in, taken out or cut off.

    Somebody who can write the whole database could make another chain that is whole: against that an operator keeps
    heads elsewhere (`plainclothes audit head`, `plainclothes audit verify --against`).
    """
    return VerificationOut.model_validate(await service.verify(session, caller, wanted, now=now))
