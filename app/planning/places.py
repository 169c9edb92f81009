"""What two visits have in common when rotation keeps them apart: the outlet, or its brand (D5.7)."""

from app.planning.instance import Instance
from app.planning.parts import Exposure, Outlet
from app.programmes.rules import RotationScope


class Places:
    """The place of each outlet of a month, and of each counted date; words to name one with."""

    def __init__(self, instance: Instance) -> None:
        self._by_brand = instance.rules.rotation_scope is RotationScope.BRAND
        self._of = {outlet.id: self._place(outlet.id, outlet.brand) for outlet in instance.outlets}

    def of(self, outlet: Outlet) -> str:
        return self._place(outlet.id, outlet.brand)

    def of_exposure(self, exposure: Exposure) -> set[str]:
        """That of its outlet, which may be none of the month, and of the brand it says it counts for."""
        here = self._of.get(exposure.outlet, f"outlet {exposure.outlet}")
        return {here, self._place(exposure.outlet, exposure.brand)} if exposure.brand else {here}

    def _place(self, outlet: str, brand: str | None) -> str:
        return f"brand {brand}" if self._by_brand and brand else f"outlet {outlet}"
