"""Coverage and rotation: outlets beside inspectors, with the date on which each pair is legal again (D5.8, D6.1)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.paging import Key, Page, paginate
from app.outlets.models import Outlet
from app.outlets.rules import goes_on_in
from app.planning import queries_month as queries
from app.planning.models import InspectorProfile
from app.planning.month import visits_asked
from app.planning.queries_supply import PLANNERS, working_among
from app.planning.rules import days_of
from app.planning.schemas_coverage import BarredOut, CoverageAsked, CoverageOut
from app.programmes import queries as programmes
from app.programmes.models import Programme
from app.rotation import queries as rotation
from app.rotation.matrix import Matrix, matrix_of
from app.rotation.parts import rule_of
from app.visits.rules import State

AHEAD = (State.PROPOSED, State.RESERVED, State.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Quota:
    """Visits of a month at an outlet: arranged and still ahead, or entered."""

    arranged: int = 0
    made: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """Who could come at all: profiles the actor sees, of people who work on the day."""

    profiles: Sequence[InspectorProfile]
    regions: Mapping[UUID, Collection[UUID]]
    matrix: Matrix

    def barred(self, outlet: Outlet, *, on: date) -> list[BarredOut]:
        found = (self._pair(profile, outlet, on) for profile in self.profiles)
        return [one for one in found if one is not None]

    def _pair(self, profile: InspectorProfile, outlet: Outlet, on: date) -> BarredOut | None:
        unfit = self._unfit(profile, outlet)
        if unfit is not None:
            return unfit
        barrier = self.matrix.barrier(profile.person_id, outlet, on=on)
        if barrier is None:
            return None
        return BarredOut(
            inspector_id=profile.person_id,
            cause=barrier.cause,
            blocking_date=barrier.blocking_date,
            first_allowed_on=barrier.first_allowed_on,
        )

    def _unfit(self, profile: InspectorProfile, outlet: Outlet) -> BarredOut | None:
        """What no waiting changes."""
        served = profile.region_id is None or outlet.region_id in self.regions.get(profile.region_id, ())
        speaks = set(outlet.required_languages) <= set(profile.languages)
        if served and speaks:
            return None
        return BarredOut(
            inspector_id=profile.person_id,
            cause="language" if served else "region",
            blocking_date=None,
            first_allowed_on=None,
        )


async def page_of_coverage(
    session: AsyncSession, actor: Actor, programme_id: UUID, asked: CoverageAsked, *, now: datetime
) -> Page[CoverageOut]:
    """A page of outlets in the order of their codes."""
    actor.require(*PLANNERS)
    programme = await programmes.get_programme(session, actor, programme_id)
    rows = queries.active_outlets_visible_to(actor, region_id=asked.region_id, now=now)
    found = await paginate(session, rows, asked, by=[Key(Outlet.code), Key(Outlet.id)])
    pool = await _pool(session, actor, programme, asked.on)
    due = await visits_asked(session, programme, f"{asked.on:%Y-%m}", found.rows)
    quotas = await _quotas(session, programme, asked.on)
    items = []
    for outlet in found.rows:
        barred = pool.barred(outlet, on=asked.on)
        quota = quotas.get(outlet.id, Quota())
        items.append(
            CoverageOut(
                outlet_id=outlet.id,
                due=due[outlet.id],
                arranged=quota.arranged,
                made=quota.made,
                free=len(pool.profiles) - len(barred),
                barred=barred,
            )
        )
    return found.page(items)


async def _pool(session: AsyncSession, actor: Actor, programme: Programme, on: date) -> Pool:
    profiles = await working_among(session, actor, on)
    people = [one.person_id for one in profiles]
    return Pool(
        profiles,
        {
            region: set(below)
            for region, below in (await queries.subtrees(session, actor.organisation_id)).items()
        },
        await matrix_of(session, actor.organisation_id, people, rule_of(programme)),
    )


async def _quotas(session: AsyncSession, programme: Programme, on: date) -> dict[UUID, Quota]:
    days = days_of(f"{on:%Y-%m}")
    current = await rotation.successions(session, programme.organisation_id)
    found: dict[UUID, Quota] = defaultdict(Quota)
    for outlet_id, state, count in await queries.states_between(session, programme.id, days[0], days[-1]):
        here = goes_on_in(current, outlet_id)
        before = found[here]
        ahead = state in AHEAD
        found[here] = Quota(before.arranged + count * ahead, before.made + count * (not ahead))
    return found
