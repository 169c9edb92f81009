"""What is due by the clock: the last week and month that are over, of the network and of every region with visits."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.bulletins import queries, service
from app.bulletins.queries import Series
from app.bulletins.rules import Cadence, latest_over
from app.insight.queries import Asked
from app.insight.rules import Period
from app.kit.ids import new_id
from app.kit.jobs import Resources
from app.programmes.models import Programme
from app.programmes.queries import programmes_of
from app.programmes.service import rules_of
from app.visits.rules import Kind


async def request_due(resources: Resources) -> int:
    """Begin the editions that are due and were never begun; how many. Done again, it finds none left."""
    async with resources.database.reading() as session:
        programmes = await programmes_of(session)
    begun = 0
    for programme in programmes:
        for cadence in _wanted(programme):
            for kind in Kind:
                begun += await _request(resources, programme, cadence, kind)
    return begun


def _wanted(programme: Programme) -> list[Cadence]:
    rules = rules_of(programme).bulletins
    chosen = {Cadence.WEEKLY: rules.weekly, Cadence.MONTHLY: rules.monthly}
    return [cadence for cadence, is_wanted in chosen.items() if is_wanted]


async def _request(resources: Resources, programme: Programme, cadence: Cadence, kind: Kind) -> int:
    now = resources.clock()
    days_ago = 1 + rules_of(programme).bulletins.after_days
    days = latest_over(cadence, now.date(), days_ago=days_ago)

    async def begin(session: AsyncSession) -> int:
        visited = await queries.regions_visited(session, Asked(programme, kind, Period(*days)))
        begun = 0
        for region_id in [None, *visited] if visited else []:
            series = Series(programme, kind, cadence, *days, region_id)
            if not await queries.editions(session, series):
                await service.begin(session, series, bulletin_id=new_id(), by=None, now=now)
                begun += 1
        return begun

    return await resources.database.transact(begin)
