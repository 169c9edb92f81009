"""What a month finds already there: who was or will be where, and what is arranged."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.outlets import queries as outlet_queries
from app.outlets.models import Outlet, OutletClosure
from app.outlets.rules import goes_on_in
from app.planning import parts as documents
from app.planning import queries_month as queries
from app.planning.instance import Instance
from app.planning.queries_month import Counted
from app.planning.schemas_demand import PlanningRules
from app.programmes.models import Programme
from app.programmes.rules import RotationScope
from app.programmes.schemas import ProgrammeRules
from app.programmes.service import rules_of
from app.rotation import queries as rotation
from app.visits.models import CrewMember, Visit
from app.visits.rules import HOURS

LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which month of what. `own` are visits that a plan under repair made: they are not somebody else's."""

    programme: Programme
    settings: PlanningRules
    region_id: UUID | None
    month: str
    seed: int
    own: frozenset[UUID] = frozenset()
    inherited: Instance | None = None

    @property
    def rules(self) -> ProgrammeRules:
        return rules_of(self.programme)

    @property
    def by_brand(self) -> bool:
        return self.rules.rotation_scope is RotationScope.BRAND


@dataclass(slots=True)
class Ledger:
    """What is already there: who was or will be where, and which visits of the month somebody else arranged."""

    counted: list[Counted]
    visits: Sequence[Visit]
    crews: Mapping[UUID, list[CrewMember]]
    closures: Mapping[UUID, list[OutletClosure]]
    current: Mapping[UUID, UUID] = field(default_factory=dict)
    brands: Mapping[UUID, str] = field(default_factory=dict)

    def outlet_now(self, outlet_id: UUID) -> UUID:
        """Where an outlet went on (D5.6)."""
        return goes_on_in(self.current, outlet_id)


async def open_ledger(
    session: AsyncSession, wanted: Wanted, outlets: Sequence[Outlet], days: Sequence[date]
) -> Ledger:
    organisation_id = wanted.programme.organisation_id
    since = days[0] - LONGEST_MONTH * (wanted.rules.rotation_months + 1)
    crews: dict[UUID, list[CrewMember]] = defaultdict(list)
    for member in await queries.crew_between(session, organisation_id, days[0], days[-1]):
        crews[member.visit_id].append(member)
    return Ledger(
        counted=await queries.counted_since(session, organisation_id, since),
        visits=await queries.visits_between(session, organisation_id, days[0], days[-1]),
        crews=crews,
        closures=await outlet_queries.closures_by_outlet(session, [outlet.id for outlet in outlets]),
        current=await rotation.successions(session, organisation_id),
        brands=await queries.brands(session, organisation_id) if wanted.by_brand else {},
    )


def history_of(
    ledger: Ledger, wanted: Wanted, outlets: Sequence[Outlet]
) -> tuple[list[documents.Exposure], dict[UUID, UUID]]:
    """What counts at these outlets, but for the plan's own visits; and who was where last, of everybody.

    Where rotation is by brand, it counts at other outlets of the brands too (D5.7).
    """
    here = {outlet.id for outlet in outlets}
    of_brand = {outlet.brand: outlet.id for outlet in outlets if outlet.brand} if wanted.by_brand else {}
    history: list[documents.Exposure] = []
    seen: dict[UUID, UUID] = {}
    for one in ledger.counted:
        if one.visit_id is not None and one.visit_id in wanted.own:
            continue
        outlet_id = ledger.outlet_now(one.outlet_id)
        if outlet_id in here:
            seen[one.inspector_id] = outlet_id
            history.append(_exposure(one, outlet_id, one.brand if one.brand in of_brand else None))
            continue
        for brand in sorted(of_brand.keys() & {one.brand, ledger.brands.get(outlet_id)}):
            seen.setdefault(one.inspector_id, of_brand[brand])
            history.append(_exposure(one, outlet_id, brand))
    return history, seen


def _exposure(one: Counted, outlet_id: UUID, brand: str | None) -> documents.Exposure:
    return documents.Exposure(
        inspector=str(one.inspector_id),
        outlet=str(outlet_id),
        brand=brand,
        on=one.on,
        at=HOURS[one.day_part][0] * 60 if one.day_part else None,
    )
