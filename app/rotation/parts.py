"""Who goes where, under which rule: what every question about rotation is asked of."""

from dataclasses import dataclass
from uuid import UUID

from app.outlets.models import Outlet
from app.programmes.models import Programme
from app.programmes.rules import RotationScope
from app.programmes.schemas import ProgrammeRules


@dataclass(frozen=True, slots=True)
class RotationRule:
    """What a programme sets: the interval in months, and what it is about."""

    months: int
    scope: RotationScope

    def place(self, outlet: Outlet) -> str:
        """The key under which exposures at `outlet` meet each other (D5.7)."""
        if self.scope is RotationScope.BRAND and outlet.brand:
            return f"brand:{outlet.brand}"
        return str(outlet.id)


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
    settings = ProgrammeRules.model_validate(programme.rules)
    return RotationRule(settings.rotation_months, settings.rotation_scope)
