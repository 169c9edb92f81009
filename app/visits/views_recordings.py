"""From rows to wire types, for a visit's evidence."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.recordings import queries as recordings
from app.recordings import views as recording_views
from app.recordings.models import Recording, RecordingReport, Rendition
from app.recordings.rules import PLAYABLE, RenditionKind
from app.visits.evidence import BYTES_DUE_AFTER, missing_evidence
from app.visits.models import ManifestEntry, Visit
from app.visits.schemas_recordings import CheckOut, EvidenceFileOut, EvidenceOut, MissingOut, ReportOut


async def evidence(session: AsyncSession, visit: Visit) -> EvidenceOut:
    rows = await recordings.recordings_of_visit(session, visit.id)
    ids = [row.id for row in rows]
    reports = await recordings.reports_of(session, ids)
    renditions = await recordings.renditions_of(session, ids, kinds=PLAYABLE)
    return EvidenceOut(
        recordings=[_file(row, reports.get(row.id), renditions[row.id]) for row in rows],
        missing=[_missing(entry, row) for entry, row in await missing_evidence(session, visit)],
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


def _missing(entry: ManifestEntry, row: Recording | None) -> MissingOut:
    return MissingOut(
        recording_id=entry.recording_id,
        medium=entry.medium,
        size_bytes=entry.size_bytes,
        declared_by=entry.declared_by,
        declared_at=entry.declared_at,
        due_at=entry.declared_at + BYTES_DUE_AFTER,
        state=None if row is None else row.state,
        rejected=None if row is None else recording_views.rejection(row),
    )
