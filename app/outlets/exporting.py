"""Handing out outlets as a sheet that the import takes back unchanged."""

from collections.abc import AsyncIterator
from datetime import datetime

from app.audit.service import record_sheet
from app.identity.actor import Actor
from app.kit.database import Database
from app.kit.paging import LARGEST_PAGE, PageRequest
from app.kit.sheet_streams import stream
from app.kit.sheets import Cell, SheetFormat
from app.outlets import queries, queries_regions
from app.outlets.columns import COLUMNS, cells_of
from app.outlets.rules import OutletFilter


async def export(
    database: Database, actor: Actor, kind: SheetFormat, *, wanted: OutletFilter, now: datetime
) -> AsyncIterator[bytes]:
    """The file, piece by piece: the outlets the actor may see, whatever their number. That it was taken is recorded."""
    await database.transact(lambda session: record_sheet(session, actor, "outlets", str(kind), now=now))
    return stream(kind, COLUMNS, _batches(database, actor, wanted=wanted, now=now))


async def _batches(
    database: Database, actor: Actor, *, wanted: OutletFilter, now: datetime
) -> AsyncIterator[list[list[Cell]]]:
    async with database.reading() as session:
        regions = await queries_regions.regions_of(session, actor.organisation_id)
        codes = {region.id: region.code for region in regions}
        cursor: str | None = None
        while True:
            paging = PageRequest(limit=LARGEST_PAGE, cursor=cursor)
            found = await queries.list_outlets(session, actor, paging, wanted=wanted, now=now)
            closures = await queries.closures_by_outlet(session, [row.id for row in found.rows])
            yield [
                cells_of(row, region_code=codes[row.region_id], closures=closures.get(row.id, ()))
                for row in found.rows
            ]
            session.expunge_all()  # memory stays that of one batch
            cursor = found.next_cursor
            if cursor is None:
                return
