"""What goes out by the clock (D8.3)."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import WEEK
from app.kit.jobs import Resources
from app.programmes.schemas import LONGEST_HOLD_DAYS
from app.recordings.problems import RenditionAwaited
from app.review import queries_reports
from app.review.publishing import Press, publish_by_itself
from app.review.rules_publication import goes_out, next_slot
from app.visits.models import Visit
from app.visits.problems import WrongState
from app.visits.terms import terms_of

LONGEST_HOLD = timedelta(days=LONGEST_HOLD_DAYS)


async def due_now(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Ids of visits whose moment has come, programme by programme: together, or not yet.

    In the order of their ids within a batch: nobody reads off who was approved first.
    """
    waiting: dict[UUID, list[tuple[Visit, datetime]]] = defaultdict(list)
    for visit, after, time_zone in await queries_reports.waiting_for_publication(session, now=now):
        slot = _slot(visit, after, time_zone)
        if slot <= now:
            waiting[visit.programme_id].append((visit, slot))
    batches = [batch for batch in waiting.values() if _goes_out(batch, now)]
    return sorted(visit.id for batch in batches for visit, _slot in batch)


async def publish_one(resources: Resources, visit_id: str, at: str) -> bool:
    """Whether it went out. What was voided, taken up again or muted meanwhile waits or never goes."""
    press = Press(resources.database, resources.storage)
    try:
        await publish_by_itself(press, UUID(visit_id), now=datetime.fromisoformat(at))
    except (WrongState, RenditionAwaited):
        return False
    return True


def _slot(visit: Visit, after: datetime, time_zone: str) -> datetime:
    rules = terms_of(visit).rules.publication
    weekdays = {WEEK.index(day) for day in rules.weekdays}
    return next_slot(after, weekdays=weekdays, hour=rules.hour, time_zone=time_zone)


def _goes_out(batch: list[tuple[Visit, datetime]], now: datetime) -> bool:
    """The smallest batch is that of the visit arranged last, if programmes changed their mind meanwhile."""
    newest = max((visit for visit, _slot in batch), key=lambda visit: (visit.created_at, visit.id))
    minimum = terms_of(newest).rules.publication.minimum_batch
    return goes_out([slot for _visit, slot in batch], minimum=minimum, longest_hold=LONGEST_HOLD, now=now)
