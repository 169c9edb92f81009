"""Are the facts those that follow from what is published? Each is computed anew and compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import folding
from app.insight import queries_facts as queries
from app.insight.facts import stretches
from app.insight.figures import FIGURES, Vector, unstacked
from app.insight.folding import Layouts
from app.insight.models import MonthVectors, ScoreVectors, VetoFact, VisitScore
from app.insight.queries_facts import Source
from app.insight.rules import Level
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

    @property
    def is_right(self) -> bool:
        return not self.wrong_visits and not self.wrong_months


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
    return findings


async def _wrong_visits(session: AsyncSession, organisation_id: UUID, visit_ids: Sequence[UUID]) -> set[UUID]:
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    sources = await queries.sources_of(session, visit_ids)
    return {source.visit.id for source in sources if not await _is_right(session, source, layouts)}


async def _is_right(session: AsyncSession, source: Source, layouts: Layouts) -> bool:
    history = stretches(source.events)
    scores = await queries.scores_by_id(session, {stretch.score_revision_id for stretch in history})
    for table, rows in (
        (VisitScore, folding.visit_rows(source, history, scores)),
        (VetoFact, folding.veto_rows(source, history, scores)),
    ):
        stored = await queries.facts_of(session, table, source.visit.id)
        if _told(rows) != _told(_row(one) for one in stored):
            return False
    vectors = await queries.vectors_by_score(session, scores)
    try:
        follow = [folding.score_row(score, layouts) for score in scores.values()]
    except KeyError:  # not even its layout is there
        return False
    return _told(row for row in follow if row is not None) == _told(_row(one) for one in vectors)


async def _wrong_months(session: AsyncSession, organisation_id: UUID) -> int:
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    wrong = 0
    for keys in folding.in_pieces(await queries.month_keys(session, organisation_id)):
        stored = await queries.stored_months(session, keys)
        vectors = await queries.vectors_of(session, keys)
        for key in keys:
            wrong += _sums(stored.get(key), layouts) != _sums_of(vectors.get(key), layouts)
    return wrong


def _sums(row: MonthVectors | None, layouts: Layouts) -> object:
    """By outlet, level and code, whatever the order of the columns."""
    if row is None:
        return None
    ids = [row.outlet_ids[start : start + 16] for start in range(0, len(row.outlet_ids), 16)]
    levels = [
        unstacked(
            {name: getattr(row, f"{level}_{name}") for name in FIGURES},
            layouts.by_id[getattr(row, f"{level}_layout_id")],
            rows=len(ids),
        )
        for level in Level
    ]
    return {one: [_plain(level[number]) for level in levels] for number, one in enumerate(ids)}


def _sums_of(visits: Mapping[UUID, Sequence[ScoreVectors]] | None, layouts: Layouts) -> object:
    if not visits:
        return None
    levels = [folding.month_sums(visits, level, layouts) for level in Level]
    return {one.bytes: [_plain(level[number]) for level in levels] for number, one in enumerate(visits)}


def _plain(one: Vector) -> list[tuple[object, ...]]:
    """Columns without any visit may be there or not: another outlet of the shard may have them."""
    figures = zip(one.codes, *(getattr(one, name).tolist() for name in FIGURES), strict=True)
    return sorted(column for column in figures if column[1])


def _row(entity: Any) -> dict[str, Any]:
    return {column.key: getattr(entity, column.key) for column in sa.inspect(type(entity)).columns}


def _told(rows: Iterable[dict[str, Any]]) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(sorted((name, str(value)) for name, value in row.items())) for row in rows}
