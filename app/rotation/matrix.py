"""Rotation for many people and outlets at once: who may come where, and if not, from when on (D5.8)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.outlets.models import Outlet
from app.outlets.rules import goes_on_in
from app.rotation import queries, rules
from app.rotation.eligibility import first_day
from app.rotation.models import CovertBar
from app.rotation.parts import RotationRule, brand_place
from app.rotation.rules import Block

Pair = tuple[UUID, str]  # inspector, place


@dataclass(frozen=True, slots=True)
class Barrier:
    """What keeps an inspector from an outlet. `first_allowed_on` is null when it is for good."""

    cause: Literal["rotation", "covert-bar"]
    blocking_date: date
    first_allowed_on: date | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """What counts against some inspectors, by the places they were or will be at (D5.4, D5.6)."""

    rule: RotationRule
    blocks: Mapping[Pair, Sequence[Block]]
    bars: Mapping[tuple[UUID, UUID], Sequence[CovertBar]]

    def barrier(self, inspector_id: UUID, outlet: Outlet, *, on: date) -> Barrier | None:
        """Why not this inspector, covertly, there, on that day; None: nothing is in the way."""
        places = {str(outlet.id), self.rule.place(outlet)}
        blocks = [block for place in places for block in self.blocks.get((inspector_id, place), ())]
        bars = [
            bar
            for bar in self.bars.get((inspector_id, outlet.id), ())
            if bar.since <= on and (bar.until is None or bar.until >= on)
        ]
        until = rules.last_blocked_day(on, self.rule.months)
        blocking = max((one.visited_on for one in blocks if one.forbids(on, until)), default=None)
        first = first_day(on, blocks, bars, self.rule.months)
        if bars:
            return Barrier("covert-bar", bars[0].since, first)
        return Barrier("rotation", blocking, first) if blocking else None


async def matrix_of(
    session: AsyncSession, organisation_id: UUID, inspector_ids: Collection[UUID], rule: RotationRule
) -> Matrix:
    """All that counts against these people under a programme's rule."""
    current = await queries.successions(session, organisation_id)
    brands = await queries.brands(session, [organisation_id])
    blocks: dict[Pair, list[Block]] = defaultdict(list)
    for row in await queries.counted_of(session, inspector_ids):
        outlet_id = goes_on_in(current, row.outlet_id)
        places = {row.place, str(outlet_id)} | {
            brand_place(brands[one]) for one in (outlet_id,) if one in brands
        }
        for place in places:
            blocks[row.inspector_id, place].append(Block(row.visited_on, row.blocked_until))
    bars: dict[tuple[UUID, UUID], list[CovertBar]] = defaultdict(list)
    for bar in await queries.bars_of(session, inspector_ids):
        bars[bar.inspector_id, goes_on_in(current, bar.outlet_id)].append(bar)
    return Matrix(rule, blocks, bars)
