"""Many visits' dates reserved at once: the same rules as one by one, in a handful of statements.

What is plainly allowed is written together. Where something is in the way, or may be, each visit is asked for by
itself: an outlet that others went into (D5.6), a date that a waiver might free (D5.7), a race lost to another writer.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.database import violated_constraint
from app.kit.problems import Problem
from app.rotation import queries, rules, service
from app.rotation.models import ROTATION, CovertBar, Exposure, ExposureKind
from app.rotation.parts import Part, brand_place
from app.rotation.problems import CovertBarred, NotAnInspector, RotationConflict
from app.rotation.rules import Block

REFUSALS = (RotationConflict, CovertBarred, NotAnInspector)


@dataclass(frozen=True, slots=True)
class Party:
    """The people of one visit: `parts` are reserved, `backups` need only be allowed (D5.6). All of them or none."""

    parts: Sequence[Part]
    backups: Sequence[Part]
    on: date
    covert: bool

    @property
    def people(self) -> Iterator[Part]:
        yield from self.parts
        yield from self.backups


async def reserve_many(
    session: AsyncSession, parties: Sequence[Party], *, now: datetime
) -> list[Problem | None]:
    """For each party `None` if its dates are reserved, else the first refusal that `service.reserve` has for it."""
    known = await _known(session, parties)
    plain = [known.admit(party) for party in parties]
    if not await _written(session, [party for party, fits in zip(parties, plain, strict=True) if fits], now):
        plain = [False] * len(parties)
    return [
        None if fits else await _one_by_one(session, party, now)
        for party, fits in zip(parties, plain, strict=True)
    ]


@dataclass(slots=True)
class _Known:
    """What was in the database, and what has been admitted since."""

    inspectors: set[UUID]
    succeeded: set[UUID]  # outlets that others went into
    brands: dict[UUID, str]
    blocks: dict[tuple[UUID, str], list[Block]] = field(default_factory=lambda: defaultdict(list))
    bars: dict[tuple[UUID, UUID], list[CovertBar]] = field(default_factory=lambda: defaultdict(list))

    def admit(self, party: Party) -> bool:
        """Whether nothing at all is in the way of the party; its dates are in the way of the next from then on."""
        if not all(self._is_plain(part, party) for part in party.people):
            return False
        for part in party.parts:
            block = Block(party.on, rules.last_blocked_day(party.on, part.rule.months))
            self.count(block, part.inspector_id, part.outlet.id, part.place)
        return True

    def count(self, block: Block, inspector_id: UUID, outlet_id: UUID, place: str) -> None:
        """Under the outlet and under its brand, whichever of them the rule was about (D5.7)."""
        brand = self.brands.get(outlet_id)
        for key in {place, str(outlet_id), *([brand_place(brand)] if brand else [])}:
            self.blocks[inspector_id, key].append(block)

    def _is_plain(self, part: Part, party: Party) -> bool:
        until = rules.last_blocked_day(party.on, part.rule.months)
        places = {part.place, str(part.outlet.id)}
        return (
            part.inspector_id in self.inspectors
            and part.outlet.id not in self.succeeded
            and not any(
                block.forbids(party.on, until)
                for place in places
                for block in self.blocks.get((part.inspector_id, place), ())
            )
            and not (party.covert and self._is_barred(part, party.on))
        )

    def _is_barred(self, part: Part, on: date) -> bool:
        bars = self.bars.get((part.inspector_id, part.outlet.id), ())
        return any(bar.since <= on and (bar.until is None or bar.until >= on) for bar in bars)


async def _known(session: AsyncSession, parties: Sequence[Party]) -> _Known:
    people = {part.inspector_id for party in parties for part in party.people}
    outlets = {part.outlet.id: part.outlet for party in parties for part in party.people}
    organisations = {outlet.organisation_id for outlet in outlets.values()}
    known = _Known(
        inspectors=await queries.active_inspectors(session, organisations, people),
        succeeded=await queries.succeeded(session, outlets.keys()),
        brands=await queries.brands(session, organisations),
    )
    for row in await queries.counted_of(session, people):
        known.count(service.block_of(row), row.inspector_id, row.outlet_id, row.place)
    for bar in await queries.bars_of(session, people):
        known.bars[bar.inspector_id, bar.outlet_id].append(bar)
    return known


async def _written(session: AsyncSession, parties: Collection[Party], now: datetime) -> bool:
    """Reserve the dates of all, or of none if another writer was faster with one of them (D5.5)."""
    try:
        async with session.begin_nested():
            session.add_all(_exposures(parties, now))
    except IntegrityError as error:
        if ROTATION not in (violated_constraint(error) or ""):
            raise
        return False
    return True


def _exposures(parties: Iterable[Party], now: datetime) -> Iterator[Exposure]:
    for party in parties:
        for part in party.parts:
            exposure = service.new_exposure(part, on=party.on, kind=ExposureKind.PLANNED, now=now)
            exposure.guard_from, exposure.guard_until = exposure.visited_on, exposure.blocked_until
            yield exposure


async def _one_by_one(session: AsyncSession, party: Party, now: datetime) -> Problem | None:
    try:
        async with session.begin_nested():
            for part in party.parts:
                await service.reserve(session, part, on=party.on, covert=party.covert, now=now)
            for part in party.backups:
                await service.require_eligible(session, part, on=party.on, covert=party.covert)
    except REFUSALS as problem:
        return problem
    return None
