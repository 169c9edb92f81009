"""Taking in a sheet of outlets: all of it, or nothing and every mistake by its row."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import JsonValue, record
from app.identity.actor import Actor, Role
from app.kit.ids import new_id
from app.kit.sentences import counted
from app.kit.sheets import Limits, Row, Sheet
from app.outlets import queries, queries_regions
from app.outlets.columns import COLUMNS, POSITION, BadCells, CellError, read_cells, read_closures
from app.outlets.models import Outlet, OutletClosure
from app.outlets.problems import ImportRefused
from app.outlets.schemas import ClosureIn, ImportOut, OutletIn, RowErrorOut
from app.outlets.sentences import Says
from app.outlets.service import fields_of, fill

MOST_BYTES = 32 << 20  # 50,000 outlets with all columns have about 15 MB as CSV
BATCH = 500  # rows written together
LIMITS = Limits(rows=50_000, columns=2 * len(COLUMNS), unzipped_bytes=256 << 20)


@dataclass(frozen=True, slots=True)
class Register:
    """What is there before the import."""

    outlets: Mapping[str, Outlet]  # by code
    closures: Mapping[UUID, list[OutletClosure]]
    regions: Mapping[str, UUID]  # by code
    time_zones: Mapping[UUID, str]  # by region
    tiers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that differs from what is there. `closures` is `None` when the sheet says nothing of them."""

    outlet: Outlet | None  # null: a new one
    after: OutletIn
    closures: tuple[ClosureIn, ...] | None


@dataclass(slots=True)
class Findings:
    """What a sheet would do."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    errors: list[RowErrorOut] = field(default_factory=list)

    def complain(self, row: int, errors: Iterable[CellError]) -> None:
        self.errors += [one.in_row(row) for one in errors]


def refusal(sheet: Sheet, errors: Sequence[RowErrorOut]) -> ImportRefused:
    """Of a sheet with these mistakes; there is one at least."""
    first, told = errors[0], [error.model_dump() for error in errors]
    detail = f"{counted(len(told), 'mistake')}; the first in row {first.row}: {first.column}: {first.message}"
    return ImportRefused(detail, rows=len(sheet.rows), errors=told)


async def import_outlets(
    session: AsyncSession, actor: Actor, sheet: Sheet, *, dry_run: bool, now: datetime
) -> ImportOut:
    """Enter new outlets and edit known ones, by code. A dry run tells what would happen, mistakes included.

    Raises `ImportRefused` with every mistake; then nothing was imported.
    """
    actor.require(Role.ADMIN)
    register = await _register(session, actor)
    findings = await asyncio.to_thread(examine, sheet, register)
    if findings.errors and not dry_run:
        raise refusal(sheet, findings.errors)
    changed = len(findings.changes)
    created = sum(change.outlet is None for change in findings.changes)
    if not dry_run:
        await _apply(session, actor, findings.changes, register=register, now=now)
    return ImportOut(
        dry_run=dry_run,
        rows=len(sheet.rows),
        created=created,
        updated=changed - created,
        unchanged=findings.unchanged,
        errors=findings.errors,
    )


def examine(sheet: Sheet, register: Register) -> Findings:
    """Compare every row with what is there. Touches nothing."""
    findings = Findings()
    findings.complain(1, _header_errors(sheet.columns))
    if findings.errors:
        return findings
    seen: dict[str, int] = {}
    for row in sheet.rows:
        code = row.cells["code"]
        if code and code in seen:
            findings.complain(row.number, [CellError("code", Says.CODE_TWICE.of(row=seen[code]))])
            continue
        seen[code] = row.number
        try:
            change = _change(row, register)
        except BadCells as bad:
            findings.complain(row.number, bad.errors)
            continue
        if _is_change(change, register):
            findings.changes.append(change)
        else:
            findings.unchanged += 1
    return findings


def _header_errors(columns: tuple[str, ...]) -> list[CellError]:
    errors = [
        CellError(column, Says.UNKNOWN_COLUMN.of(columns=", ".join(COLUMNS)))
        for column in columns
        if column not in COLUMNS
    ]
    if "code" not in columns:
        errors.append(CellError("code", Says.CODE_NEEDED.of()))
    if set(POSITION) & set(columns) not in (set(), set(POSITION)):
        errors.append(CellError("latitude", Says.POSITION_TOGETHER.of()))
    return errors


def _change(row: Row, register: Register) -> Change:
    """Raises `BadCells` with everything that is wrong with the row."""
    outlet = register.outlets.get(row.cells["code"])
    errors: list[CellError] = []
    after, closures = None, None
    if row.is_too_long:
        errors.append(CellError("", Says.TOO_MANY_CELLS.of()))
    try:
        after = read_cells(
            row.cells,
            regions=register.regions,
            tiers=register.tiers,
            before=fields_of(outlet) if outlet else None,
        )
    except BadCells as bad:
        errors += bad.errors
    try:
        closures = read_closures(row.cells["closures"]) if "closures" in row.cells else None
    except BadCells as bad:
        errors += bad.errors
    if after and outlet and outlet.successor_id and after.active:
        errors.append(CellError("active", Says.SUCCEEDED.of()))
    if errors or after is None:
        raise BadCells(errors)
    return Change(outlet, _settled(after, register), closures)


def _settled(after: OutletIn, register: Register) -> OutletIn:
    if after.time_zone is not None:
        return after
    return after.model_copy(update={"time_zone": register.time_zones[after.region_id]})


def _is_change(change: Change, register: Register) -> bool:
    if change.outlet is None or fields_of(change.outlet) != change.after:
        return True
    if change.closures is None:
        return False
    there = [(one.starts_on, one.ends_on, one.reason) for one in register.closures.get(change.outlet.id, [])]
    return there != [(one.starts_on, one.ends_on, one.reason) for one in change.closures]


async def _register(session: AsyncSession, actor: Actor) -> Register:
    organisation_id = actor.organisation_id
    outlets = await queries.outlets_by_code(session, organisation_id)
    regions = await queries_regions.regions_of(session, organisation_id)
    return Register(
        outlets=outlets,
        closures=await queries.closures_by_outlet(session, [row.id for row in outlets.values()]),
        regions={row.code: row.id for row in regions},
        time_zones={row.id: row.time_zone for row in regions},
        tiers=frozenset(row.code for row in await queries_regions.tiers_of(session, organisation_id)),
    )


async def _apply(
    session: AsyncSession, actor: Actor, changes: list[Change], *, register: Register, now: datetime
) -> None:
    """Batch by batch: others get their turn in between, and what was written need not be kept in memory."""
    while changes:
        batch = [(change, change.outlet or _new_outlet(actor, now=now)) for change in changes[-BATCH:]]
        del changes[-BATCH:]
        for change, outlet in batch:
            await _apply_one(session, actor, outlet, change=change, register=register, now=now)
        await session.flush()  # before their closures, which refer to them
        session.add_all(_closure(outlet, one) for change, outlet in batch for one in change.closures or ())
        await session.flush()


async def _apply_one(
    session: AsyncSession, actor: Actor, outlet: Outlet, *, change: Change, register: Register, now: datetime
) -> None:
    details: dict[str, JsonValue] = {
        "by": "import",
        "before": fields_of(outlet).model_dump(mode="json") if change.outlet else None,
        "after": change.after.model_dump(mode="json"),
        "closures": [one.model_dump(mode="json") for one in change.closures or ()],
    }
    action = "outlet.edited" if change.outlet else "outlet.entered"
    record(session, actor, action, subject_id=outlet.id, details=details, now=now)
    fill(outlet, change.after, region_id=change.after.region_id)
    session.add(outlet)
    for closure in register.closures.get(outlet.id, []) if change.closures is not None else []:
        await session.delete(closure)


def _new_outlet(actor: Actor, *, now: datetime) -> Outlet:
    return Outlet(id=new_id(), organisation_id=actor.organisation_id, created_at=now)


def _closure(outlet: Outlet, wanted: ClosureIn) -> OutletClosure:
    return OutletClosure(
        id=new_id(),
        organisation_id=outlet.organisation_id,
        outlet_id=outlet.id,
        starts_on=wanted.starts_on,
        ends_on=wanted.ends_on,
        reason=wanted.reason,
    )
