"""Taking in the visits of before this product, so that they count from the first day (D5.6)."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.actor import Actor, Role
from app.kit.ids import new_id
from app.kit.sheets import Limits, Sheet
from app.outlets import queries as outlets
from app.outlets.importing import refusal
from app.programmes import queries as programmes
from app.programmes.models import Programme
from app.programmes.service import rules_of
from app.rotation import queries, rules
from app.rotation.history_sheet import COLUMNS, Directory, Fact, Past, examine
from app.rotation.models import BarCause, CovertBar, Exposure, ExposureKind
from app.rotation.parts import Part, rule_of
from app.rotation.schemas import HistoryImportOut
from app.rotation.service import block_of, new_exposure

MOST_BYTES = 16 << 20  # 100,000 rows have about 6 MB as CSV
LIMITS = Limits(rows=100_000, columns=2 * len(COLUMNS), unzipped_bytes=128 << 20)

Pair = tuple[UUID, str]  # inspector, place


@dataclass(frozen=True, slots=True)
class Known:
    """What counts already of the people in a sheet."""

    exposures: Mapping[Pair, Sequence[Exposure]]
    facts: frozenset[Fact]
    bars: frozenset[Fact]

    def is_new(self, past: Past) -> bool:
        return past.fact not in self.facts

    def needs_bar(self, past: Past) -> bool:
        return past.is_overt and past.fact not in self.bars


async def import_history(
    session: AsyncSession, actor: Actor, programme_id: UUID, *, sheet: Sheet, dry_run: bool, now: datetime
) -> HistoryImportOut:
    """Enter past visits under the rotation rule of a programme. What breaks the rule in the past is kept as it was.

    Raises `ImportRefused` with every mistake; then nothing was imported. The same row again changes nothing.
    """
    actor.require(Role.ADMIN)
    programme = await programmes.get_programme(session, actor, programme_id)
    findings = await asyncio.to_thread(examine, sheet, await _directory(session, actor, now))
    if findings.errors and not dry_run:
        raise refusal(sheet, findings.errors)
    known = await _known(session, {past.inspector_id for past in findings.past.values()})
    created = [past for past in findings.past.values() if known.is_new(past)]
    barred = [past for past in findings.past.values() if known.needs_bar(past)]
    exposures = [_exposure(programme, past, now) for past in created]
    answer = HistoryImportOut(
        dry_run=dry_run,
        rows=len(sheet.rows),
        created=len(created),
        unchanged=findings.repeated + len(findings.past) - len(created),
        barred=len(barred),
        reservations_in_conflict=_in_conflict(exposures, known),
        errors=findings.errors,
    )
    if not dry_run and (exposures or barred):
        await _enter(session, exposures, known)
        session.add_all(_bar(programme, past, now) for past in barred)
        details = answer.model_dump(mode="json", exclude={"errors", "dry_run"})
        record(session, actor, "rotation.history_imported", subject_id=programme.id, details=details, now=now)
    return answer


async def _directory(session: AsyncSession, actor: Actor, now: datetime) -> Directory:
    known = await outlets.outlets_by_code(session, actor.organisation_id)
    zones = {outlet.time_zone for outlet in known.values()}
    return Directory(
        inspectors=await queries.inspectors_by_email(session, actor.organisation_id),
        outlets=known,
        today={zone: now.astimezone(ZoneInfo(zone)).date() for zone in zones},
    )


async def _known(session: AsyncSession, inspector_ids: Collection[UUID]) -> Known:
    pairs: dict[Pair, list[Exposure]] = defaultdict(list)
    facts: set[Fact] = set()
    for row in await queries.counted_of(session, inspector_ids):
        pairs[row.inspector_id, row.place].append(row)
        if row.kind is not ExposureKind.PLANNED:  # a reservation may be released, the past may not
            facts.add((row.inspector_id, row.outlet_id, row.visited_on))
    bars = {
        (bar.inspector_id, bar.outlet_id, bar.since) for bar in await queries.bars_of(session, inspector_ids)
    }
    return Known(pairs, frozenset(facts), frozenset(bars))


def _exposure(programme: Programme, past: Past, now: datetime) -> Exposure:
    part = Part(past.inspector_id, past.outlet, None, rule_of(programme))
    return new_exposure(part, on=past.on, kind=ExposureKind.IMPORTED, now=now)


def _bar(programme: Programme, past: Past, now: datetime) -> CovertBar:
    months = rules_of(programme).covert_bar_months
    return CovertBar(
        id=new_id(),
        organisation_id=past.outlet.organisation_id,
        inspector_id=past.inspector_id,
        outlet_id=past.outlet.id,
        cause=BarCause.OVERT,
        since=past.on,
        until=None if months is None else rules.add_months(past.on, months),
        visit_id=None,
        created_at=now,
    )


def _in_conflict(exposures: Sequence[Exposure], known: Known) -> list[UUID]:
    """Reserved visits that the imported past forbids: it counts, and they must be moved by people."""
    found = {
        row.visit_id
        for new in exposures
        for row in known.exposures.get((new.inspector_id, new.place), ())
        if row.kind is ExposureKind.PLANNED
        and row.visit_id is not None
        and block_of(new).forbids(row.visited_on, row.blocked_until)
    }
    return sorted(found)


async def _enter(session: AsyncSession, exposures: Sequence[Exposure], known: Known) -> None:
    """Write the new rows, and give each counted row of their pairs the guard it should have (D5.5).

    Every statement leaves ranges that are parts of the final ones, so that nothing ever overlaps: first the
    known rows let go, then the new ones come, then the known ones take what is left to them.
    """
    pairs: dict[Pair, list[Exposure]] = defaultdict(list)
    for row in exposures:
        pairs[row.inspector_id, row.place].append(row)
    takes: list[tuple[Exposure, date, date]] = []
    for pair, new in pairs.items():
        rows = sorted([*known.exposures.get(pair, ()), *new], key=lambda row: row.visited_on)
        for row, guard in zip(rows, rules.guards(map(block_of, rows)), strict=True):
            wanted = (guard.begins, guard.ends) if guard else (None, None)
            if (row.guard_from, row.guard_until) == wanted:
                continue
            row.guard_from = row.guard_until = None
            if guard is not None:
                takes.append((row, guard.begins, guard.ends))
    await session.flush()
    fresh = set(map(id, exposures))
    for row, begins, ends in takes:
        if id(row) in fresh:
            row.guard_from, row.guard_until = begins, ends
    session.add_all(exposures)
    await session.flush()
    for row, begins, ends in takes:
        row.guard_from, row.guard_until = begins, ends
    await session.flush()
