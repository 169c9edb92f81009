"""From rows to wire types, for a visit's evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.recordings import queries as recordings
from app.recordings import views as recording_views
from app.recordings.models import Recording, RecordingReport, Rendition
from app.recordings.rules import PLAYABLE, RenditionKind, lack
from app.visits import queries, views_timeline
from app.visits.evidence import BYTES_DUE_AFTER, missing_evidence
from app.visits.models import ManifestEntry, Visit
from app.visits.schemas import OutletBrief
from app.visits.schemas_recordings import (
    CheckOut,
    EvidenceFileOut,
    EvidenceOut,
    FailedFileOut,
    MissingFileOut,
    MissingOut,
    RejectedFileOut,
    ReportOut,
)
from app.visits.timelines import draw


async def evidence(session: AsyncSession, visit: Visit, *, to_the_desk: bool) -> EvidenceOut:
    rows = await recordings.recordings_of_visit(session, visit.id)
    ids = [row.id for row in rows]
    reports = await recordings.reports_of(session, ids)
    renditions = await recordings.renditions_of(session, ids, kinds=PLAYABLE)
    return EvidenceOut(
        recordings=[_file(row, reports.get(row.id), renditions[row.id]) for row in rows],
        missing=[_missing(entry, row) for entry, row in await missing_evidence(session, visit)],
        findings=views_timeline.shown((await draw(session, visit)).findings, to_the_desk=to_the_desk),
    )


def rejected_file(row: Recording) -> RejectedFileOut:
    why = recording_views.rejection(row)
    assert why is not None  # held by the database
    return RejectedFileOut(
        recording_id=row.id,
        visit_id=row.visit_id,
        medium=row.medium,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        uploader_id=row.uploader_id,
        stored_at=row.stored_at,
        rejected=why,
    )


def report(row: RecordingReport) -> ReportOut:
    found: dict[str, Any] = row.report or {"checks": [], "performed": []}
    return ReportOut(
        duration_ms=row.duration_ms,
        black=row.black,
        silent=row.silent,
        unusable=row.unusable,
        checks=[CheckOut.model_validate(check) for check in found["checks"]],
        performed=found["performed"],
    )


def _file(
    row: Recording, found: RecordingReport | None, renditions: Mapping[RenditionKind, Rendition]
) -> EvidenceFileOut:
    return EvidenceFileOut(
        **recording_views.recording(row).model_dump(),
        device_kind=row.device_kind,
        uploader_id=row.uploader_id,
        report=None if found is None else report(found),
        renditions=sorted(renditions),
    )


async def missing_files(
    session: AsyncSession, entries: Sequence[ManifestEntry], *, now: datetime
) -> list[MissingFileOut]:
    ids = [entry.recording_id for entry in entries]
    uploads = await recordings.find_all(session, ids)
    told = await queries.escalations_of(session, ids)
    places = await _places(session, [entry.visit_id for entry in entries])
    return [
        _missing_file(entry, uploads.get(entry.recording_id), told, places[entry.visit_id], now=now)
        for entry in entries
    ]


async def failed_files(session: AsyncSession, rows: Sequence[Recording]) -> list[FailedFileOut]:
    reports = await recordings.reports_of(session, [row.id for row in rows])
    places = await _places(session, [row.visit_id for row in rows])
    return [
        FailedFileOut(
            recording_id=row.id,
            visit_id=row.visit_id,
            outlet=places[row.visit_id].outlet,
            planned_on=places[row.visit_id].planned_on,
            medium=row.medium,
            uploader_id=row.uploader_id,
            arrived_at=row.stored_at,
            rejected=recording_views.rejection(row),
            report=report(reports[row.id]) if row.id in reports else None,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where and for when a visit was planned."""

    outlet: OutletBrief
    planned_on: date


async def _places(session: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, _Place]:
    visits = await queries.visits_by_id(session, visit_ids)
    outlets = await queries.outlets_of(session, list(visits.values()))
    return {
        visit.id: _Place(OutletBrief.model_validate(outlets[visit.outlet_id]), visit.planned_on)
        for visit in visits.values()
    }


def _missing_file(
    entry: ManifestEntry,
    row: Recording | None,
    told: Mapping[UUID, datetime],
    place: _Place,
    *,
    now: datetime,
) -> MissingFileOut:
    found = _missing(entry, row)
    return MissingFileOut(
        **found.model_dump(),
        visit_id=entry.visit_id,
        outlet=place.outlet,
        planned_on=place.planned_on,
        owner_id=entry.declared_by,
        lack=lack(None if row is None else row.state, tries=0 if row is None else row.tries),
        overdue=found.due_at < now,
        escalated_at=told.get(entry.recording_id),
    )


def _missing(entry: ManifestEntry, row: Recording | None) -> MissingOut:
    return MissingOut(
        recording_id=entry.recording_id,
        medium=entry.medium,
        device_kind=entry.device_kind,
        size_bytes=entry.size_bytes,
        sha256=entry.sha256,
        declared_by=entry.declared_by,
        declared_at=entry.declared_at,
        due_at=entry.declared_at + BYTES_DUE_AFTER,
        state=None if row is None else row.state,
        rejected=None if row is None else recording_views.rejection(row),
    )
