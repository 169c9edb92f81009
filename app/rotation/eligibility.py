"""May this person go there on that day, and if not, why not and when (D5.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.rotation import queries, rules
from app.rotation.models import CovertBar, Exposure
from app.rotation.parts import Part
from app.rotation.queries_around import counted_around
from app.rotation.rules import Block


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The first thing in the way of each kind, and the first date on which rotation and bars allow the visit.

    `first_allowed_on` is null when a bar is for good.
    """

    is_inspector: bool
    rotation: Exposure | None
    covert_bar: CovertBar | None
    first_allowed_on: date | None

    @property
    def allowed(self) -> bool:
        return self.is_inspector and self.rotation is None and self.covert_bar is None


async def assess(session: AsyncSession, part: Part, *, on: date, covert: bool) -> Eligibility:
    """Look at history and reservations at the outlet and at all that went into it (D5.4, D5.6).

    The person's own part in the same visit is not held against it, so that a visit can be moved.
    """
    outlet_ids = await queries.with_predecessors(session, part.outlet.id)
    counted = [
        row
        for row in await counted_around(session, part, outlet_ids)
        if part.visit_id is None or row.visit_id != part.visit_id
    ]
    months = part.rule.months
    blocks = [Block(row.visited_on, row.blocked_until) for row in counted]
    until = rules.last_blocked_day(on, months)
    blocking = [row for row, block in zip(counted, blocks, strict=True) if block.forbids(on, until)]
    known = await queries.bars(session, part.inspector_id, outlet_ids, on) if covert else ()
    return Eligibility(
        is_inspector=await queries.is_active_inspector(
            session, part.outlet.organisation_id, part.inspector_id
        ),
        rotation=blocking[-1] if blocking else None,
        covert_bar=known[0] if known else None,
        first_allowed_on=first_day(on, blocks, known, months),
    )


def first_day(on: date, blocks: Sequence[Block], known: Sequence[CovertBar], months: int) -> date | None:
    """The first day not before `on` that neither dates nor bars forbid; None where one is for good."""
    begin = on
    for bar in known:
        if bar.until is None:
            return None
        begin = max(begin, bar.until + rules.ONE_DAY)
    return rules.first_free_day(begin, blocks, months)
