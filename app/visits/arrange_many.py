"""Many visits arranged at once, as a published plan does: the rules of `arrange`, in a handful of statements."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.kit.problems import NotFound, Problem
from app.outlets import queries as outlets
from app.rotation.reserving import Party, reserve_many
from app.visits import queries
from app.visits.arrange import PLANNERS, mandate_of, part_of
from app.visits.drafting import Mandate, Site, draft
from app.visits.models import CrewMember, Visit
from app.visits.problems import OutletUnavailable
from app.visits.rules import CrewRole, Kind, State
from app.visits.schemas import VisitIn
from app.visits.transitions import begin


async def arrange_many(
    session: AsyncSession, actor: Actor, wanted: Sequence[VisitIn], *, now: datetime
) -> list[Visit | Problem]:
    """In the place of each wish its visit, or why it cannot be: `OutletUnavailable` or what rotation says.

    All wishes are of one programme and checklist. Raises what `arrange` raises for other reasons; nothing is kept then.
    """
    actor.require(*PLANNERS)
    if not wanted:
        return []
    first = wanted[0]
    mandate = await mandate_of(session, actor, first.programme_id, first.checklist_version_id)
    sites = await _sites(session, actor, {one.outlet_id for one in wanted}, now)
    found = [_draft(actor, body, mandate, sites, now) for body in wanted]
    drafts = [(at, one) for at, one in enumerate(found) if isinstance(one, Visit)]
    parties = [_party(visit, sites[visit.outlet_id], wanted[at]) for at, visit in drafts]
    refusals = await reserve_many(session, parties, now=now)
    for (at, _visit), refusal in zip(drafts, refusals, strict=True):
        found[at] = refusal or found[at]
    await _keep(session, actor, found, wanted, now)
    return found


async def _sites(
    session: AsyncSession, actor: Actor, outlet_ids: set[UUID], now: datetime
) -> dict[UUID, Site]:
    rows = await outlets.outlets_among(session, actor.without(Role.OUTLET_MANAGER), outlet_ids, now=now)
    if len(rows) < len(outlet_ids):
        raise NotFound("There is an outlet among them that is not among those you may see.")
    closures = await outlets.closures_by_outlet(session, sorted(outlet_ids))
    jurisdictions = await queries.jurisdictions_of(session, rows)
    return {row.id: Site(row, closures.get(row.id, ()), jurisdictions[row.region_id]) for row in rows}


def _draft(
    actor: Actor, body: VisitIn, mandate: Mandate, sites: dict[UUID, Site], now: datetime
) -> Visit | Problem:
    try:
        return draft(actor, body, mandate, sites[body.outlet_id], now=now)
    except OutletUnavailable as problem:
        return problem


def _party(visit: Visit, site: Site, body: VisitIn) -> Party:
    def those(*roles: CrewRole) -> list[UUID]:
        return [member.person_id for member in body.crew if member.role in roles]

    return Party(
        parts=[part_of(visit, site.outlet, one) for one in those(CrewRole.LEAD, CrewRole.COMPANION)],
        backups=[part_of(visit, site.outlet, one) for one in those(CrewRole.BACKUP)],
        on=visit.planned_on,
        covert=visit.kind is Kind.COVERT,
    )


async def _keep(
    session: AsyncSession,
    actor: Actor,
    found: Sequence[Visit | Problem],
    wanted: Sequence[VisitIn],
    now: datetime,
) -> None:
    made = [(visit, body) for visit, body in zip(found, wanted, strict=True) if isinstance(visit, Visit)]
    for visit, body in made:
        visit.state = State.RESERVED if body.crew else State.PROPOSED
        session.add(visit)
    await session.flush()  # what follows refers to them
    for visit, body in made:
        begin(session, visit, actor=actor, now=now)
        session.add_all(_crew(visit, body))
    await session.flush()


def _crew(visit: Visit, body: VisitIn) -> Iterator[CrewMember]:
    for member in body.crew:
        yield CrewMember(visit_id=visit.id, person_id=member.person_id, role=member.role)
