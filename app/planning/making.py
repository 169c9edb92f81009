"""Making a plan in the background: read the month, solve it in a process of its own, keep it whole."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.jobs import Resources
from app.kit.problems import Problem
from app.planning import asking, keeping, workshop
from app.planning import queries_plans as queries
from app.planning.instance import Instance
from app.planning.ledger import Wanted
from app.planning.models import Plan, PlanState
from app.planning.month import Built, build
from app.planning.problems import NoInspectors
from app.planning.repairing import Before, before
from app.planning.roads import on_roads, router_of
from app.planning.tasks import Says, Solve, Task, Told
from app.planning.workshop import SolverRefused
from app.programmes.models import Programme

UNFINISHED = (PlanState.WAITING, PlanState.SOLVING)


async def make(resources: Resources, plan_id: UUID) -> None:
    """Make what was asked for. Killed at any moment, it begins anew; done already, it does nothing.

    What cannot be planned ends as a failed plan that says why.
    """
    if not await _begin(resources, plan_id):
        return
    try:
        task, built = await _task(resources, plan_id)
        says = await workshop.work(Task(solve=task), listen=listener(resources, plan_id))
    except (Problem, SolverRefused) as error:
        await fail(resources, plan_id, str(error))
        return
    await _finish(resources, plan_id, built, task.instance, says)


async def fail(resources: Resources, plan_id: UUID, reason: str) -> None:
    """The plan will not be made, and says why."""
    now = resources.clock()

    async def write(session: AsyncSession) -> None:
        plan = await queries.get_for_job(session, plan_id)
        if plan.state in UNFINISHED:
            plan.state, plan.failure, plan.finished_at = PlanState.FAILED, reason, now

    await resources.database.transact(write)


def listener(resources: Resources, plan_id: UUID) -> workshop.Listen:
    """Writes the progress down, and says whether anybody still waits for the plan."""

    async def listen(told: Told) -> bool:
        async with resources.database.writing() as session:
            await session.execute(
                queries.tell_progress(
                    plan_id,
                    seconds=told.seconds,
                    iterations=told.iterations,
                    cost=told.cost,
                    unserved=told.unserved,
                    now=resources.clock(),
                )
            )
        async with resources.database.reading() as session:
            return await queries.goes_on(session, plan_id)

    return listen


async def rebuilt(
    session: AsyncSession, plan: Plan, earlier: Plan | None, *, now: datetime
) -> tuple[Built, Instance, Before | None]:
    """The month of a plan as it is now; and, where it follows an earlier one, what to start from."""
    programme = await session.get_one(Programme, plan.programme_id)
    settings = await asking.settled_rules(session, programme)
    start = await before(session, earlier) if earlier is not None else None
    wanted = Wanted(
        programme,
        settings,
        plan.region_id,
        plan.month,
        plan.seed,
        own=start.own if start else frozenset(),
        inherited=start.instance if start else None,
    )
    built = await build(session, wanted, now=now)
    if not any(one.max_days for one in built.instance.inspectors):
        raise NoInspectors
    return built, _pinned(built.instance, start), start


def _pinned(instance: Instance, start: Before | None) -> Instance:
    """With the pins of visits that the month still asks for."""
    if start is None:
        return instance
    asked = {one.id: one.visits or 0 for one in instance.outlets}
    here = {one.id for one in instance.inspectors}
    pins = [
        pin
        for pin in start.pins
        if pin.number <= asked.get(pin.outlet, 0) and here >= set(pin.inspectors or ())
    ]
    return Instance.model_validate({**_fields(instance), "pins": tuple(pins)})


def _fields(instance: Instance) -> dict[str, object]:
    return {name: getattr(instance, name) for name in Instance.model_fields}


async def _begin(resources: Resources, plan_id: UUID) -> bool:
    async def write(session: AsyncSession) -> bool:
        plan = await queries.get_for_job(session, plan_id)
        if plan.state not in UNFINISHED:
            return False
        plan.state = PlanState.SOLVING
        return True

    return await resources.database.transact(write)


async def _task(resources: Resources, plan_id: UUID) -> tuple[Solve, Built]:
    async with resources.database.reading() as session:
        plan = await session.get_one(Plan, plan_id)
        earlier = await session.get_one(Plan, plan.repairs_id) if plan.repairs_id else None
        built, instance, start = await rebuilt(session, plan, earlier, now=resources.clock())
    return Solve(
        instance=await on_roads(instance, router_of(resources.settings)),
        seed=plan.seed,
        seconds=plan.seconds,
        iterations=plan.iterations,
        repaired=start.plan if start else None,
        frozen_until=plan.frozen_until,
    ), built


async def _finish(resources: Resources, plan_id: UUID, built: Built, instance: Instance, says: Says) -> None:
    made = says.plan
    assert made is not None
    now = resources.clock()

    async def write(session: AsyncSession) -> None:
        plan = await queries.get_for_job(session, plan_id)
        if plan.state is not PlanState.SOLVING:
            return  # discarded meanwhile
        await keeping.keep(session, plan, instance, made, built.left_out)
        plan.state, plan.finished_at = PlanState.DRAFT, now

    await resources.database.transact(write)
