"""Who goes where, under which rule: what every question about rotation is asked of."""

from dataclasses import dataclass
from uuid import UUID

from app.outlets.models import Outlet
from app.programmes.models import Programme
from app.programmes.rules import RotationScope
from app.programmes.service import rules_of

BRAND = "brand:"  # how the place of a brand begins


@dataclass(frozen=True, slots=True)
class RotationRule:
    """What a programme sets: the interval in months, and what it is about."""

    months: int
    scope: RotationScope

    def place(self, outlet: Outlet) -> str:
        """The key under which exposures at `outlet` meet each other (D5.7)."""
        brand = self.brand(outlet)
        return brand_place(brand) if brand else str(outlet.id)

    def brand(self, outlet: Outlet) -> str | None:
        """The chain whose outlets are one, if the rule is by brand and the outlet is of any."""
        return (outlet.brand or None) if self.scope is RotationScope.BRAND else None


def brand_place(brand: str) -> str:
    """The key under which exposures at outlets of a brand meet each other."""
    return f"{BRAND}{brand}"


def brand_of(place: str) -> str | None:
    """The brand that a place stands for, if it is one."""
    return place.removeprefix(BRAND) if place.startswith(BRAND) else None


@dataclass(frozen=True, slots=True)
class Part:
    """One person's part in one visit."""

    inspector_id: UUID
    outlet: Outlet
    visit_id: UUID | None
    rule: RotationRule

    @property
    def place(self) -> str:
        return self.rule.place(self.outlet)


def rule_of(programme: Programme) -> RotationRule:
    settings = rules_of(programme)
    return RotationRule(settings.rotation_months, settings.rotation_scope)
