"""A month as the planner takes it, built from what the database says of outlets, people and visits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import WEEK
from app.outlets import queries_regions
from app.outlets.models import Outlet, OutletClosure
from app.outlets.schemas import OpeningHours
from app.planning import parts as documents
from app.planning import queries_month as queries
from app.planning.crowd import inspectors_of, place_of
from app.planning.demanding import Deal, deal_out
from app.planning.gathering import Asked, gather
from app.planning.instance import Instance
from app.planning.ledger import Ledger, Wanted, history_of, open_ledger
from app.planning.problems import NothingToPlan
from app.planning.rules import days_of, priorities
from app.planning.schemas_demand import LeftOut, PlanningRules
from app.programmes.models import Programme
from app.programmes.rules import applicable_policy
from app.programmes.schemas import ProgrammeRules
from app.programmes.service import policies_in_force, rules_of
from app.visits.rules import HOURS, DayPart

DAY_PARTS = tuple(documents.DayPart(name=part, until=HOURS[part][1] * 60) for part in DayPart)
UNKNOWN_HOURS = (9 * 60, 18 * 60)  # of an outlet whose opening hours nobody has entered


@dataclass(frozen=True, slots=True)
class Left:
    """An outlet that asks for visits and cannot be planned at all."""

    outlet: Outlet
    visits: int
    cause: LeftOut


@dataclass(frozen=True, slots=True)
class Built:
    instance: Instance
    left_out: Sequence[Left]


async def build(session: AsyncSession, wanted: Wanted, *, now: datetime) -> Built:
    """The instance for a month. Days that are over, and days outside the programme's span, are nobody's.

    Raises `NothingToPlan`.
    """
    days = days_of(wanted.month)
    organisation_id = wanted.programme.organisation_id
    outlets = await queries.outlets_to_plan(session, organisation_id, wanted.region_id)
    ledger = await open_ledger(session, wanted, outlets, days)
    due = await _due(session, wanted, outlets, ledger)
    left = await _left_out(session, wanted, [outlet for outlet in outlets if due[outlet.id]], due)
    cannot = {one.outlet.id for one in left}
    planned = [outlet for outlet in outlets if due[outlet.id] and outlet.id not in cannot]
    if not planned and not left:
        raise NothingToPlan
    history, strangers = history_of(ledger, wanted, planned)
    asked = Asked(wanted, days, ledger, planned)
    crowd = await gather(session, asked, strangers=strangers, now=now)
    instance = Instance(
        name=f"{wanted.programme.id} {wanted.month}",
        month=wanted.month,
        rules=_rules(wanted.rules, wanted.settings),
        weights=await _weights(session, wanted),
        outlets=await _outlets(session, asked, due),
        inspectors=tuple(inspectors_of(crowd)),
        history=tuple(history),
    )
    return Built(instance, left)


async def _weights(session: AsyncSession, wanted: Wanted) -> documents.Weights:
    tiers = await queries_regions.tiers_of(session, wanted.programme.organisation_id)
    by_tier, central = priorities([tier.code for tier in tiers])
    return documents.Weights(tiers=by_tier, central=central, **wanted.settings.weights.model_dump())


async def _outlets(
    session: AsyncSession, asked: Asked, due: Mapping[UUID, int]
) -> tuple[documents.Outlet, ...]:
    dealt = deal_out(
        asked.wanted.settings, {outlet.id: due[outlet.id] for outlet in asked.outlets}, seed=asked.wanted.seed
    )
    central = await queries.central_regions(session, asked.organisation_id)
    inherited = asked.wanted.inherited
    before = {one.id: one for one in inherited.outlets} if inherited else {}
    return tuple(
        _outlet(
            asked,
            outlet,
            dealt[outlet.id],
            before=before.get(str(outlet.id)),
            is_central=outlet.region_id in central,
        )
        for outlet in asked.outlets
    )


def _rules(rules: ProgrammeRules, settings: PlanningRules) -> documents.Rules:
    return documents.Rules(
        rotation_months=rules.rotation_months,
        rotation_scope=rules.rotation_scope,
        min_gap_days=max(1, rules.minimum_gap_days),
        day_parts=DAY_PARTS,
        same_cell_run=settings.same_cell_run,
        off_peak_parts=tuple(settings.off_peak_parts),
        off_peak_share=float(settings.off_peak_share),
        purposes={
            purpose: documents.PurposeRule(certificates=tuple(certificates))
            for purpose, certificates in settings.purpose_certificates.items()
        },
    )


async def _due(
    session: AsyncSession, wanted: Wanted, outlets: Iterable[Outlet], ledger: Ledger
) -> dict[UUID, int]:
    """Visits still to be planned: by the programme or its overrides, less what is arranged already (D6.1)."""
    asked = await visits_asked(session, wanted.programme, wanted.month, outlets)
    arranged: dict[UUID, int] = defaultdict(int)
    for visit in ledger.visits:
        if visit.programme_id == wanted.programme.id and visit.id not in wanted.own:
            arranged[ledger.outlet_now(visit.outlet_id)] += 1
    return {outlet_id: max(0, visits - arranged[outlet_id]) for outlet_id, visits in asked.items()}


async def visits_asked(
    session: AsyncSession, programme: Programme, month: str, outlets: Iterable[Outlet]
) -> dict[UUID, int]:
    """How many each outlet is to get in the month: by the programme, or by an override (D6.1)."""
    quotas = rules_of(programme).visits
    overridden = {
        row.outlet_id: row.visits for row in await queries.overrides_of(session, programme.id, month)
    }
    return {
        one.id: overridden.get(one.id, quotas.due(tier=one.tier, is_busy=one.high_traffic)) for one in outlets
    }


async def _left_out(
    session: AsyncSession, wanted: Wanted, outlets: Sequence[Outlet], due: Mapping[UUID, int]
) -> list[Left]:
    jurisdictions = await queries.jurisdictions(session, wanted.programme.organisation_id)
    policies = await policies_in_force(session, wanted.programme)
    found: list[Left] = []
    for outlet in outlets:
        where = jurisdictions[outlet.region_id]
        if outlet.position is None:
            found.append(Left(outlet, due[outlet.id], LeftOut.NO_POSITION))
        elif applicable_policy(policies, jurisdiction=where, ownership=outlet.ownership) is None:
            found.append(Left(outlet, due[outlet.id], LeftOut.NO_RECORDING_POLICY))
    return found


def _outlet(
    asked: Asked, outlet: Outlet, dealt: Deal, *, before: documents.Outlet | None, is_central: bool
) -> documents.Outlet:
    """`before` is the outlet as the plan under repair had it: nobody's purpose changes by a repair."""
    settings = asked.wanted.settings
    return documents.Outlet(
        id=str(outlet.id),
        at=place_of(outlet.position),
        region=str(outlet.region_id),
        brand=outlet.brand or None,
        tier=outlet.tier,
        central=is_central,
        visits=dealt.visits,
        overt_visits=min(before.overt_visits, dealt.visits) if before else dealt.overt,
        purposes=before.purposes if before else dealt.purposes,
        hours=hours_of(outlet),
        closures=_closed(asked.ledger.closures.get(outlet.id, ()), asked.days),
        languages=tuple(outlet.required_languages),
        community=outlet.community,
        service_minutes=settings.service_minutes,
        crew=settings.crew_size,
        devices=dict(settings.devices),
        backups=settings.backups,
    )


def hours_of(outlet: Outlet) -> tuple[documents.OpenHours, ...]:
    """One interval a weekday, the longest: who plans a visit after lunch does it by hand."""
    if outlet.opening_hours is None:
        return (documents.OpenHours(opens=UNKNOWN_HOURS[0], closes=UNKNOWN_HOURS[1]),)
    week = OpeningHours.model_validate(outlet.opening_hours).to_hours()
    spans: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, day in enumerate(WEEK, start=1):
        longest = max(week[day], key=lambda one: one.closes - one.opens, default=None)
        if longest is not None:
            spans[longest.opens, longest.closes].append(number)
    return tuple(
        documents.OpenHours(weekdays=tuple(weekdays), opens=opens, closes=closes)
        for (opens, closes), weekdays in spans.items()
    )


def shop_hours(outlet: Outlet) -> documents.Outlet:
    """The outlet as far as everybody who passes by can know it."""
    return documents.Outlet(
        id=str(outlet.id), at=documents.Row(row=0), tier=outlet.tier, hours=hours_of(outlet)
    )


def _closed(closures: Iterable[OutletClosure], days: Sequence[date]) -> tuple[date, ...]:
    spans = [(one.starts_on, one.ends_on) for one in closures]
    if not spans:
        return ()
    return tuple(day for day in days if any(first <= day <= last for first, last in spans))
