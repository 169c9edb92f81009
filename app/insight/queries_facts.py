"""The SELECTs that folding needs. They act for nobody: what is derived here is shown by other queries only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.facts import Event
from app.insight.figures import Codes
from app.insight.models import (
    Layout,
    MonthVectors,
    Pending,
    ScoreVectors,
    SpanVectors,
    VetoFact,
    VisitScore,
)
from app.insight.rules import spans_around
from app.insight.totals import Told
from app.kit.orm import Base
from app.programmes.models import Programme
from app.review.models import Publication, PublicationRevision
from app.visits.models import CrewMember, ScoreRevision, Visit, VisitTransition
from app.visits.rules import REPORTED, CrewRole, Kind, State

PUBLIC = (*REPORTED, State.VOID)
Key = tuple[UUID, Kind, date, int]  # programme, kind, month, shard
SpanKey = tuple[UUID, Kind, date, date, int]  # programme, kind, first and last day, shard
KEY = (VisitScore.programme_id, VisitScore.kind, VisitScore.month, VisitScore.shard)
SPAN_KEY = (
    SpanVectors.programme_id,
    SpanVectors.kind,
    SpanVectors.first_on,
    SpanVectors.last_on,
    SpanVectors.shard,
)


@dataclass(slots=True)
class Source:
    """A published visit with all that changed what is published of it."""

    publication: Publication
    visit: Visit
    inspector_id: UUID | None = None
    events: list[Event] = field(default_factory=list)
    transitions: list[VisitTransition] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Published:
    """A visit as its month has it; one without a number has no vectors (D3.4)."""

    told: Told
    vectors: ScoreVectors | None


async def pending_of(session: AsyncSession, organisation_id: UUID, *, limit: int) -> Sequence[Pending]:
    """The oldest first."""
    rows = await session.scalars(
        sa.select(Pending).where(Pending.organisation_id == organisation_id).order_by(Pending.id).limit(limit)
    )
    return rows.all()


async def is_anything_pending(session: AsyncSession, organisation_id: UUID) -> bool:
    waiting = sa.exists().where(Pending.organisation_id == organisation_id)
    return bool(await session.scalar(sa.select(waiting)))


async def count_pending(session: AsyncSession, organisation_id: UUID) -> int:
    """How many visits are behind."""
    return (
        await session.scalars(
            sa.select(sa.func.count(sa.distinct(Pending.visit_id))).where(
                Pending.organisation_id == organisation_id
            )
        )
    ).one()


async def pending_among(session: AsyncSession, visit_ids: Collection[UUID]) -> set[UUID]:
    return set(await session.scalars(sa.select(Pending.visit_id).where(Pending.visit_id.in_(visit_ids))))


async def organisations_behind(session: AsyncSession) -> Sequence[UUID]:
    return (await session.scalars(sa.select(Pending.organisation_id).distinct())).all()


async def organisations_published(session: AsyncSession) -> Sequence[UUID]:
    return (await session.scalars(sa.select(Publication.organisation_id).distinct())).all()


async def published_visits(
    session: AsyncSession, organisation_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[UUID]:
    """Ids of published visits, void ones among them, in the order of their ids."""
    rows = sa.select(Publication.visit_id).where(Publication.organisation_id == organisation_id)
    if after is not None:
        rows = rows.where(Publication.visit_id > after)
    return (await session.scalars(rows.order_by(Publication.visit_id).limit(limit))).all()


async def sources_of(session: AsyncSession, visit_ids: Collection[UUID]) -> list[Source]:
    """Those of the visits that were ever published."""
    rows = await session.execute(
        sa.select(Publication, Visit)
        .join(Visit, Visit.id == Publication.visit_id)
        .where(Publication.visit_id.in_(visit_ids))
        .order_by(Publication.visit_id)
        .execution_options(populate_existing=True)
    )
    found = {visit.id: Source(publication, visit) for publication, visit in rows}
    leads = await session.execute(
        sa.select(CrewMember.visit_id, CrewMember.person_id).where(
            CrewMember.visit_id.in_(found), CrewMember.role == CrewRole.LEAD
        )
    )
    for lead in leads:
        found[lead.visit_id].inspector_id = lead.person_id
    await _add_events(session, found)
    return list(found.values())


async def _add_events(session: AsyncSession, found: dict[UUID, Source]) -> None:
    revisions = await session.execute(
        sa.select(Publication.visit_id, PublicationRevision.made_at, PublicationRevision.score_revision_id)
        .join(PublicationRevision, PublicationRevision.publication_id == Publication.id)
        .where(Publication.visit_id.in_(found))
        .order_by(PublicationRevision.number)
    )
    for row in revisions:
        found[row.visit_id].events.append(Event(row.made_at, score_revision_id=row.score_revision_id))
    transitions = await session.scalars(
        sa.select(VisitTransition)
        .where(VisitTransition.visit_id.in_(found))
        .order_by(VisitTransition.at, VisitTransition.id)
    )
    for one in transitions:
        source = found[one.visit_id]
        source.transitions.append(one)
        if one.to_state in PUBLIC:
            source.events.append(Event(one.at, state=one.to_state))
    for source in found.values():
        source.events.sort(key=lambda event: event.at)  # keeps the order within an instant


async def scores_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ScoreRevision]:
    rows = await session.scalars(sa.select(ScoreRevision).where(ScoreRevision.id.in_(ids)))
    return {row.id: row for row in rows}


async def told_already(session: AsyncSession, score_ids: Collection[UUID]) -> set[UUID]:
    """Those of the scores whose parts are there."""
    rows = await session.scalars(
        sa.select(ScoreVectors.score_revision_id).where(ScoreVectors.score_revision_id.in_(score_ids))
    )
    return set(rows)


async def facts_of(
    session: AsyncSession, table: type[VisitScore] | type[VetoFact], visit_id: UUID
) -> Sequence[Base]:
    """All that is kept of a visit."""
    return (await session.scalars(sa.select(table).where(table.visit_id == visit_id))).all()


async def vectors_by_score(session: AsyncSession, score_ids: Collection[UUID]) -> Sequence[ScoreVectors]:
    rows = await session.scalars(sa.select(ScoreVectors).where(ScoreVectors.score_revision_id.in_(score_ids)))
    return rows.all()


async def layouts_of(session: AsyncSession, organisation_id: UUID) -> dict[int, Codes]:
    """What the columns of every vector are: a few for each checklist version that was ever used."""
    rows = await session.execute(
        sa.select(Layout.id, Layout.codes).where(Layout.organisation_id == organisation_id)
    )
    return {row.id: tuple(row.codes) for row in rows}


async def keys_of(session: AsyncSession, visit_ids: Collection[UUID]) -> set[Key]:
    """Which months of which shards the facts of the visits stand in."""
    rows = await session.execute(sa.select(*KEY).where(VisitScore.visit_id.in_(visit_ids)).distinct())
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def months_of(keys: Collection[Key]) -> sa.ColumnElement[bool]:
    """A condition on `MonthVectors`."""
    columns = sa.tuple_(MonthVectors.programme_id, MonthVectors.kind, MonthVectors.month, MonthVectors.shard)
    return columns.in_(keys)


async def visits_in(session: AsyncSession, keys: Collection[Key]) -> dict[Key, list[Published]]:
    """What is published now of the visits of each month, in the order of outlets and of the visits' ids."""
    rows = await session.execute(
        sa.select(
            *KEY,
            VisitScore.outlet_id,
            VisitScore.inspector_id,
            VisitScore.total_micro,
            VisitScore.completeness_micro,
            VisitScore.provisional,
            VisitScore.on_planned_day,
            VisitScore.handed_in_after_s,
            ScoreVectors,
        )
        .outerjoin(ScoreVectors, ScoreVectors.score_revision_id == VisitScore.score_revision_id)
        .where(sa.tuple_(*KEY).in_(keys), VisitScore.said_until.is_(None))
        .order_by(VisitScore.outlet_id, VisitScore.visit_id)
    )
    found: dict[Key, list[Published]] = {}
    for programme_id, kind, month, shard, *told, vectors in rows:
        found.setdefault((programme_id, kind, month, shard), []).append(Published(Told(*told), vectors))
    return found


def orphaned_visits(organisation_id: UUID) -> list[sa.Delete]:
    """Facts of what was never published."""
    published = sa.select(Publication.visit_id).where(Publication.organisation_id == organisation_id)
    return [
        sa.delete(table).where(table.organisation_id == organisation_id, table.visit_id.not_in(published))
        for table in (VisitScore, VetoFact)
    ]


def orphaned_months(organisation_id: UUID) -> sa.Delete:
    """Blocks of months in which no outlet of the shard has a published visit."""
    there = sa.exists().where(
        VisitScore.programme_id == MonthVectors.programme_id,
        VisitScore.kind == MonthVectors.kind,
        VisitScore.month == MonthVectors.month,
        VisitScore.shard == MonthVectors.shard,
        VisitScore.said_until.is_(None),
    )
    return sa.delete(MonthVectors).where(MonthVectors.programme_id.in_(_programmes(organisation_id)), ~there)


async def month_keys(session: AsyncSession, organisation_id: UUID) -> list[Key]:
    """Of every month that has a vector or ought to have one."""
    stored = sa.select(
        MonthVectors.programme_id, MonthVectors.kind, MonthVectors.month, MonthVectors.shard
    ).where(MonthVectors.programme_id.in_(_programmes(organisation_id)))
    wanted = sa.select(*KEY).where(
        VisitScore.organisation_id == organisation_id, VisitScore.said_until.is_(None)
    )
    rows = await session.execute(stored.union(wanted))
    return sorted(((row[0], Kind(row[1]), row[2], row[3]) for row in rows), key=str)


async def missing_spans(session: AsyncSession, organisation_id: UUID) -> list[SpanKey]:
    """Of every month that has a block, the quarter and the year that have none."""
    ours = _programmes(organisation_id)
    months = await session.execute(
        sa.select(MonthVectors.programme_id, MonthVectors.kind, MonthVectors.month, MonthVectors.shard).where(
            MonthVectors.programme_id.in_(ours)
        )
    )
    wanted = {
        (row.programme_id, row.kind, span.first, span.last, row.shard)
        for row in months
        for span in spans_around(row.month)
    }
    return sorted(wanted - set(await span_keys(session, organisation_id)), key=str)


async def span_keys(session: AsyncSession, organisation_id: UUID) -> list[SpanKey]:
    rows = await session.execute(
        sa.select(*SPAN_KEY).where(SpanVectors.programme_id.in_(_programmes(organisation_id)))
    )
    return sorted(((row[0], row[1], row[2], row[3], row[4]) for row in rows), key=str)


async def months_in(session: AsyncSession, key: SpanKey) -> Sequence[MonthVectors]:
    programme_id, kind, first_on, last_on, shard = key
    rows = await session.scalars(
        sa.select(MonthVectors)
        .where(
            MonthVectors.programme_id == programme_id,
            MonthVectors.kind == kind,
            MonthVectors.month.between(first_on, last_on),
            MonthVectors.shard == shard,
        )
        .order_by(MonthVectors.month)
    )
    return rows.all()


async def stored_span(session: AsyncSession, key: SpanKey) -> SpanVectors | None:
    return await session.get(SpanVectors, key)


def forget_span(key: SpanKey) -> sa.Delete:
    return sa.delete(SpanVectors).where(sa.tuple_(*SPAN_KEY).in_([key]))


async def stored_months(session: AsyncSession, keys: Collection[Key]) -> dict[Key, MonthVectors]:
    rows = await session.scalars(sa.select(MonthVectors).where(months_of(keys)))
    return {(row.programme_id, row.kind, row.month, row.shard): row for row in rows}


def _programmes(organisation_id: UUID) -> sa.Select[UUID]:
    return sa.select(Programme.id).where(Programme.organisation_id == organisation_id)
