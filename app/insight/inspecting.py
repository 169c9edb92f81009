"""Inspectors beside each other, and how many visits a conclusion needs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity import queries as identity
from app.insight import asking, queries_assigned, queries_inspectors, queries_works
from app.insight.agreement import Table, over_items
from app.insight.asking import Scope
from app.insight.figures import Whole
from app.insight.overview import rounded
from app.insight.queries import Asked
from app.insight.queries_works import Works
from app.insight.reliability import (
    Cells,
    Components,
    coefficient,
    components,
    precision,
    visits_for_precision,
    visits_for_reliability,
)
from app.insight.schemas_comparing import (
    ComponentsOut,
    InspectorAgreementOut,
    InspectorOut,
    InspectorsOut,
    ReliabilityOut,
    SeverityOut,
    VisitsNeededOut,
)
from app.insight.severity import Severity, severities
from app.insight.totals import MICRO
from app.insight.working import Work, work_of

TABLE_VISITS = 12  # a year of monthly visits
NO_WORK = Work(0, 0, None, None, None, None)
NOTHING = (0, 0)


async def inspectors(session: AsyncSession, scope: Scope, asked: Asked, *, now: datetime) -> InspectorsOut:
    """Whoever led a published visit or was assigned one, at the outlets of the scope."""
    works = await queries_works.works(session, asked, scope.group)
    work = work_of(works)
    assigned = await queries_assigned.assigned_to(session, asked, scope.group)
    severity = _severities(works)
    agreed = await queries_inspectors.pairs_of(session, asked, scope.group)
    names = await identity.names_of(session, work.keys() | assigned.keys())
    rows = [
        InspectorOut(
            person_id=one,
            name=name,
            **_work(work.get(one, NO_WORK)),
            severity=_severity(severity.get(one)),
            assigned=assigned.get(one, NOTHING)[0],
            carried_out=assigned.get(one, NOTHING)[1],
            agreement=_agreement(agreed.get(one)),
        )
        for one, name in names.items()
    ]
    rows.sort(key=lambda row: (-row.severity.points if row.severity else 0.0, row.name, row.person_id))
    return InspectorsOut(about=await asking.about(session, asked, now=now), inspectors=rows)


async def reliability(
    session: AsyncSession, scope: Scope, asked: Asked, *, half_width: float, wanted: float, now: datetime
) -> ReliabilityOut:
    cells, people = _cells(await queries_works.works(session, asked, scope.group))
    parts = components(cells)
    return ReliabilityOut(
        about=await asking.about(session, asked, now=now),
        scope=scope.shown(),
        visits=cells.visits,
        outlets=len(np.unique(cells.outlets)),
        inspectors=len(people),
        components=None if parts is None else _components(parts),
        visits_for_precision=None if parts is None else visits_for_precision(parts, half_width),
        visits_for_reliability=None if parts is None else visits_for_reliability(parts, wanted),
        table=[] if parts is None else [_row(parts, visits) for visits in range(1, TABLE_VISITS + 1)],
    )


def _severities(works: Works) -> dict[UUID, Severity]:
    cells, people = _cells(works)
    parts = components(cells)
    return {} if parts is None else dict(zip(people, severities(cells, parts), strict=True))


def _cells(works: Works) -> tuple[Cells, list[UUID]]:
    """Of all visits with a number, and who its inspectors are. Outlets and inspectors are numbered without gaps."""
    has = works.micro >= 0
    outlets, _ = _without_gaps(works.outlet[has], most=works.outlets)
    inspectors, present = _without_gaps(works.inspector[has], most=len(works.inspectors))
    cells = Cells.of(outlets, inspectors, works.micro[has] / MICRO)
    return cells, [works.inspectors[number] for number in present.tolist()]


def _without_gaps(numbers: Whole, *, most: int) -> tuple[Whole, Whole]:
    """The same ones numbered anew, and which these are."""
    there = np.bincount(numbers, minlength=most) > 0
    return (np.cumsum(there) - 1)[numbers], np.flatnonzero(there)


def _work(work: Work) -> dict[str, Any]:
    return {
        "visits": work.visits,
        "outlets": work.outlets,
        "mean": rounded(work.mean),
        "on_planned_day": rounded(work.on_planned_day),
        "handed_in_within_a_day": rounded(work.handed_in_within_a_day),
        "completeness": rounded(work.completeness),
    }


def _severity(one: Severity | None) -> SeverityOut | None:
    if one is None:
        return None
    return SeverityOut(points=round(one.points, 6), low=round(one.low, 6), high=round(one.high, 6))


def _agreement(marked: tuple[int, Mapping[str, Table]] | None) -> InspectorAgreementOut | None:
    found = None if marked is None else over_items(marked[1])
    if marked is None or found is None:
        return None
    return InspectorAgreementOut(
        visits=marked[0],
        pairs=found.pairs,
        raw=round(float(found.raw), 6),
        kappa=None if found.kappa is None else round(float(found.kappa), 6),
    )


def _components(parts: Components) -> ComponentsOut:
    return ComponentsOut(
        outlet=round(parts.outlet, 6), inspector=round(parts.inspector, 6), residual=round(parts.residual, 6)
    )


def _row(parts: Components, visits: int) -> VisitsNeededOut:
    return VisitsNeededOut(
        visits=visits,
        half_width=rounded(precision(parts, visits)),
        reliability=rounded(coefficient(parts, visits)),
    )
