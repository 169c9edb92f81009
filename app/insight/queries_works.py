"""Every published visit that somebody led, as studies of inspectors and of reliability need it: numbers in columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.identity.models import Person
from app.insight.figures import Whole
from app.insight.models import VisitScore
from app.insight.queries import Asked, Group, told
from app.insight.queries_blocks import months
from app.insight.queries_members import members_of
from app.insight.rules import DAY_S
from app.insight.totals import UNKNOWN, WORKS, ids_in
from app.outlets.models import Outlet

COLUMNS = ("outlet_ids", "inspector_ids", "works")
NAMES = WORKS.names or ()


@dataclass(frozen=True, slots=True)
class Works:
    """One entry a visit in each column; what is not known is below 0.

    Inspectors are numbered as in `inspectors`, and outlets below `outlets`; not each of either need have a visit.
    """

    inspectors: Sequence[UUID]
    outlets: int
    outlet: Whole
    inspector: Whole
    micro: Whole
    completeness: Whole
    on_planned_day: Whole
    in_time: Whole


async def works(session: AsyncSession, asked: Asked, group: Group) -> Works:
    """At the outlets of the group."""
    kept = await _kept(session, asked, group) if asked.is_kept else None
    return kept if kept is not None else await _counted(session, asked, group)


async def _kept(session: AsyncSession, asked: Asked, group: Group) -> Works | None:
    """None where an older release made one of the months."""
    places = (await members_of(session, asked, group)).places()
    rows = await months(session, asked, COLUMNS)
    if any(row.works is None for row in rows):
        return None
    inspectors: dict[bytes, int] = {}
    outlet, led = [], []
    for row in rows:
        outlet.append([places.get(one, UNKNOWN) for one in ids_in(row.outlet_ids)])
        led.append([inspectors.setdefault(one, len(inspectors)) for one in ids_in(row.inspector_ids)])
    table = np.frombuffer(b"".join(row.works for row in rows), dtype=WORKS)
    visits = [len(row.works) // WORKS.itemsize for row in rows]
    columns = {name: np.ascontiguousarray(table[name]) for name in NAMES}
    columns["outlet"] = _among_all(outlet, columns["outlet"], visits)
    columns["inspector"] = _among_all(led, columns["inspector"], visits)
    if (columns["outlet"] < 0).any():
        ours = columns["outlet"] >= 0
        columns = {name: one[ours] for name, one in columns.items()}
    return Works([UUID(bytes=one) for one in inspectors], len(places), **columns)


def _among_all(numbers: Sequence[Sequence[int]], in_block: Whole, visits: Sequence[int]) -> Whole:
    """From a number within each visit's block to that which `numbers` has for it. Blocks have so many visits each."""
    begin = np.cumsum([0, *(len(some) for some in numbers)])[:-1]
    told = np.array([number for some in numbers for number in some], dtype=np.int64)
    return np.asarray(told[in_block + np.repeat(begin, visits)])


async def _counted(session: AsyncSession, asked: Asked, group: Group) -> Works:
    """From the visits. They come as one text: as rows they would take the driver longer than the database."""
    outlets = _numbered(Outlet.id, group.condition)
    people = _numbered(Person.id, Person.organisation_id == asked.programme.organisation_id)
    in_time = sa.case(
        (VisitScore.handed_in_after_s.is_(None), UNKNOWN), (VisitScore.handed_in_after_s <= DAY_S, 1), else_=0
    )
    columns: list[sa.ColumnElement[int]] = [
        outlets.c.number,
        people.c.number,
        sa.func.coalesce(VisitScore.total_micro, UNKNOWN),
        sa.func.coalesce(VisitScore.completeness_micro, UNKNOWN),
        sa.case((VisitScore.on_planned_day, 1), else_=0),
        in_time,
    ]
    line: sa.ColumnElement[str] = sa.cast(columns[0], sa.Text)
    for column in columns[1:]:
        line = line.concat(" ").concat(sa.cast(column, sa.Text))
    text = await session.scalar(
        sa.select(sa.func.aggregate_strings(line, " "))
        .select_from(VisitScore)
        .join(outlets, outlets.c.id == VisitScore.outlet_id)
        .join(people, people.c.id == VisitScore.inspector_id)
        .where(told(asked))
    )
    ids = await session.scalars(sa.select(people.c.id).order_by(people.c.number))
    places = await session.scalar(sa.select(sa.func.count()).select_from(outlets))
    table = np.array((text or "").split(), dtype=np.int64).reshape(-1, len(columns))
    return Works(list(ids), places or 0, *table.T)


def _numbered(column: InstrumentedAttribute[UUID], condition: sa.ColumnElement[bool]) -> sa.Subquery:
    number = (sa.func.row_number().over(order_by=column) - 1).label("number")
    return sa.select(column.label("id"), number).where(condition).subquery()
