"""Taking what was published into the facts (D3.7, D8.6): nothing is ever adjusted, everything touched is made again.

A visit's facts follow from its publication alone, and a month's figures from the facts alone. So it does not
matter in what order, how often or after what mishap they are made: the result is that of a rebuild.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import queries_facts as queries
from app.insight.facts import stretches, tell
from app.insight.models import Folding, MonthVectors, Pending, ScoreVectors, VetoFact, VisitScore
from app.insight.queries_facts import Key
from app.insight.rows import Layouts, Row, month_codes, month_row, score_row, veto_rows, visit_rows
from app.insight.rules import Level
from app.kit.database import Database
from app.visits.models import ScoreRevision

CHUNK = 200  # visits in one transaction: a second or less, during which others of the organisation wait
KEYS_AT_ONCE = 16  # months of a shard, each with the vectors of some hundred visits


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
    await take_turn(session, organisation_id, now=now)
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
    await take_turn(session, organisation_id, now=now)
    await _make_facts(session, organisation_id, set(visit_ids), afresh=True)


async def _months_afresh(
    session: AsyncSession, organisation_id: UUID, keys: Sequence[Key], *, now: datetime
) -> None:
    await take_turn(session, organisation_id, now=now)
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    await count_again(session, organisation_id, keys, layouts)


async def refold(session: AsyncSession, organisation_id: UUID, visit_ids: set[UUID]) -> None:
    """Make the facts of these visits, and the figures of the months they touch. It must be our turn."""
    touched = await queries.keys_of(session, visit_ids)
    layouts = await _make_facts(session, organisation_id, visit_ids, afresh=False)
    touched |= await queries.keys_of(session, visit_ids)
    await count_again(session, organisation_id, touched, layouts)


async def _make_facts(
    session: AsyncSession, organisation_id: UUID, visit_ids: set[UUID], *, afresh: bool
) -> Layouts:
    """The vectors of a score never change, and stay; `afresh` makes them again too."""
    for table in (VisitScore, VetoFact):
        await session.execute(sa.delete(table).where(table.visit_id.in_(visit_ids)))
    sources = await queries.sources_of(session, visit_ids)
    told = {source.visit.id: stretches(source.events) for source in sources}
    named = {stretch.score_revision_id for history in told.values() for stretch in history}
    scores = await queries.scores_by_id(session, named)
    for source in sources:
        await insert(session, VisitScore, visit_rows(source, told[source.visit.id], scores))
        await insert(session, VetoFact, veto_rows(source, told[source.visit.id], scores))
    layouts = Layouts(await queries.layouts_of(session, organisation_id))
    await _keep_vectors(session, organisation_id, scores, layouts, afresh=afresh)
    return layouts


async def take_turn(session: AsyncSession, organisation_id: UUID, *, now: datetime) -> None:
    """One at a time: two who count a month again at once would not see each other's visits."""
    if await session.get(Folding, organisation_id) is None:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        first = dialect.insert(Folding).values(organisation_id=organisation_id, folded_at=now)
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
    await insert(session, ScoreVectors, [row for row in rows if row is not None])


async def count_again(
    session: AsyncSession, organisation_id: UUID, keys: Collection[Key], layouts: Layouts
) -> None:
    """Make the blocks of these months out of the facts. It must be our turn."""
    for some in in_pieces(sorted(keys, key=str)):
        await session.execute(sa.delete(MonthVectors).where(queries.months_of(some)))
        published = await queries.visits_in(session, some)
        wanted = [month_codes(visits, level, layouts) for visits in published.values() for level in Level]
        await layouts.keep(session, organisation_id, wanted)
        await insert(session, MonthVectors, [month_row(key, of, layouts) for key, of in published.items()])
        session.expunge_all()  # hundreds of vectors that nobody looks at again


async def _sweep(session: AsyncSession, organisation_id: UUID, *, now: datetime) -> None:
    """Take away facts of what was never published, and months without any."""
    await take_turn(session, organisation_id, now=now)
    for statement in (*queries.orphaned_visits(organisation_id), queries.orphaned_months(organisation_id)):
        await session.execute(statement)


def in_pieces(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[start : start + KEYS_AT_ONCE]


async def insert(session: AsyncSession, table: Any, rows: Sequence[Row]) -> None:
    if rows:
        await session.execute(sa.insert(table), rows)
