"""Handing out outlets as a sheet that the import takes back unchanged."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from app.identity.actor import Actor
from app.kit.database import Database
from app.kit.paging import LARGEST_PAGE, PageRequest
from app.kit.sheets import CSV_START, Cell, SheetFormat, XlsxWriter, csv_bytes
from app.outlets import queries, queries_regions
from app.outlets.columns import COLUMNS, cells_of
from app.outlets.rules import OutletFilter

CHUNK_BYTES = 64 << 10


def export(
    database: Database, actor: Actor, kind: SheetFormat, *, wanted: OutletFilter, now: datetime
) -> AsyncIterator[bytes]:
    """The file, piece by piece: the outlets the actor may see, whatever their number."""
    batches = _batches(database, actor, wanted=wanted, now=now)
    return _csv(batches) if kind is SheetFormat.CSV else _xlsx(batches)


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


async def _csv(batches: AsyncIterator[list[list[Cell]]]) -> AsyncIterator[bytes]:
    yield CSV_START + csv_bytes([COLUMNS])
    async for batch in batches:
        yield csv_bytes(batch)


async def _xlsx(batches: AsyncIterator[list[list[Cell]]]) -> AsyncIterator[bytes]:
    writer = XlsxWriter(COLUMNS)
    async for batch in batches:
        await asyncio.to_thread(writer.add, batch)
    with await asyncio.to_thread(writer.finish) as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
