"""Means of totals out of what is kept added up: whole months as published now, of groups of outlets.

They are those that `app.insight.queries_scores` counts from the visits, in a tenth of the time for a year of a
large network.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.estimates import Sums, estimate
from app.insight.figures import Floats, Whole, sums_of
from app.insight.queries import Asked, Group
from app.insight.queries_blocks import Rows, blocks, months
from app.insight.queries_members import Members, members_of
from app.insight.scores import Score
from app.insight.totals import MICRO, Records, added_totals, ids_in
from app.outlets.models import RegionAncestor

COLUMNS = ("outlet_ids", "totals")
Bucket = TypeVar("Bucket", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Totals:
    """One record a member."""

    members: Members
    records: Records

    def mean(self, places: Sequence[int] | None = None) -> Score | None:
        """Over the outlets, or over some of them; None where nothing was seen."""
        chosen: Whole | slice = slice(None) if places is None else np.array(places, dtype=np.int64)
        records, weights = self.records[chosen], self.members.weights[chosen]
        has = records["visits"] > 0
        return _score(records, sums_of(_means(records)[has], weights[has]), outlets=int(has.sum()))

    def means(self, buckets: Sequence[Collection[Bucket]]) -> dict[Bucket, Score]:
        """Over the outlets of each bucket; an outlet may be in several."""
        found: dict[Bucket, list[int]] = {}
        for number, some in enumerate(buckets):
            for bucket in some:
                found.setdefault(bucket, []).append(number)
        scores = {bucket: self.mean(places) for bucket, places in found.items()}
        return {bucket: score for bucket, score in scores.items() if score is not None}

    def by_outlet(self) -> dict[UUID, Score]:
        """Over the visits of each."""
        found = {}
        for number in np.flatnonzero(self.records["seen"]).tolist():
            one = self.records[number : number + 1]
            count = int(one["visits"][0])
            x, squares = float(one["micro"][0]) / MICRO, float(one["squares"][0])
            score = _score(one, Sums(count, count, x, count, x, squares), outlets=min(count, 1))
            if score is not None:
                found[self.members.ids[number]] = score
        return found

    def mean_by_outlet(self) -> dict[UUID, float]:
        """Of every outlet that has one."""
        means = _means(self.records)
        has = np.flatnonzero(self.records["visits"]).tolist()
        return {self.members.ids[number]: float(means[number]) for number in has}


async def totals(session: AsyncSession, asked: Asked, group: Group) -> Totals | None:
    """None where only the visits themselves can tell."""
    if not asked.is_kept:
        return None
    members = await members_of(session, asked, group)
    return _added(await blocks(session, asked, COLUMNS), members)


async def totals_by_month(session: AsyncSession, asked: Asked, group: Group) -> dict[date, Totals] | None:
    """Of each month that has any visit, in order; None where only the visits themselves can tell."""
    if not asked.is_kept:
        return None
    members = await members_of(session, asked, group)
    by_month: dict[date, list[sa.Row[*tuple[object, ...]]]] = {}
    for row in await months(session, asked, COLUMNS):
        by_month.setdefault(row.month, []).append(row)
    found = {month: _added(by_month[month], members) for month in sorted(by_month)}
    known = {month: one for month, one in found.items() if one is not None}
    return known if len(known) == len(found) else None


async def regions_around(session: AsyncSession, regions: Collection[UUID]) -> Mapping[UUID, set[UUID]]:
    """By region: which of these it lies in."""
    rows = await session.execute(
        sa.select(RegionAncestor.region_id, RegionAncestor.ancestor_id).where(
            RegionAncestor.ancestor_id.in_(regions)
        )
    )
    found: dict[UUID, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.region_id, set()).add(row.ancestor_id)
    return found


def _added(rows: Rows, members: Members) -> Totals | None:
    places = members.places()
    stored = [
        ([places.get(one, -1) for one in ids_in(row.outlet_ids)], row.totals)
        for row in rows
        if row.totals is not None
    ]
    if len(stored) < len(rows):
        return None
    return Totals(members, added_totals(stored, units=len(members.ids)))


def _means(records: Records) -> Floats:
    visits = records["visits"]
    return np.asarray(np.where(visits > 0, records["micro"] / MICRO / np.maximum(visits, 1), np.nan))


def _score(records: Records, sums: Sums, *, outlets: int) -> Score | None:
    seen, visits = int(records["seen"].sum()), int(records["visits"].sum())
    if not seen:
        return None
    return Score(estimate(sums), visits, outlets, int(records["provisional"].sum()), seen - visits)
