"""The network beside its competitors, tier by tier, on matched items only (D2.3, D9.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.insight import asking, queries, queries_parts
from app.insight.asking import Scope
from app.insight.figures import PartScore, averages
from app.insight.matching import Comparison, MatchedPart, Part, Side, compare
from app.insight.overview import parts, rounded
from app.insight.queries import DESK, Asked, Group
from app.insight.queries_parts import VALUE, Units
from app.insight.rules import MINIMUM_PEERS, Level
from app.insight.schemas_comparing import (
    CompetitorsOut,
    MatchedIndicatorOut,
    MatchedItemOut,
    SideOut,
    TierComparisonOut,
)
from app.insight.words import Words, words_for
from app.outlets.models import Outlet

ONE = 1


@dataclass(frozen=True, slots=True)
class Rivals:
    """Competitors' outlets by tier: where they are, and how many must hide each other."""

    tiers: Mapping[str, Units]
    region_id: UUID | None
    fewest: int


@dataclass(frozen=True, slots=True)
class Ours:
    """Our side in one tier."""

    outlets: int
    items: Mapping[str, PartScore]
    indicators: Mapping[str, PartScore]


async def competitors(
    session: AsyncSession, actor: Actor, scope: Scope, asked: Asked, *, now: datetime
) -> CompetitorsOut:
    """Raises nothing for want of competitors: then there are no tiers to show."""
    rivals = await _rivals(session, actor, scope, asked, now=now)
    words = await words_for(session, asked, scope.group)
    tiers = await _tiers(session, scope)
    ours = await _ours(session, scope, asked)
    found = [
        _in_tier(tier, ours[tier], theirs, fewest=rivals.fewest, words=words)
        for tier in tiers
        if (theirs := rivals.tiers.get(tier)) is not None and len(theirs.keys) >= rivals.fewest
    ]
    return CompetitorsOut(
        about=await asking.about(session, asked, now=now),
        scope=scope.shown(),
        compared_in=rivals.region_id,
        tiers=found,
    )


async def _rivals(
    session: AsyncSession, actor: Actor, scope: Scope, asked: Asked, *, now: datetime
) -> Rivals:
    """Of a region those in it; of an outlet those of the nearest region around it that has enough of its tier."""
    everywhere = queries.competitors_of(actor, now=now)
    fewest = ONE if actor.has(*DESK) else MINIMUM_PEERS
    if scope.region is not None:
        within = everywhere.narrowed(queries.in_region(scope.region.id))
        return Rivals(await _side(session, asked, within), scope.region.id, fewest)
    if scope.outlet is not None:
        of_tier = everywhere.narrowed(Outlet.tier == scope.outlet.tier)
        for region_id in await queries.regions_around(session, scope.outlet.region_id):
            tiers = await _side(session, asked, of_tier.narrowed(queries.in_region(region_id)))
            if any(len(units.keys) >= fewest for units in tiers.values()):
                return Rivals(tiers, region_id, fewest)
    return Rivals(await _side(session, asked, everywhere), None, fewest)


async def _side(session: AsyncSession, asked: Asked, group: Group) -> dict[str, Units]:
    return await queries_parts.by_tier(session, asked, group, Level.ITEM, VALUE)


async def _tiers(session: AsyncSession, scope: Scope) -> list[str]:
    return [scope.outlet.tier] if scope.outlet else await queries.tiers_in(session, scope.group)


async def _ours(session: AsyncSession, scope: Scope, asked: Asked) -> dict[str, Ours]:
    """By tier, each level read once for all of them."""
    if scope.outlet is not None:
        items = await parts(session, asked, scope, Level.ITEM)
        indicators = await parts(session, asked, scope, Level.INDICATOR)
        return {scope.outlet.tier: Ours(int(bool(items)), items, indicators)}
    of_items = await queries_parts.by_tier(session, asked, scope.group, Level.ITEM)
    of_indicators = await queries_parts.by_tier(session, asked, scope.group, Level.INDICATOR)
    return {
        tier: Ours(len(of_items[tier].keys), _averages(of_items[tier]), _averages(of_indicators[tier]))
        for tier in of_items
    }


def _in_tier(tier: str, side: Ours, theirs: Units, *, fewest: int, words: Words) -> TierComparisonOut:
    ours, other = Side(_values(side.items)), Side(_enough(theirs, fewest))
    found = compare(ours, other, _weighed(side.items, side.indicators, words), mode=words.mode)
    return TierComparisonOut(
        tier=tier,
        ours=SideOut(outlets=side.outlets, value=rounded(found.ours)),
        theirs=SideOut(outlets=len(theirs.keys), value=rounded(found.theirs)),
        difference=_difference(found),
        indicators=[_indicator(one, ours, other, words) for one in found.parts],
    )


def _averages(units: Units) -> dict[str, PartScore]:
    return averages(units.table, units.weights)


def _enough(units: Units, fewest: int) -> dict[str, float]:
    """The mean of each item that enough of the outlets have."""
    seen = (units.table.visits > 0).sum(axis=0)
    found = _averages(units)
    return {
        code: found[code].estimate.mean
        for number, code in enumerate(units.table.codes)
        if code in found and seen[number] >= fewest
    }


def _values(items: Mapping[str, PartScore]) -> dict[str, float]:
    return {code: one.estimate.mean for code, one in items.items()}


def _weighed(items: Mapping[str, PartScore], indicators: Mapping[str, PartScore], words: Words) -> list[Part]:
    """Our own weights, on both sides: those our visits were judged by, on average."""
    return [
        Part(
            code,
            indicators[code].weight,
            {item: one.weight for item, one in items.items() if words.indicator_of.get(item) == code},
        )
        for code in words.in_order(set(indicators))
    ]


def _indicator(one: MatchedPart, ours: Side, theirs: Side, words: Words) -> MatchedIndicatorOut:
    return MatchedIndicatorOut(
        code=one.code,
        title=words.indicators.get(one.code),
        ours=round(one.ours, 6),
        theirs=round(one.theirs, 6),
        items=[
            MatchedItemOut(
                code=code,
                text=words.items.get(code),
                ours=round(ours.items[code], 6),
                theirs=round(theirs.items[code], 6),
            )
            for code in words.in_order(set(one.items))
        ],
    )


def _difference(found: Comparison) -> float | None:
    if found.ours is None or found.theirs is None:
        return None
    return rounded(found.ours - found.theirs)
