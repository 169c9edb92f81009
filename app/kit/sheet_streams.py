"""Sheets handed out while they are made: whatever their length, the memory is that of one batch of rows."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from app.kit.sheets import CSV_START, Cell, SheetFormat, XlsxWriter, csv_bytes

CHUNK_BYTES = 64 << 10

Batches = AsyncIterator[Sequence[Sequence[Cell]]]


def stream(kind: SheetFormat, columns: Sequence[str], batches: Batches) -> AsyncIterator[bytes]:
    """The file, piece by piece."""
    return _csv(columns, batches) if kind is SheetFormat.CSV else _xlsx(columns, batches)


async def _csv(columns: Sequence[str], batches: Batches) -> AsyncIterator[bytes]:
    yield CSV_START + csv_bytes([columns])
    async for batch in batches:
        yield csv_bytes(batch)


async def _xlsx(columns: Sequence[str], batches: Batches) -> AsyncIterator[bytes]:
    writer = XlsxWriter(columns)
    async for batch in batches:
        await asyncio.to_thread(writer.add, batch)
    with await asyncio.to_thread(writer.finish) as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
