"""How well the outlets could guess (D6.3): of what was visited, and of what a plan adds to it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.database import Database
from app.outlets.rules import goes_on_in
from app.planning import asking, keeping, workshop
from app.planning import queries_month as queries
from app.planning import queries_plans as plans
from app.planning.drawing_up import require_state
from app.planning.models import WITH_CONTENT, Plan
from app.planning.month import DAY_PARTS, shop_hours
from app.planning.parts import EVERY_DAY, Outlet
from app.planning.predictability import Sighting, VisitHistory, known_hours
from app.planning.problems import NothingToGuess
from app.planning.rules import days_of
from app.planning.tasks import Guessed, Task
from app.planning.workshop import SolverRefused
from app.rotation import queries as rotation
from app.visits.rules import HOURS

MONTH = timedelta(days=30)
MEMORY = timedelta(days=2 * 366)  # longer ago nobody at an outlet remembers


async def of_plan(database: Database, actor: Actor, plan_id: UUID) -> Guessed:
    """Who knows every visit before the month guesses those of the plan. Raises `WrongPlanState`, `NothingToGuess`."""
    async with database.reading() as session:
        plan = await plans.get_plan(session, actor, plan_id)
        require_state(plan, *WITH_CONTENT, to="be guessed at")
        history = await seen_with(session, plan)
    return await guessed(history)


async def guessed(history: VisitHistory) -> Guessed:
    """The report, worked out in a process of its own. Raises `NothingToGuess`."""
    try:
        says = await workshop.work(Task(guess=history))
    except SolverRefused as error:
        raise NothingToGuess(f"{error}.") from error
    assert says.guessed is not None
    return says.guessed


async def of_history(
    database: Database,
    actor: Actor,
    programme_id: UUID,
    *,
    region_id: UUID | None,
    months: int,
    now: datetime,
) -> Guessed:
    """Who knows every visit before it guesses each visit of the last `months`. Raises `NothingToGuess`."""
    async with database.reading() as session:
        programme = await asking.may_plan(session, actor, programme_id, region_id=region_id, now=now)
        outlets = await queries.outlets_to_plan(session, programme.organisation_id, region_id)
        today = now.date()
        since = today - months * MONTH
        past = await _past(session, programme.organisation_id, today, {str(one.id) for one in outlets})
        open_at = [shop_hours(one) for one in outlets]
    return await guessed(_history(past, open_at, weekdays=EVERY_DAY, since=since))


async def seen_with(session: AsyncSession, plan: Plan) -> VisitHistory:
    """What the plan's outlets have seen until its month, and what they will see by it."""
    kept = await keeping.read(session, plan)
    first = days_of(plan.month)[0]
    here = {one.id for one in kept.instance.outlets}
    past = await _past(session, plan.organisation_id, first - timedelta(days=1), here)
    coming = [Sighting(outlet=one.outlet, on=one.on, at=one.arrive) for one in kept.plan.visits]
    worked = {day for one in kept.instance.inspectors if one.max_days for day in one.weekdays}
    return _history([*past, *coming], kept.instance.outlets, weekdays=worked, since=first)


def _history(
    visits: Iterable[Sighting], outlets: Iterable[Outlet], *, weekdays: Collection[int], since: date
) -> VisitHistory:
    return VisitHistory(
        visits=tuple(visits),
        day_parts=DAY_PARTS,
        weekdays=tuple(sorted(weekdays)),
        hours=tuple(known_hours(outlets, DAY_PARTS, weekdays)),
        since=since,
    )


async def _past(
    session: AsyncSession, organisation_id: UUID, until: date, here: Collection[str]
) -> list[Sighting]:
    seen = await queries.seen_between(session, organisation_id, until - MEMORY, until)
    now_called = await rotation.successions(session, organisation_id)
    return [one for one in _sightings(seen, now_called) if one.outlet in here]


def _sightings(seen: Iterable[queries.Seen], now_called: Mapping[UUID, UUID]) -> Iterator[Sighting]:
    for one in seen:
        outlet_id = goes_on_in(now_called, one.outlet_id)
        yield Sighting(outlet=str(outlet_id), on=one.on, at=_minute(one))


def _minute(seen: queries.Seen) -> int:
    """Of the local day; before anybody has entered, the first of the day part."""
    if seen.entered_at is None:
        return HOURS[seen.day_part][0] * 60
    local: datetime = seen.entered_at.astimezone(ZoneInfo(seen.time_zone))
    return local.hour * 60 + local.minute
