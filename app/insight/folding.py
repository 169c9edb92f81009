"""Taking what was published into the facts (D3.7, D8.6): nothing is ever adjusted, everything touched is made again.

A visit's facts follow from its publication alone, and a month's figures from the facts alone. So it does not
matter in what order, how often or after what mishap they are made: the result is that of a rebuild.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import queries_facts as queries
from app.insight.facts import Stretch, stretches, tell
from app.insight.figures import FIGURES, Codes, Vector, added, joined, stacked, unpacked, vector
from app.insight.models import Folding, Layout, MonthVectors, Pending, ScoreVectors, VetoFact, VisitScore
from app.insight.queries_facts import Key, Source
from app.insight.rules import Level, shard_of
from app.kit.database import Database
from app.visits.models import ScoreRevision
from app.visits.rules import State

CHUNK = 200  # visits in one transaction: a second or less, during which others of the organisation wait
KEYS_AT_ONCE = 16  # months of a shard, each with the vectors of some hundred visits

Row = dict[str, Any]


async def catch_up(
    database: Database, organisation_id: UUID, *, now: datetime, most: int | None = None
) -> int:
    """Fold what is pending, in transactions of its own; gives how many marks were taken.

    With `most`, no more than about so many visits, for somebody waits.
    """
    taken = 0
    while most is None or taken < most:
        async with database.reading() as session:
            if not await queries.is_anything_pending(session, organisation_id):
                break
        limit = CHUNK if most is None else min(CHUNK, most - taken)
        taken += await database.transact(partial(fold, organisation_id=organisation_id, limit=limit, now=now))
    return taken


async def catch_up_everywhere(database: Database, *, now: datetime) -> int:
    """Fold what is pending in any organisation."""
    async with database.reading() as session:
        behind = await queries.organisations_behind(session)
    return sum([await catch_up(database, one, now=now) for one in behind])


async def fold(session: AsyncSession, organisation_id: UUID, *, limit: int, now: datetime) -> int:
    """Take the oldest marks of an organisation and make the facts of their visits again. Gives how many marks."""
    await _take_turn(session, organisation_id, now=now)
    marks = await queries.pending_of(session, organisation_id, limit=limit)
    if marks:
        await refold(session, organisation_id, {mark.visit_id for mark in marks})
        await session.execute(sa.delete(Pending).where(Pending.id.in_([mark.id for mark in marks])))
    return len(marks)


async def rebuild(database: Database, organisation_id: UUID, *, now: datetime) -> int:
    """Make all facts of an organisation again, whatever is there. Gives how many visits were published.

    Visits first, in pieces, then the months: in between a month may be behind, never half made.
    """
    last: UUID | None = None
    done = 0
    while True:
        async with database.reading() as session:
            some = await queries.published_visits(session, organisation_id, after=last, limit=CHUNK)
        if not some:
            break
        await database.transact(partial(_afresh, organisation_id=organisation_id, visit_ids=some, now=now))
        last, done = some[-1], done + len(some)
    await database.transact(partial(_sweep, organisation_id=organisation_id, now=now))
    async with database.reading() as session:
        keys = await queries.month_keys(session, organisation_id)
    for months in in_pieces(keys):
        await database.transact(
            partial(_months_afresh, organisation_id=organisation_id, keys=months, now=now)
        )
    await catch_up(database, organisation_id, now=now)
    return done


async def _afresh(
    session: AsyncSession, organisation_id: UUID, visit_ids: Sequence[UUID], *, now: datetime
) -> None:
    await _take_turn(session, organisation_id, now=now)
    await _make_facts(session, organisation_id, set(visit_ids), afresh=True)


async def _months_afresh(
    session: AsyncSession, organisation_id: UUID, keys: Sequence[Key], *, now: datetime
) -> None:
    await _take_turn(session, organisation_id, now=now)
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    await _count_again(session, organisation_id, keys, layouts)


async def refold(session: AsyncSession, organisation_id: UUID, visit_ids: set[UUID]) -> None:
    """Make the facts of these visits, and the figures of the months they touch. It must be our turn."""
    touched = await queries.keys_of(session, visit_ids)
    layouts = await _make_facts(session, organisation_id, visit_ids, afresh=False)
    touched |= await queries.keys_of(session, visit_ids)
    await _count_again(session, organisation_id, touched, layouts)


async def _make_facts(
    session: AsyncSession, organisation_id: UUID, visit_ids: set[UUID], *, afresh: bool
) -> "Layouts":
    """The vectors of a score never change, and stay; `afresh` makes them again too."""
    for table in (VisitScore, VetoFact):
        await session.execute(sa.delete(table).where(table.visit_id.in_(visit_ids)))
    sources = await queries.sources_of(session, visit_ids)
    told = {source.visit.id: stretches(source.events) for source in sources}
    named = {stretch.score_revision_id for history in told.values() for stretch in history}
    scores = await queries.scores_by_id(session, named)
    for source in sources:
        await _insert(session, VisitScore, visit_rows(source, told[source.visit.id], scores))
        await _insert(session, VetoFact, veto_rows(source, told[source.visit.id], scores))
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    await _keep_vectors(session, organisation_id, scores, layouts, afresh=afresh)
    return layouts


def visit_rows(source: Source, history: Sequence[Stretch], scores: dict[UUID, ScoreRevision]) -> list[Row]:
    """The rows of `VisitScore` that follow from a publication."""
    return [
        {
            **_said(source, stretch),
            "inspector_id": source.inspector_id,
            "score_revision_id": stretch.score_revision_id,
            "month": source.publication.visited_on.replace(day=1),
            "shard": shard_of(source.publication.outlet_id),
            "total_micro": scores[stretch.score_revision_id].total_micro,
            "completeness_micro": scores[stretch.score_revision_id].completeness_micro,
            "vetoes": len(scores[stretch.score_revision_id].explanation["vetoes"]),
            "on_planned_day": source.visit.planned_on == source.publication.visited_on,
            "handed_in_after_s": _handed_in_after_s(source),
        }
        for stretch in history
    ]


def veto_rows(source: Source, history: Sequence[Stretch], scores: dict[UUID, ScoreRevision]) -> list[Row]:
    """The rows of `VetoFact` that follow from a publication."""
    return [
        {
            **_said(source, stretch),
            "item_code": veto["item"],
            "scope": veto["scope"],
            "target": veto["target"],
        }
        for stretch in history
        for veto in scores[stretch.score_revision_id].explanation["vetoes"]
    ]


def score_row(score: ScoreRevision, layouts: "Layouts") -> Row | None:
    """The row of `ScoreVectors` that follows from a score; None for one without a number (D3.4)."""
    told = tell(score.explanation)
    if not told.indicators:
        return None
    row: Row = {"score_revision_id": score.id}
    for level, figures in ((Level.INDICATOR, told.indicators), (Level.ITEM, told.items)):
        counted = [(one.code, *one.stored) for one in figures if one.stored is not None]
        row |= vector_columns(level, vector(counted, codes=tuple(one.code for one in figures)), layouts)
    return row


def month_row(key: Key, visits: Mapping[UUID, Sequence[ScoreVectors]], layouts: "Layouts") -> Row:
    """The row of `MonthVectors` that follows from the vectors of its visits, by outlet."""
    row: Row = dict(zip(("programme_id", "kind", "month", "shard"), key, strict=True))
    row["outlet_ids"] = b"".join(outlet_id.bytes for outlet_id in visits)
    for level in Level:
        codes, figures = stacked(month_sums(visits, level, layouts))
        row[f"{level}_layout_id"] = layouts.id_of(codes)
        row |= {f"{level}_{name}": packed for name, packed in figures.items()}
    return row


def month_sums(
    visits: Mapping[UUID, Sequence[ScoreVectors]], level: Level, layouts: "Layouts"
) -> list[Vector]:
    """By outlet, in the order of their ids."""
    return [added([vector_in(one, level, layouts) for one in of]) for of in visits.values()]


def vector_columns(level: Level, one: Vector, layouts: "Layouts") -> Row:
    packed = {f"{level}_{name}": figures for name, figures in one.packed().items()}
    return {f"{level}_layout_id": layouts.id_of(one.codes), **packed}


def vector_in(row: ScoreVectors, level: Level, layouts: "Layouts") -> Vector:
    codes = layouts.by_id[getattr(row, f"{level}_layout_id")]
    return unpacked({name: getattr(row, f"{level}_{name}") for name in FIGURES}, codes)


class Layouts:
    """The layouts of an organisation, and those that turn out to be missing (`keep` stores them)."""

    def __init__(self, by_id: dict[int, Codes]) -> None:
        self.by_id = by_id
        self._ids = {codes: number for number, codes in by_id.items()}

    def id_of(self, codes: Codes) -> int:
        """Raises `KeyError` for one that is not stored yet."""
        return self._ids[codes]

    async def keep(self, session: AsyncSession, organisation_id: UUID, wanted: Iterable[Codes]) -> None:
        rows = [
            Layout(organisation_id=organisation_id, codes=list(codes), fingerprint=fingerprint(codes))
            for codes in dict.fromkeys(wanted)
            if codes not in self._ids
        ]
        session.add_all(rows)
        await session.flush()
        for row in rows:
            self.by_id[row.id] = tuple(row.codes)
            self._ids[tuple(row.codes)] = row.id


def fingerprint(codes: Codes) -> str:
    return hashlib.sha256(json.dumps(codes).encode()).hexdigest()


def _said(source: Source, stretch: Stretch) -> Row:
    publication, visit = source.publication, source.visit
    return {
        "visit_id": visit.id,
        "said_from": stretch.said_from,
        "said_until": stretch.said_until,
        "organisation_id": publication.organisation_id,
        "programme_id": visit.programme_id,
        "outlet_id": publication.outlet_id,
        "checklist_version_id": visit.checklist_version_id,
        "alias": publication.alias,
        "kind": publication.kind,
        "visited_on": publication.visited_on,
        "provisional": stretch.provisional,
    }


def _handed_in_after_s(source: Source) -> int | None:
    """From leaving the site to the first submission; null where a transition is not on record."""
    left = [one.at for one in source.transitions if one.to_state is State.LEFT]
    submitted = [one.at for one in source.transitions if one.to_state is State.SUBMITTED]
    if not left or not submitted:
        return None
    before = [at for at in left if at <= submitted[0]]  # re-entry: the last time counts (D7.4)
    return int((submitted[0] - before[-1]).total_seconds()) if before else None


async def _take_turn(session: AsyncSession, organisation_id: UUID, *, now: datetime) -> None:
    """One at a time: two who count a month again at once would not see each other's visits."""
    if await session.get(Folding, organisation_id) is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        first = insert(Folding).values(organisation_id=organisation_id, folded_at=now)
        await session.execute(first.on_conflict_do_nothing())  # somebody else may fold for the first time too
    await session.execute(
        sa.update(Folding).where(Folding.organisation_id == organisation_id).values(folded_at=now)
    )


async def _keep_vectors(
    session: AsyncSession,
    organisation_id: UUID,
    scores: dict[UUID, ScoreRevision],
    layouts: Layouts,
    *,
    afresh: bool,
) -> None:
    if afresh:
        await session.execute(sa.delete(ScoreVectors).where(ScoreVectors.score_revision_id.in_(scores)))
    there = set() if afresh else await queries.told_already(session, scores)
    new = [score for score in scores.values() if score.id not in there]
    told = [tell(score.explanation) for score in new]
    figures = [part for one in told for part in (one.indicators, one.items) if one.indicators]
    await layouts.keep(session, organisation_id, (tuple(one.code for one in part) for part in figures))
    rows = [score_row(score, layouts) for score in new]
    await _insert(session, ScoreVectors, [row for row in rows if row is not None])


async def _count_again(
    session: AsyncSession, organisation_id: UUID, keys: Collection[Key], layouts: Layouts
) -> None:
    for some in in_pieces(sorted(keys, key=str)):
        await session.execute(sa.delete(MonthVectors).where(queries.months_of(some)))
        vectors = await queries.vectors_of(session, some)
        wanted = [
            joined(one.codes for one in month_sums(visits, level, layouts))
            for visits in vectors.values()
            for level in Level
        ]
        await layouts.keep(session, organisation_id, wanted)
        await _insert(session, MonthVectors, [month_row(key, of, layouts) for key, of in vectors.items()])
        session.expunge_all()  # hundreds of vectors that nobody looks at again


async def _sweep(session: AsyncSession, organisation_id: UUID, *, now: datetime) -> None:
    """Take away facts of what was never published, and months without any."""
    await _take_turn(session, organisation_id, now=now)
    for statement in (*queries.orphaned_visits(organisation_id), queries.orphaned_months(organisation_id)):
        await session.execute(statement)


def in_pieces(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[start : start + KEYS_AT_ONCE]


async def _insert(session: AsyncSession, table: Any, rows: Sequence[Row]) -> None:
    if rows:
        await session.execute(sa.insert(table), rows)
