"""HTTP for outlets as sheets: import and export as CSV and XLSX."""

import asyncio
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse

from app.identity.actor import Role
from app.identity.dependencies import Caller, TheDatabase
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden
from app.kit.routing import Now, Session, feature_router
from app.kit.sheets import Sheet, SheetFormat, UnreadableSheet, UnsupportedSheet, format_of, read_sheet
from app.outlets.exporting import export
from app.outlets.importing import LIMITS, MOST_BYTES, import_outlets
from app.outlets.problems import ImportRefused
from app.outlets.schemas import ImportOut, OutletExport

router = feature_router("outlets", prefix="/outlets")

EXAMPLE = (
    "code,name_en,ownership,tier,stage,load_band,region\nGZ-1,Tianhe hall,own,flagship,early,high,gd-gz\n"
)
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            SheetFormat.CSV.media_type: {"schema": {"type": "string"}, "example": EXAMPLE},
            SheetFormat.XLSX.media_type: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {kind.media_type: {"schema": {"type": "string"}} for kind in SheetFormat},
    }
}


async def the_sheet(request: Request, caller: Caller) -> Sheet:
    """The body as a sheet, read before the transaction begins: nobody waits for it."""
    caller.require(Role.ADMIN)
    kind = format_of(request.headers.get("content-type", ""))
    content = await request.body()
    return await asyncio.to_thread(read_sheet, content, kind, limits=LIMITS)


TheSheet = Annotated[Sheet, Depends(the_sheet)]


@router.post(
    "/import",
    openapi_extra=BODY,
    max_body_size=MOST_BYTES,
    responses=documented(Forbidden, UnsupportedSheet, UnreadableSheet, ImportRefused),
)
async def import_sheet(
    sheet: TheSheet,
    session: Session,
    caller: Caller,
    now: Now,
    dry_run: Annotated[bool, Query(description="tell what would happen, change nothing")] = False,
) -> ImportOut:
    """Enter and edit outlets by code from CSV or XLSX; all rows or none. Sent again it changes nothing.

    Columns are those of the export; those left out stay as they are. CSV may be UTF-8 or GB18030.
    """
    return await import_outlets(session, caller, sheet, dry_run=dry_run, now=now)


@router.get("/export", response_class=StreamingResponse, responses=FILE)
async def export_sheet(
    database: TheDatabase, caller: Caller, now: Now, wanted: Annotated[OutletExport, Query()]
) -> StreamingResponse:
    """The outlets in the caller's reach, as the import takes them back."""
    return StreamingResponse(
        await export(database, caller, wanted.format, wanted=wanted.filter(), now=now),
        media_type=wanted.format.media_type,
        headers={"Content-Disposition": f'attachment; filename="outlets.{wanted.format}"'},
    )
