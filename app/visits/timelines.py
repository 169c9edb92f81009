"""The visit's timeline and what it gives away, gathered from the manifest, the files, the books and what came before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.devices.rules import Kind as DeviceKind
from app.recordings import queries as recordings
from app.recordings import queries_likeness
from app.recordings.models import Recording, RecordingReport
from app.recordings.rules import State
from app.visits import bookkeeping, findings, interruptions, leaving, queries, timeline
from app.visits.bookkeeping import Books
from app.visits.declared import Declared, Quality, serves
from app.visits.finding import Books as InTheBooks
from app.visits.finding import File, Finding, Repeat, Scene
from app.visits.models import ManifestEntry, Visit
from app.visits.terms import terms_of
from app.visits.timeline import Timeline

LAWFUL_KINDS = frozenset(kind.value for kind in DeviceKind)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything of a visit's evidence in its place. `timeline` is null where there is nothing to record, or no entry."""

    stays: Sequence[tuple[datetime, datetime]]
    files: Sequence[Declared]
    entries: Sequence[ManifestEntry]
    books: Books
    timeline: Timeline | None
    findings: Sequence[Finding]


async def draw(session: AsyncSession, visit: Visit) -> Drawn:
    """Computed anew each time: a file that arrives, or a clock that is measured, changes it."""
    entries = await queries.manifest_of(session, visit)
    books = await bookkeeping.open_books(session, visit, entries)
    checks = await queries.check_ins_of(session, visit)
    files = await leaving.declared_files(session, visit)
    stays = leaving.stays_of(checks)
    demands = terms_of(visit).demands(visit.recording_mode)
    drawn = None
    if demands.medium is not None and stays:
        usable = [
            file for file in files if file.quality is Quality.GOOD and serves(file.medium, demands.medium)
        ]
        drawn = timeline.drawn(stays, usable)
    scene = await _scene(session, visit, entries, stays, coverage_asked=demands.coverage)
    told = leaving.behind(checks)
    around = await _around(session, visit, entries)
    known = [
        _file(entry, file, books, around, behind_ms=told.get(entry.declared_by, 0))
        for entry, file in zip(entries, files, strict=True)
    ]
    undeclared = {str(one): repeats for one, repeats in around.repeats.items() if one not in around.declared}
    found = findings.findings(replace(scene, files=known, undeclared=undeclared), drawn)
    return Drawn(stays, files, entries, books, drawn, found)


@dataclass(frozen=True, slots=True)
class _Around:
    declared: frozenset[UUID]
    reports: dict[UUID, RecordingReport]
    repeats: dict[UUID, list[Repeat]]


async def _scene(
    session: AsyncSession,
    visit: Visit,
    entries: Sequence[ManifestEntry],
    stays: Sequence[tuple[datetime, datetime]],
    *,
    coverage_asked: float,
) -> Scene:
    outlet = await queries.get_outlet(session, visit)
    arrived = await recordings.find_all(session, [entry.recording_id for entry in entries])
    entered_at = stays[0][0] if stays else visit.entered_at or visit.created_at
    local = entered_at.astimezone(ZoneInfo(outlet.time_zone))
    return Scene(
        stays=stays,
        entered_at=entered_at,
        utc_offset=local.utcoffset() or timedelta(),
        lawful_kinds=LAWFUL_KINDS,
        coverage_asked=coverage_asked,
        all_looked_into=all(_is_looked_into(arrived.get(entry.recording_id)) for entry in entries),
    )


def _is_looked_into(recording: Recording | None) -> bool:
    return recording is not None and recording.state in {State.PROCESSED, State.REJECTED}


async def _around(session: AsyncSession, visit: Visit, entries: Sequence[ManifestEntry]) -> _Around:
    declared = frozenset(entry.recording_id for entry in entries)
    ids = declared | {one.id for one in await recordings.recordings_of_visit(session, visit.id)}
    duplicates = await queries_likeness.duplicates_of(session, ids)
    at_visits = await queries_likeness.visits_of(session, [one.earlier_id for one in duplicates])
    days = await queries.days_of(session, visit.organisation_id, set(at_visits.values()))
    repeats: dict[UUID, list[Repeat]] = {one: [] for one in ids}
    for one in duplicates:
        repeats[one.recording_id].append(
            Repeat(
                days[at_visits[one.earlier_id]], one.is_same_file, one.similarity, one.start_ms, one.end_ms
            )
        )
    return _Around(declared, await recordings.reports_of(session, ids), repeats)


def _file(entry: ManifestEntry, declared: Declared, books: Books, around: _Around, *, behind_ms: int) -> File:
    report = around.reports.get(entry.recording_id)
    device = books.devices.get(entry.recording_id)
    at = declared.starts_at or entry.declared_at
    known = None
    if device is not None:
        known = InTheBooks(
            kind=device.kind.value,
            is_in_service=books.is_in_service(entry),
            with_declarer=books.is_with_declarer(entry, at),
            offset=books.offset(entry),
        )
    return File(
        declared=declared,
        told_duration=timedelta(milliseconds=entry.duration_ms),
        device_kind=entry.device_kind,
        device_label=entry.device_label,
        declared_at=entry.declared_at,
        told_offset=leaving.told_offset(entry, behind_ms=behind_ms),
        created_at=_created_at(report),
        books=known,
        repeats=tuple(around.repeats[entry.recording_id]),
        interruptions=tuple(interruptions.read(entry.gaps)),
    )


def _created_at(report: RecordingReport | None) -> datetime | None:
    """Reports made before the pipeline told it lack it."""
    facts = {} if report is None else (report.report or {}).get("facts", {})
    text = facts.get("created_at")
    return None if text is None else datetime.fromisoformat(text)
