"""The outlets of a group: what its figures are split and weighed by. Read once for an answer of many parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.figures import Floats
from app.insight.queries import Asked, Group
from app.outlets.models import Outlet


@dataclass(frozen=True, slots=True)
class Members:
    """Visited or not. An outlet's weight is its own in a mean of any of them."""

    ids: Sequence[UUID]
    tiers: Sequence[str]
    regions: Sequence[UUID]
    weights: Floats

    def places(self) -> dict[bytes, int]:
        return {one.bytes: number for number, one in enumerate(self.ids)}


async def members_of(session: AsyncSession, asked: Asked, group: Group) -> Members:
    columns = (Outlet.id, Outlet.tier, Outlet.region_id, Outlet.traffic_per_day)
    rows = (await session.execute(sa.select(*columns).where(group.condition))).all()
    weights = weights_by([row[3] for row in rows]) if asked.by_traffic else np.ones(len(rows))
    return Members([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], weights)


def weights_by(traffic: Sequence[int | None]) -> Floats:
    """Outlets by their traffic; one whose traffic is not known weighs as the mean of the known (D3.7)."""
    known = [one for one in traffic if one is not None]
    mean = sum(known) / len(known) if known else 1.0
    return np.array([mean if one is None else one for one in traffic], dtype=np.float64)
