"""What counts at an outlet whichever programme made it count: their rotation may be by outlet or by brand (D5.7)."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.outlets.models import Outlet
from app.rotation.models import Exposure
from app.rotation.parts import Part


async def counted_around(session: AsyncSession, part: Part, outlet_ids: Sequence[UUID]) -> Sequence[Exposure]:
    """What counts against the person at these outlets, and at the brand's where the rule is by brand, by date.

    `outlet_ids` are the part's outlet and all that went into it (D5.6).
    """
    there = [
        Exposure.place.in_([part.place, *map(str, outlet_ids)]),
        Exposure.outlet_id.in_(outlet_ids),
    ]
    brand = part.rule.brand(part.outlet)
    if brand is not None:
        there.append(Exposure.outlet_id.in_(sa.select(Outlet.id).where(Outlet.brand == brand)))
    rows = await session.scalars(
        sa.select(Exposure)
        .where(Exposure.inspector_id == part.inspector_id, Exposure.counts, sa.or_(*there))
        .order_by(Exposure.visited_on, Exposure.created_at, Exposure.id)
    )
    return rows.all()
