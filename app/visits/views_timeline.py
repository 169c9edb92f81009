"""From what was drawn to wire types."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.recordings import queries as recordings
from app.visits import interruptions, leaving, queries
from app.visits.declared import Medium
from app.visits.finding import TOLD_TO_THE_CREW, Finding
from app.visits.models import ManifestEntry, Visit
from app.visits.schemas_recorder import RecorderGapOut
from app.visits.schemas_timeline import (
    DeviceOnTimelineOut,
    GapOut,
    SegmentOut,
    TimelineOut,
    VisitFindingOut,
    VisitStretchOut,
)
from app.visits.terms import terms_of
from app.visits.timelines import Drawn, draw

NOBODY_IN = 0.0


async def timeline(session: AsyncSession, visit: Visit) -> TimelineOut:
    drawn = await draw(session, visit)
    entered_at = drawn.stays[0][0] if drawn.stays else visit.entered_at
    shares = drawn.timeline
    return TimelineOut(
        entered_at=entered_at,
        stays=[_stretch(start, end, entered_at) for start, end in drawn.stays],
        devices=await _devices(session, visit, drawn),
        segments=await _segments(session, drawn, entered_at),
        gaps=[
            GapOut(**_stretch(gap.starts_at, gap.ends_at, entered_at).model_dump(), is_backed=gap.is_backed)
            for gap in (shares.gaps if shares else ())
        ],
        coverage=round(shares.coverage, 6) if shares else NOBODY_IN,
        coverage_of_main=round(shares.coverage_of_main, 6) if shares else NOBODY_IN,
        coverage_verified=round(shares.coverage_verified, 6) if shares else NOBODY_IN,
        coverage_asked=terms_of(visit).demands(visit.recording_mode).coverage,
        findings=shown(drawn.findings, to_the_desk=True),
    )


def shown(found: Iterable[Finding], *, to_the_desk: bool) -> list[VisitFindingOut]:
    """The crew is told what it can put right; what gives away a cheat is for the desk."""
    return [
        VisitFindingOut.model_validate(one) for one in found if to_the_desk or one.kind in TOLD_TO_THE_CREW
    ]


async def _devices(session: AsyncSession, visit: Visit, drawn: Drawn) -> list[DeviceOnTimelineOut]:
    told = leaving.behind(await queries.check_ins_of(session, visit))
    found: dict[str, DeviceOnTimelineOut] = {}
    for entry, file in zip(drawn.entries, drawn.files, strict=True):
        device, measured = drawn.books.devices.get(entry.recording_id), drawn.books.offset(entry)
        at = file.starts_at or entry.declared_at
        offset = measured or leaving.told_offset(entry, behind_ms=told.get(entry.declared_by, 0))
        found.setdefault(
            file.device,
            DeviceOnTimelineOut(
                label=entry.device_label,
                kind=entry.device_kind,
                role=drawn.timeline.roles.get(file.device) if drawn.timeline else None,
                declared_by=entry.declared_by,
                device_id=None if device is None else device.id,
                with_declarer=None if device is None else drawn.books.is_with_declarer(entry, at),
                clock_offset_ms=round(offset / timedelta(milliseconds=1)),
                clock_is_measured=measured is not None,
            ),
        )
    return list(found.values())


async def _segments(session: AsyncSession, drawn: Drawn, entered_at: datetime | None) -> list[SegmentOut]:
    arrived = await recordings.find_all(session, [entry.recording_id for entry in drawn.entries])

    def segment(entry: ManifestEntry) -> SegmentOut:
        file = by_id[str(entry.recording_id)]
        place = None
        if file.starts_at is not None and file.ends_at is not None:
            place = _stretch(file.starts_at, file.ends_at, entered_at)
        upload = arrived.get(entry.recording_id)
        return SegmentOut(
            recording_id=UUID(file.id),
            medium=file.medium,
            device=entry.device_label,
            role=drawn.timeline.roles.get(file.device) if drawn.timeline else None,
            start_ms=None if place is None else place.start_ms,
            end_ms=None if place is None else place.end_ms,
            quality=file.quality,
            basis=file.basis,
            state=None if upload is None else upload.state,
            gaps=[RecorderGapOut.model_validate(gap) for gap in interruptions.read(entry.gaps)],
            markers_ms=entry.markers_ms,
        )

    by_id = {file.id: file for file in drawn.files}
    return [segment(entry) for entry in drawn.entries if entry.medium is not Medium.PHOTO]


def _stretch(start: datetime, end: datetime, entered_at: datetime | None) -> VisitStretchOut:
    since = entered_at or start
    return VisitStretchOut(start_ms=_ms(start - since), end_ms=_ms(end - since))


def _ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
