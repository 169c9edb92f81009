"""What the organisation's books know of the devices a manifest names: custody, kind, and the clock (D6.7, D7.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.devices import queries as devices
from app.devices.models import RecordingDevice
from app.devices.rules import Measured, Spell, State, held_at, offset_at
from app.visits.models import ManifestEntry, Visit


@dataclass(frozen=True, slots=True)
class Books:
    """By recording: the device it was declared from, if the organisation has it, with its custody and its clock."""

    devices: Mapping[UUID, RecordingDevice]
    spells: Mapping[UUID, Sequence[Spell]]
    clocks: Mapping[UUID, Sequence[Measured]]

    def offset(self, entry: ManifestEntry) -> timedelta | None:
        """True time minus the device's, as it was measured nearest to the recording."""
        device = self.devices.get(entry.recording_id)
        if device is None:
            return None
        return offset_at(entry.started_at or entry.declared_at, self.clocks[device.id])

    def is_with_declarer(self, entry: ManifestEntry, at: datetime) -> bool:
        device = self.devices[entry.recording_id]
        return held_at(at, self.spells[device.id]) == entry.declared_by

    def is_in_service(self, entry: ManifestEntry) -> bool:
        return self.devices[entry.recording_id].state is State.IN_SERVICE


async def open_books(session: AsyncSession, visit: Visit, entries: Sequence[ManifestEntry]) -> Books:
    named = await devices.labelled(session, visit.organisation_id, {entry.device_label for entry in entries})
    ids = {device.id for device in named.values()}
    return Books(
        devices={
            entry.recording_id: named[entry.device_label] for entry in entries if entry.device_label in named
        },
        spells=await devices.spells_of(session, ids),
        clocks=await devices.clocks_of(session, ids),
    )


async def clocks(
    session: AsyncSession, visit: Visit, entries: Sequence[ManifestEntry]
) -> dict[UUID, timedelta]:
    """By recording: what the clock of its device lacks, where somebody measured it; that counts more than what is told."""
    books = await open_books(session, visit, entries)
    offsets = {entry.recording_id: books.offset(entry) for entry in entries}
    return {recording_id: offset for recording_id, offset in offsets.items() if offset is not None}
