"""Publishing a plan: every visit arranged and every date reserved in one transaction, or none of them (D5.5).

Where another writer was faster, or a day is over, everything is taken back, the month is planned again around what is there now, and
published then. After some rounds the visits that lost stay out, each with its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import JsonValue, record
from app.identity.actor import Actor
from app.identity.queries import roles_of
from app.kit.jobs import Resources
from app.kit.problems import Problem
from app.kit.sentences import counted
from app.planning import asking, keeping, queries_month, workshop
from app.planning import queries_plans as queries
from app.planning.making import listener, rebuilt
from app.planning.models import Plan, PlannedVisit, PlanState, UnservedVisit
from app.planning.repairing import MOVABLE, crew_of
from app.planning.roads import on_roads, router_of
from app.planning.tasks import Solve, Task
from app.planning.workshop import SolverRefused
from app.programmes.models import Programme
from app.visits import arrange
from app.visits import queries as visit_queries
from app.visits.arrange_many import arrange_many
from app.visits.models import Visit
from app.visits.rules import HOURS, CrewRole, DayPart
from app.visits.schemas import CrewIn, VisitIn

ROUNDS = 3
REPAIR_ITERATIONS = 3_000
TOO_LATE = "too_late"
REASON = "The plan was repaired."


class _Lost(Exception):
    """Some visits cannot be arranged any more."""

    def __init__(self, visits: Mapping[str, str]) -> None:
        super().__init__(counted(len(visits), "visit"))
        self.visits = visits


@dataclass(frozen=True, slots=True)
class Publication:
    """What a transaction of publication works with."""

    plan: Plan
    actor: Actor
    checklist_version_id: UUID
    now: datetime


async def publish(resources: Resources, plan_id: UUID) -> None:
    """Publish what was asked for; done already, it does nothing. What cannot be arranged at all makes it a draft."""
    for turn in range(ROUNDS):
        try:
            await _attempt(resources, plan_id, may_lose=turn == ROUNDS - 1)
        except _Lost:
            try:
                await _plan_again(resources, plan_id)
            except (SolverRefused, Problem) as error:
                return await back_to_draft(resources, plan_id, str(error))
        except Problem as problem:
            return await back_to_draft(resources, plan_id, problem.detail)
        else:
            return None
    return None


async def back_to_draft(resources: Resources, plan_id: UUID, reason: str) -> None:
    async def write(session: AsyncSession) -> None:
        plan = await queries.get_for_job(session, plan_id)
        if plan.state is PlanState.PUBLISHING:
            plan.state, plan.failure = PlanState.DRAFT, reason

    await resources.database.transact(write)


async def _attempt(resources: Resources, plan_id: UUID, *, may_lose: bool) -> None:
    """One transaction. Raises `_Lost` with every visit that lost, unless it may."""
    now = resources.clock()

    async def write(session: AsyncSession) -> None:
        plan = await queries.get_for_job(session, plan_id)
        if plan.state is not PlanState.PUBLISHING:
            return
        work = await _publication(session, plan, now)
        rows = await queries.all_visits(session, plan)
        unchanged = await _take_back(session, work, rows)
        for row in rows:
            row.visit_id = unchanged.get(row.name, row.visit_id)
        lost = await _arrange(session, work, [row for row in rows if row.name not in unchanged])
        if lost and not may_lose:
            raise _Lost(lost)
        await _give_up(session, rows, lost)
        await _close(session, work, made=len(rows) - len(lost) - len(unchanged), lost=len(lost))

    await resources.database.transact(write)


async def _publication(session: AsyncSession, plan: Plan, now: datetime) -> Publication:
    assert plan.published_by is not None
    roles = frozenset((await roles_of(session, [plan.published_by]))[plan.published_by])
    actor = Actor(plan.published_by, plan.organisation_id, roles, login_id=plan.published_by)
    programme = await session.get_one(Programme, plan.programme_id)
    settings = await asking.settled_rules(session, programme)
    version = await asking.checklist_for(session, programme, settings)
    return Publication(plan, actor, version.id, now)


async def _take_back(
    session: AsyncSession, work: Publication, rows: Sequence[PlannedVisit]
) -> dict[str, UUID]:
    """Cancel what the repaired plan made and this one makes otherwise. Gives the visits that stay, by name."""
    if work.plan.repairs_id is None:
        return {}
    earlier = await queries.get_for_job(session, work.plan.repairs_id)
    wanted = {row.name: row for row in rows}
    stays: dict[str, UUID] = {}
    old = [row for row in await queries.all_visits(session, earlier) if row.visit_id is not None]
    visits = await visit_queries.visits_by_id(session, [row.visit_id for row in old if row.visit_id])
    for row in old:
        visit = visits.get(row.visit_id) if row.visit_id else None
        if visit is None or visit.state in queries_month.NOT_MADE:
            continue
        if visit.state not in MOVABLE or await _is_same(session, visit, wanted.get(row.name)):
            stays[row.name] = visit.id
            continue
        await arrange.cancel(
            session, work.actor, visit.id, reason=REASON, expected_version=visit.version, now=work.now
        )
    earlier.state = PlanState.SUPERSEDED
    return stays


async def _is_same(session: AsyncSession, visit: Visit, row: PlannedVisit | None) -> bool:
    if row is None:
        return False
    crew = crew_of(await visit_queries.crew_of(session, visit))
    return (
        visit.planned_on == row.planned_on
        and visit.day_part is day_part_of(row.arrives_minute)
        and sorted(crew) == sorted(row.inspectors)
    )


async def _arrange(session: AsyncSession, work: Publication, rows: Sequence[PlannedVisit]) -> dict[str, str]:
    """Arrange the visits. By name, why some are too late: another writer was faster, or the day is over."""
    lost = {
        row.name: f"{row.planned_on} was over before the plan was published."
        for row in rows
        if row.planned_on < work.now.date()
    }
    ahead = [row for row in rows if row.name not in lost]
    made = await arrange_many(session, work.actor, [_wish(work, row) for row in ahead], now=work.now)
    for row, visit in zip(ahead, made, strict=True):
        if isinstance(visit, Problem):
            lost[row.name] = visit.detail
        else:
            row.visit_id = visit.id
    return lost


def _wish(work: Publication, row: PlannedVisit) -> VisitIn:
    roles = [CrewRole.LEAD] + [CrewRole.COMPANION] * (len(row.inspectors) - 1)
    crew = [CrewIn(person_id=UUID(one), role=role) for one, role in zip(row.inspectors, roles, strict=True)]
    crew += [CrewIn(person_id=UUID(one), role=CrewRole.BACKUP) for one in row.backups]
    return VisitIn(
        programme_id=work.plan.programme_id,
        outlet_id=row.outlet_id,
        checklist_version_id=work.checklist_version_id,
        planned_on=row.planned_on,
        day_part=day_part_of(row.arrives_minute),
        kind=row.kind,
        purpose=row.purpose,
        crew=crew,
    )


def day_part_of(minute: int) -> DayPart:
    return next(part for part in DayPart if minute < HOURS[part][1] * 60)


async def _give_up(session: AsyncSession, rows: Sequence[PlannedVisit], lost: Mapping[str, str]) -> None:
    """Visits that lost for the last time are unserved, and say why (D6.1)."""
    outlets = await queries_month.tiers_by_outlet(
        session, [row.outlet_id for row in rows if row.name in lost]
    )
    for row in rows:
        if row.name in lost:
            await session.delete(row)
            session.add(
                UnservedVisit(
                    plan_id=row.plan_id,
                    name=row.name,
                    outlet_id=row.outlet_id,
                    number=row.number,
                    tier=outlets[row.outlet_id],
                    cause=TOO_LATE,
                    says=lost[row.name],
                    fix=None,
                    sieve={},
                )
            )


async def _close(session: AsyncSession, work: Publication, *, made: int, lost: int) -> None:
    plan = work.plan
    plan.state, plan.published_at, plan.failure = PlanState.PUBLISHED, work.now, None
    details: dict[str, JsonValue] = {"month": plan.month, "arranged": made, "lost": lost}
    record(session, work.actor, "plan.published", subject_id=plan.id, details=details, now=work.now)
    await session.flush()


async def _plan_again(resources: Resources, plan_id: UUID) -> None:
    """Repair the plan around what is there now. It stays in publication."""
    now = resources.clock()
    async with resources.database.reading() as session:
        plan = await session.get_one(Plan, plan_id)
        built, instance, start = await rebuilt(session, plan, plan, now=now)
    assert start is not None
    instance = await on_roads(instance, router_of(resources.settings))
    task = Solve(
        instance=instance,
        seed=plan.seed,
        iterations=REPAIR_ITERATIONS,
        repaired=start.plan,
        frozen_until=plan.frozen_until or now.date(),
    )
    says = await workshop.work(Task(solve=task), listen=listener(resources, plan_id))
    made = says.plan
    assert made is not None

    async def write(session: AsyncSession) -> None:
        plan = await queries.get_for_job(session, plan_id)
        if plan.state is PlanState.PUBLISHING:
            await keeping.keep(session, plan, instance, made, built.left_out)

    await resources.database.transact(write)
