"""Are the facts those that follow from what is published? Each is computed anew and compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import folding, gathering, queries_assigned, rows
from app.insight import queries_facts as queries
from app.insight.facts import stretches
from app.insight.figures import FIGURES, Vector, unstacked
from app.insight.models import MonthVectors, VetoFact, VisitScore
from app.insight.queries_facts import Published, Source
from app.insight.rows import Layouts
from app.insight.rules import Level, Period
from app.insight.totals import ids_in, packed_totals, packed_works
from app.kit.database import Database

CHUNK = 200


@dataclass(slots=True)
class Findings:
    """Of one organisation. What is pending differs rightly, until it is folded, and is not counted as wrong."""

    organisation_id: UUID
    visits: int = 0
    pending: int = 0
    wrong_visits: list[UUID] = field(default_factory=list)
    wrong_months: int = 0
    wrong_spans: int = 0  # quarters and years that are not the sum of their months
    wrong_assignments: int = 0  # months of which another count of assigned visits is kept

    @property
    def is_right(self) -> bool:
        wrong = (self.wrong_visits, self.wrong_months, self.wrong_spans, self.wrong_assignments)
        return not any(wrong)


async def check(database: Database, organisation_id: UUID) -> Findings:
    """Compare everything. Each chunk is read in one snapshot."""
    findings = Findings(organisation_id)
    last: UUID | None = None
    while True:
        async with database.reading() as session:
            some = await queries.published_visits(session, organisation_id, after=last, limit=CHUNK)
            if not some:
                break
            wrong = await _wrong_visits(session, organisation_id, some)
            findings.wrong_visits += sorted(wrong - await queries.pending_among(session, some))
        last = some[-1]
        findings.visits += len(some)
    async with database.reading() as session:
        findings.pending = await queries.count_pending(session, organisation_id)
        findings.wrong_months = await _wrong_months(session, organisation_id)
        findings.wrong_spans = await _wrong_spans(session, organisation_id)
        findings.wrong_assignments = await _wrong_assignments(session, organisation_id)
    return findings


async def _wrong_visits(session: AsyncSession, organisation_id: UUID, visit_ids: Sequence[UUID]) -> set[UUID]:
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    sources = await queries.sources_of(session, visit_ids)
    return {source.visit.id for source in sources if not await _is_right(session, source, layouts)}


async def _is_right(session: AsyncSession, source: Source, layouts: Layouts) -> bool:
    history = stretches(source.events)
    scores = await queries.scores_by_id(session, {stretch.score_revision_id for stretch in history})
    for table, wanted in (
        (VisitScore, rows.visit_rows(source, history, scores)),
        (VetoFact, rows.veto_rows(source, history, scores)),
    ):
        stored = await queries.facts_of(session, table, source.visit.id)
        if _told(wanted) != _told(_row(one) for one in stored):
            return False
    vectors = await queries.vectors_by_score(session, scores)
    try:
        follow = [rows.score_row(score, layouts) for score in scores.values()]
    except KeyError:  # not even its layout is there
        return False
    return _told(row for row in follow if row is not None) == _told(_row(one) for one in vectors)


async def _wrong_months(session: AsyncSession, organisation_id: UUID) -> int:
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    wrong = 0
    for keys in folding.in_pieces(await queries.month_keys(session, organisation_id)):
        stored = await queries.stored_months(session, keys)
        published = await queries.visits_in(session, keys)
        for key in keys:
            follows = published.get(key)
            wrong += _sums(stored.get(key), layouts) != _sums_of(follows, layouts)
    return wrong


async def _wrong_spans(session: AsyncSession, organisation_id: UUID) -> int:
    """Those that are missing are not wrong: then the months are read."""
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    wrong = 0
    for key in await queries.span_keys(session, organisation_id):
        stored = await queries.stored_span(session, key)
        months = await queries.months_in(session, key)
        wrong += stored is None or _row(stored) != gathering.span_row(key, months, layouts)
        session.expunge_all()
    return wrong


async def _wrong_assignments(session: AsyncSession, organisation_id: UUID) -> int:
    """Of what is marked as changed nothing is expected."""
    wrong = 0
    for key in await queries_assigned.stored_keys(session, organisation_id):
        period = Period.of_month(key[2])
        changed = await queries_assigned.changed_days(session, key[0], key[1], period)
        stored = await queries_assigned.stored_block(session, key)
        counts = await queries_assigned.counts_in(session, organisation_id, key, period.days())
        kept = [] if stored is None else queries_assigned.unpacked(stored)
        wrong += {one for one in kept if one.on not in changed} != {
            one for one in counts if one.on not in changed
        }
    return wrong


def _sums(row: MonthVectors | None, layouts: Layouts) -> object:
    """By outlet, level and code, whatever the order of the columns."""
    if row is None:
        return None
    ids = ids_in(row.outlet_ids)
    levels = [
        unstacked(
            {name: getattr(row, f"{level}_{name}") for name in FIGURES},
            layouts.by_id[getattr(row, f"{level}_layout_id")],
            rows=len(ids),
        )
        for level in Level
    ]
    by_outlet = {one: [_plain(level[number]) for level in levels] for number, one in enumerate(ids)}
    return by_outlet, row.totals, row.inspector_ids, row.works


def _sums_of(visits: Sequence[Published] | None, layouts: Layouts) -> object:
    if not visits:
        return None
    outlet_ids = list(dict.fromkeys(one.told.outlet_id for one in visits))
    told = [one.told for one in visits]
    levels = [rows.month_sums(visits, level, layouts) for level in Level]
    by_outlet = {
        one.bytes: [_plain(level[number]) for level in levels] for number, one in enumerate(outlet_ids)
    }
    return by_outlet, packed_totals(told, outlet_ids), *packed_works(told, outlet_ids)


def _plain(one: Vector) -> list[tuple[object, ...]]:
    """Columns without any visit may be there or not: another outlet of the shard may have them."""
    figures = zip(one.codes, *(getattr(one, name).tolist() for name in FIGURES), strict=True)
    return sorted(column for column in figures if column[1])


def _row(entity: Any) -> dict[str, Any]:
    return {column.key: getattr(entity, column.key) for column in sa.inspect(type(entity)).columns}


def _told(some: Iterable[dict[str, Any]]) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(sorted((name, str(value)) for name, value in row.items())) for row in some}
