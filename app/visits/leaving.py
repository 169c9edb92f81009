"""The leave gate as the server verifies it (D7.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.recordings import queries as recordings
from app.recordings.models import QuickCheck, RecordingReport
from app.visits import answering, bookkeeping, field, gate, interruptions, marking, queries
from app.visits.answers import Answer
from app.visits.declared import (
    Basis,
    Declared,
    Faults,
    Finding,
    Medium,
    Quality,
    coverage,
    known_quality,
    recorded_time,
)
from app.visits.gate import Claim, Unmet
from app.visits.interruptions import MOST_GAPS, MOST_MARKERS, joined
from app.visits.models import CheckIn, ManifestEntry, Visit
from app.visits.problems import LeaveGateShut, ManifestConflict
from app.visits.rules import State
from app.visits.schemas import LeaveIn, ManifestFileIn
from app.visits.terms import terms_of
from app.visits.transitions import become, require_state


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's answer."""

    unmet: list[Unmet]
    coverage: float
    recorded: timedelta
    files: Sequence[Declared]


async def leave(
    session: AsyncSession, actor: Actor, visit_id: UUID, body: LeaveIn, *, now: datetime
) -> Visit:
    """Declare the files, check out, and be told whether everything is complete.

    Raises `LeaveGateShut` with every rule that is unmet; the visit stays as it was. A visit that has left already
    is given as it is, so that a phone may ask again.
    """
    visit = await field.require_own(session, actor, visit_id, now=now)
    if visit.state is State.LEFT and await queries.find_check_in(session, body.check_out.id) is not None:
        return visit
    require_state(visit, State.ENTERED, to="be left")
    await _declare(session, actor, visit, body.files, now=now)
    outlet = await queries.get_outlet(session, visit)
    out = await field.note_presence(session, actor, visit, outlet, body.check_out, going_in=False, now=now)
    judgement = await judge(session, visit)
    if judgement.unmet:
        raise shut(judgement)
    become(session, visit, State.LEFT, actor=actor, reason="", now=now)
    visit.left_at = max(field.happened_at(out), visit.entered_at or field.happened_at(out))
    await session.flush()
    return visit


async def judge(session: AsyncSession, visit: Visit) -> Judgement:
    """What the gate would say now, of the drafts, the manifest and what the server knows of the files."""
    demands = terms_of(visit).demands(visit.recording_mode)
    document = await answering.document_of(session, visit)
    answers = await answering.drafts(session, visit)
    files = await declared_files(session, visit)
    checks = await queries.check_ins_of(session, visit)
    claim = Claim(
        stays=stays_of(checks),
        files=files,
        unanswered=[one.item for one in marking.missing_required(document, answers, purpose=visit.purpose)],
        vetoes_without_evidence=marking.vetoes_without_evidence(document, answers, purpose=visit.purpose),
        evidence_nowhere=evidence_nowhere(answers, {file.id for file in files}),
        summary_characters=len(visit.summary),
        questions=visit.questions_asked,
        check_out_distance_m=checks[-1].distance_m if checks and not checks[-1].going_in else None,
    )
    usable = [file for file in files if file.quality is Quality.GOOD and file.medium is not Medium.PHOTO]
    return Judgement(gate.unmet(claim, demands), coverage(claim.stays, usable), recorded_time(usable), files)


async def declared_files(session: AsyncSession, visit: Visit) -> list[Declared]:
    """The manifest on the server's clock. What the server found in a file counts more than what the phone said."""
    entries = await queries.manifest_of(session, visit)
    ids = [entry.recording_id for entry in entries]
    found, sampled = await recordings.reports_of(session, ids), await recordings.quick_checks_of(session, ids)
    clocks = await bookkeeping.clocks(session, visit, entries)
    # Of the phone that declared the file, as it measured it last.
    behind_ms = behind(await queries.check_ins_of(session, visit))
    return [
        _on_timeline(
            entry,
            found.get(entry.recording_id),
            _of_this_file(entry, sampled.get(entry.recording_id)),
            offset=clocks.get(entry.recording_id)
            or told_offset(entry, behind_ms=behind_ms.get(entry.declared_by, 0)),
        )
        for entry in entries
    ]


def told_offset(entry: ManifestEntry, *, behind_ms: int) -> timedelta:
    """From the device's clock to the phone's, and from the phone's, which is so far behind, to ours."""
    return timedelta(milliseconds=entry.clock_offset_ms + behind_ms)


def behind(checks: Sequence[CheckIn]) -> dict[UUID, int]:
    """By person: the milliseconds their phone's clock lacks, as it measured last."""
    return {check.person_id: check.clock_offset_ms or 0 for check in checks}


def _of_this_file(entry: ManifestEntry, samples: QuickCheck | None) -> QuickCheck | None:
    """Samples of another file under this id say nothing."""
    if samples is None or (samples.visit_id, samples.sha256) != (entry.visit_id, entry.sha256):
        return None
    return samples


def evidence_nowhere(answers: Mapping[str, Answer], declared: set[str]) -> list[str]:
    """Items whose evidence names a file that no manifest declares."""
    return [
        code
        for code, answer in answers.items()
        if any(
            str(getattr(one, "recording", None) or getattr(one, "photo", None)) not in declared
            for one in answer.evidence
        )
    ]


def shut(judgement: Judgement) -> LeaveGateShut:
    listed = [{"rule": one.rule, "message": one.message, "where": list(one.where)} for one in judgement.unmet]
    looked = [
        {
            "recording_id": file.id,
            "quality": file.quality.value,
            "basis": file.basis.value,
            "findings": [asdict(finding) for finding in file.findings],
        }
        for file in judgement.files
        if file.medium is not Medium.PHOTO
    ]
    return LeaveGateShut(" ".join(one.message for one in judgement.unmet), unmet=listed, recordings=looked)


async def _declare(
    session: AsyncSession, actor: Actor, visit: Visit, files: Sequence[ManifestFileIn], *, now: datetime
) -> None:
    """Add what is new to the manifest. Nothing declared before may be left out or changed but its quality."""
    for file in files:
        entry = await queries.find_manifest_entry(session, file.recording_id)
        if entry is None:
            session.add(
                ManifestEntry(
                    **file.model_dump(exclude={"gaps", "markers_ms"}),
                    **_noticed([], [], file),
                    visit_id=visit.id,
                    declared_by=actor.person_id,
                    declared_at=now,
                )
            )
        elif entry.visit_id != visit.id or (entry.sha256, entry.size_bytes) != (file.sha256, file.size_bytes):
            raise ManifestConflict(
                f"File {file.recording_id} was declared with another size or hash, or for another visit.",
                recording_id=str(file.recording_id),
            )
        else:
            entry.quality = file.quality
            entry.started_at, entry.clock_offset_ms = file.started_at, file.clock_offset_ms
            noticed = _noticed(entry.gaps, entry.markers_ms, file)
            entry.gaps, entry.markers_ms = noticed["gaps"], noticed["markers_ms"]
    await session.flush()


def _noticed(
    gaps: Sequence[dict[str, Any]], markers_ms: Sequence[int], file: ManifestFileIn
) -> dict[str, list[Any]]:
    """What the recorder told, now or before: telling less takes nothing back."""
    told = [gap.model_dump(mode="json") for gap in file.gaps]
    return {
        "gaps": joined(gaps, told, by=itemgetter("from_ms", "to_ms", "why"), most=MOST_GAPS),
        "markers_ms": joined(markers_ms, file.markers_ms, by=None, most=MOST_MARKERS),
    }


def _on_timeline(
    entry: ManifestEntry,
    file: RecordingReport | None,
    samples: QuickCheck | None,
    *,
    offset: timedelta,
) -> Declared:
    """`offset` is what the device's clock lacks."""
    started = None if entry.started_at is None else entry.started_at + offset
    quality, basis = known_quality(
        Quality(entry.quality),
        None if samples is None else Faults(samples.black, samples.silent),
        None if file is None else Faults(file.black, file.silent, file.unusable),
    )
    duration = timedelta(milliseconds=entry.duration_ms if file is None else file.duration_ms)
    return Declared(
        id=str(entry.recording_id),
        medium=entry.medium,
        starts_at=started,
        duration=duration,
        lost=interruptions.lost(interruptions.read(entry.gaps), duration),
        quality=quality,
        basis=basis,
        device=f"{entry.declared_by} {entry.device_label}",
        findings=(
            *_findings(Basis.SAMPLES, [] if samples is None else samples.checks),
            *_findings(Basis.FILE, [] if file is None else (file.report or {}).get("checks", [])),
        ),
    )


def _findings(basis: Basis, checks: Sequence[Mapping[str, Any]]) -> list[Finding]:
    return [Finding(basis, check["kind"], check["severity"], check["zh"], check["en"]) for check in checks]


def stays_of(checks: Sequence[CheckIn]) -> list[tuple[datetime, datetime]]:
    """Entry to exit by the check-ins, in order; a stay without an exit is not over and not counted."""
    stays, begun = [], None
    for check in checks:
        at = field.happened_at(check)
        if check.going_in and begun is None:
            begun = at
        elif not check.going_in and begun is not None:
            stays.append((begun, max(begun, at)))
            begun = None
    return stays
