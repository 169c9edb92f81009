"""Dealing purposes and overt visits over the outlets of a month (D2.5, D2.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.planning.rules import deal
from app.planning.schemas_demand import PlanningRules

OVERT, COVERT = "overt", "covert"
PARTS = 1_000_000  # a share has at most six decimals


@dataclass(frozen=True, slots=True)
class Deal:
    """What one outlet gets: the last `overt` of its visits are open (covert first, D6.7)."""

    visits: int
    overt: int
    purposes: tuple[str, ...]


def deal_out(settings: PlanningRules, due: Mapping[UUID, int], *, seed: int) -> dict[UUID, Deal]:
    """The same for the same seed, and as near to the programme's shares as whole visits can be."""
    total = sum(due.values())
    overt = round(settings.overt_share * PARTS)
    kinds = deal({OVERT: overt, COVERT: PARTS - overt}, total, seed=seed)
    purposes = deal(settings.purposes, total, seed=seed + 1)
    dealt: dict[UUID, Deal] = {}
    start = 0
    for outlet_id, visits in due.items():
        end = start + visits
        dealt[outlet_id] = Deal(visits, kinds[start:end].count(OVERT), tuple(purposes[start:end]))
        start = end
    return dealt
