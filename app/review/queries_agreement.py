"""Every SELECT over how second markings agree with first ones (D8.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.identity.models import Person
from app.review.models import SecondMark, SecondMarking
from app.review.queries import as_reviewer
from app.visits import queries as visits
from app.visits.models import Visit
from app.visits.rules import State


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which second markings are compared; what is null does not narrow. The last day is included."""

    programme_id: UUID | None
    visited_from: date | None
    visited_until: date | None


@dataclass(frozen=True, slots=True)
class Pairs:
    """How often an inspector said the one and a second marker the other of an item; null: not seen, or not scored."""

    item: str
    inspector_category: str | None
    category: str | None
    inspector_fraction_micro: int | None
    fraction_micro: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What an inspector's answers of one visit earn more than the second marker's, summed over `items` of them."""

    inspector_id: UUID
    visited_on: date
    sum_micro: int
    items: int


async def pairs(session: AsyncSession, actor: Actor, wanted: Wanted, *, now: datetime) -> Sequence[Pairs]:
    """Of the visits in the actor's charge, in the order of the items."""
    said = (
        SecondMark.item_code,
        SecondMark.inspector_category,
        SecondMark.category,
        SecondMark.inspector_fraction_micro,
        SecondMark.fraction_micro,
    )
    rows = await session.execute(
        sa.select(*said, sa.func.count())
        .join(SecondMarking, SecondMarking.task_id == SecondMark.task_id)
        .where(SecondMarking.visit_id.in_(_visits(actor, wanted, now)))
        .group_by(*said)
        .order_by(SecondMark.item_code)
    )
    return [Pairs(*row) for row in rows]


async def differences(
    session: AsyncSession, actor: Actor, wanted: Wanted, *, now: datetime
) -> Sequence[Difference]:
    """By inspector and visit, of the visits in the actor's charge; only items both scored."""
    more = SecondMark.inspector_fraction_micro - SecondMark.fraction_micro
    by = (SecondMark.inspector_id, Visit.entered_on, Visit.id)
    rows = await session.execute(
        sa.select(SecondMark.inspector_id, Visit.entered_on, sa.func.sum(more), sa.func.count())
        .join(SecondMarking, SecondMarking.task_id == SecondMark.task_id)
        .join(Visit, Visit.id == SecondMarking.visit_id)
        .where(
            Visit.id.in_(_visits(actor, wanted, now)),
            SecondMark.inspector_id.is_not(None),
            more.is_not(None),
        )
        .group_by(*by)
        .order_by(*by)
    )
    return [
        Difference(inspector, on, int(total), items)
        for inspector, on, total, items in rows
        if inspector is not None and on is not None and total is not None  # as the statement has it
    ]


async def count_visits(session: AsyncSession, actor: Actor, wanted: Wanted, *, now: datetime) -> int:
    """How many of the visits in the actor's charge were marked twice."""
    counted = (
        sa.select(sa.func.count())
        .select_from(SecondMarking)
        .where(SecondMarking.visit_id.in_(_visits(actor, wanted, now)))
    )
    return int(await session.scalar(counted) or 0)


async def people_of(session: AsyncSession, found: Sequence[Difference]) -> dict[UUID, Person]:
    """The inspectors in it, by id."""
    rows = await session.scalars(sa.select(Person).where(Person.id.in_({one.inspector_id for one in found})))
    return {row.id: row for row in rows}


def _visits(actor: Actor, wanted: Wanted, now: datetime) -> sa.Select[UUID]:
    """Ids of valid visits in charge."""
    rows = visits.visible_to(as_reviewer(actor), now=now).where(Visit.state != State.VOID)
    if wanted.programme_id is not None:
        rows = rows.where(Visit.programme_id == wanted.programme_id)
    if wanted.visited_from is not None:
        rows = rows.where(Visit.entered_on >= wanted.visited_from)
    if wanted.visited_until is not None:
        rows = rows.where(Visit.entered_on <= wanted.visited_until)
    return rows.with_only_columns(Visit.id)
