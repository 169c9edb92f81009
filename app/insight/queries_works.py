"""Every published visit that somebody led, as studies of inspectors and of reliability need it: numbers in columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.identity.models import Person
from app.insight.figures import Floats, Whole
from app.insight.models import VisitScore
from app.insight.queries import Asked, Group, told
from app.insight.queries_blocks import months
from app.insight.queries_members import members_of
from app.insight.rules import DAY_S
from app.insight.totals import MICRO, UNKNOWN, WORKS, ids_in
from app.outlets.models import Outlet

COLUMNS = ("outlet_ids", "inspector_ids", "works")
NAMES = WORKS.names or ()


@dataclass(frozen=True, slots=True)
class Works:
    """One entry a visit in each column; what is not known is below 0. Inspectors are numbered as in `inspectors`."""

    inspectors: Sequence[UUID]
    outlet: Whole
    inspector: Whole
    micro: Whole
    completeness: Whole
    on_planned_day: Whole
    in_time: Whole

    def marks(self) -> Floats:
        """Every visit with a number as a row (outlet, inspector, total)."""
        has = self.micro >= 0
        return np.stack([self.outlet[has], self.inspector[has], self.micro[has] / MICRO], axis=1)


async def works(session: AsyncSession, asked: Asked, group: Group) -> Works:
    """At the outlets of the group."""
    kept = await _kept(session, asked, group) if asked.is_kept else None
    return kept if kept is not None else await _counted(session, asked, group)


async def _kept(session: AsyncSession, asked: Asked, group: Group) -> Works | None:
    """None where an older release made one of the months."""
    outlets = (await members_of(session, asked, group)).places()
    inspectors: dict[bytes, int] = {}
    tables = []
    for row in await months(session, asked, COLUMNS):
        if row.works is None:
            return None
        works = np.frombuffer(row.works, dtype=WORKS)
        outlet = np.array([outlets.get(one, -1) for one in ids_in(row.outlet_ids)], dtype=np.int64)
        led = np.array([inspectors.setdefault(one, len(inspectors)) for one in ids_in(row.inspector_ids)])
        table = np.stack([works[name].astype(np.int64) for name in NAMES])
        table[0], table[1] = outlet[works["outlet"]], led.astype(np.int64)[works["inspector"]]
        tables.append(table[:, table[0] >= 0])
    return _in_columns([UUID(bytes=one) for one in inspectors], tables)


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
    ids = await session.scalars(
        sa.select(Person.id)
        .where(Person.organisation_id == asked.programme.organisation_id)
        .order_by(Person.id)
    )
    table = np.array((text or "").split(), dtype=np.int64).reshape(-1, len(columns))
    return _in_columns(list(ids), [table.T])


def _numbered(column: InstrumentedAttribute[UUID], condition: sa.ColumnElement[bool]) -> sa.Subquery:
    number = (sa.func.row_number().over(order_by=column) - 1).label("number")
    return sa.select(column.label("id"), number).where(condition).subquery()


def _in_columns(inspectors: Sequence[UUID], tables: Sequence[Whole]) -> Works:
    """Each table has the columns of `WORKS`, in order."""
    empty = np.zeros((len(NAMES), 0), dtype=np.int64)
    return Works(inspectors, *np.concatenate([empty, *tables], axis=1))
