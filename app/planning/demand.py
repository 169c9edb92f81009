"""The visits a month asks for (D6.1), one by one and in a fixed order."""

from dataclasses import dataclass
from enum import StrEnum

from app.planning.instance import Instance
from app.planning.parts import DemandRules, Outlet


class Kind(StrEnum):
    COVERT = "covert"
    OVERT = "overt"


@dataclass(frozen=True, slots=True)
class DemandedVisit:
    outlet: Outlet
    number: int
    kind: Kind
    purpose: str | None

    @property
    def id(self) -> str:
        return f"{self.outlet.id}#{self.number}"


def visits_of(outlet: Outlet, demand: DemandRules) -> int:
    """How many visits the outlet gets in the month: its own number, else its traffic, tier, or the base."""
    if outlet.visits is not None:
        return outlet.visits
    if (
        demand.high_traffic_from is not None
        and outlet.traffic is not None
        and outlet.traffic >= demand.high_traffic_from
    ):
        return demand.high_traffic
    return demand.by_tier.get(outlet.tier, demand.base)


def demanded_visits(instance: Instance) -> list[DemandedVisit]:
    """All visits of the month, by outlet in the document's order, numbered from 1."""
    return [visit for outlet in instance.outlets for visit in _of(outlet, instance.demand)]


def _of(outlet: Outlet, demand: DemandRules) -> list[DemandedVisit]:
    count = visits_of(outlet, demand)
    return [
        DemandedVisit(
            outlet=outlet,
            number=number,
            # Covert first: staff who have met an inspector openly look out for the next one (D6.7).
            kind=Kind.OVERT if number > count - outlet.overt_visits else Kind.COVERT,
            purpose=outlet.purposes[(number - 1) % len(outlet.purposes)] if outlet.purposes else None,
        )
        for number in range(1, count + 1)
    ]
