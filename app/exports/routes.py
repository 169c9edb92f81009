"""HTTP for lists as sheets."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import StreamingResponse

from app.audit.service import record_sheet
from app.exports.listing import open_sheet
from app.exports.schemas import ExportRequest
from app.identity.dependencies import Caller, TheDatabase
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden
from app.kit.routing import Now, feature_router
from app.kit.sheet_streams import stream
from app.kit.sheets import SheetFormat

router = feature_router("exports", prefix="/exports")

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {kind.media_type: {"schema": {"type": "string"}} for kind in SheetFormat},
    }
}


@router.get("", response_class=StreamingResponse, responses={**FILE, **documented(Forbidden)})
async def export_list(
    wanted: Annotated[ExportRequest, Query()],
    database: TheDatabase,
    caller: Caller,
    now: Now,
) -> StreamingResponse:
    """A list as CSV or XLSX: every row that the list shows to the caller, and no other. Nothing in it is a formula.

    The list's own filters are given as there: `?listing=visits&state=published`. Those it does not have are refused.
    """
    filters = wanted.model_extra or {}
    columns, rows = await open_sheet(database, caller, wanted.listing, filters, now=now)
    await database.transact(
        lambda session: record_sheet(session, caller, str(wanted.listing), str(wanted.format), now=now)
    )
    return StreamingResponse(
        stream(wanted.format, [column.name for column in columns], rows),
        media_type=wanted.format.media_type,
        headers={"Content-Disposition": f'attachment; filename="{wanted.listing}.{wanted.format}"'},
    )
