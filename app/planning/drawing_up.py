"""Asking for plans: a new month, a repair of one, an early end, none at all."""

import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.actor import Actor
from app.kit.etags import require_version
from app.kit.ids import new_id
from app.kit.jobs import Queue, enqueue
from app.kit.problems import AlreadyExists
from app.planning import asking
from app.planning import queries_plans as queries
from app.planning.models import Plan, PlanProgress, PlanState
from app.planning.problems import WrongPlanState
from app.planning.queries_supply import PLANNERS
from app.planning.schemas import DEFAULT_SECONDS, Budget, PlanIn, RepairIn

SOLVE, PUBLISH = "planning.solve", "planning.publish"
SEEDS = 2**31
LATEST_ZONE = timedelta(hours=14)  # ahead of UTC


async def draw_up(session: AsyncSession, actor: Actor, wanted: PlanIn, *, now: datetime) -> Plan:
    """A new plan, which a worker makes. Raises `NoChecklist`."""
    programme = await asking.may_plan(
        session, actor, wanted.programme_id, region_id=wanted.region_id, now=now
    )
    await asking.settled_rules(session, programme)
    await _require_new(session, wanted.id)
    plan = Plan(
        id=wanted.id or new_id(),
        organisation_id=actor.organisation_id,
        programme_id=programme.id,
        region_id=wanted.region_id,
        month=wanted.month,
        seed=secrets.randbelow(SEEDS) if wanted.seed is None else wanted.seed,
    )
    return await _send_to_work(session, actor, plan, budget=wanted, now=now)


async def repair(
    session: AsyncSession, actor: Actor, plan_id: UUID, wanted: RepairIn, *, now: datetime
) -> Plan:
    """A plan for the month as it is now, with as few changes as possible (D6.5). The old one stays until then."""
    actor.require(*PLANNERS)
    before = await queries.get_plan(session, actor, plan_id)
    require_state(before, PlanState.DRAFT, PlanState.PUBLISHED, to="be repaired")
    await _require_new(session, wanted.id)
    plan = Plan(
        id=wanted.id or new_id(),
        organisation_id=before.organisation_id,
        programme_id=before.programme_id,
        region_id=before.region_id,
        month=before.month,
        repairs_id=before.id,
        frozen_until=_frozen(wanted.frozen_until, now),
        seed=before.seed,
    )
    return await _send_to_work(session, actor, plan, budget=wanted, now=now)


async def stop(session: AsyncSession, actor: Actor, plan_id: UUID) -> Plan:
    """End the search with the best plan so far. Twice is once."""
    plan = await queries.get_plan(session, actor, plan_id, lock=True)
    require_state(plan, PlanState.WAITING, PlanState.SOLVING, to="be stopped")
    plan.stop_requested = True
    await session.flush()
    return plan


async def discard(
    session: AsyncSession, actor: Actor, plan_id: UUID, *, expected_version: int, now: datetime
) -> Plan:
    """Keep a draft from being published. A worker that is still at it ends."""
    plan = await queries.get_plan(session, actor, plan_id, lock=True)
    require_version(plan, expected_version)
    require_state(
        plan, PlanState.WAITING, PlanState.SOLVING, PlanState.DRAFT, PlanState.FAILED, to="be discarded"
    )
    plan.state = PlanState.DISCARDED
    record(session, actor, "plan.discarded", subject_id=plan.id, now=now)
    await session.flush()
    return plan


async def publish(
    session: AsyncSession, actor: Actor, plan_id: UUID, *, expected_version: int, now: datetime
) -> Plan:
    """Have every visit arranged and its dates reserved, all of them together, by a worker."""
    plan = await queries.get_plan(session, actor, plan_id, lock=True)
    require_version(plan, expected_version)
    require_state(plan, PlanState.DRAFT, to="be published")
    if plan.repairs_id is not None:
        before = await queries.get_plan(session, actor, plan.repairs_id, lock=True)
        require_state(before, PlanState.DRAFT, PlanState.PUBLISHED, to="be followed by this repair")
    plan.state, plan.failure = PlanState.PUBLISHING, None
    plan.published_by = actor.person_id
    record(session, actor, "plan.publication_asked", subject_id=plan.id, now=now)
    await session.flush()
    await enqueue(session, PUBLISH, str(plan.id), queue=Queue.HEAVY)
    return plan


def require_state(plan: Plan, *states: PlanState, to: str) -> None:
    """Raises `WrongPlanState` unless the plan is in one of `states`."""
    if plan.state not in states:
        raise WrongPlanState(f"A plan that is {plan.state} cannot {to}.", state=str(plan.state))


def _frozen(until: date | None, now: datetime) -> date:
    """Today wherever the day is latest: nothing is planned into the past of any outlet (D5.3)."""
    today = (now + LATEST_ZONE).date()
    return max(until or today, today)


async def _require_new(session: AsyncSession, plan_id: UUID | None) -> None:
    if plan_id is not None and await queries.find_any(session, plan_id) is not None:
        raise AlreadyExists("There is a plan with this id already.")


async def _send_to_work(
    session: AsyncSession, actor: Actor, plan: Plan, *, budget: Budget, now: datetime
) -> Plan:
    plan.iterations = budget.iterations
    plan.seconds = None if budget.iterations else budget.seconds or DEFAULT_SECONDS
    plan.state, plan.stop_requested = PlanState.WAITING, False
    plan.created_by, plan.created_at = actor.person_id, now
    session.add(plan)
    await session.flush()
    session.add(PlanProgress(plan_id=plan.id, seconds=0.0, iterations=0, told_at=now))
    details = {"month": plan.month, "repairs": str(plan.repairs_id) if plan.repairs_id else None}
    record(session, actor, "plan.asked_for", subject_id=plan.id, details=details, now=now)
    await session.flush()
    await enqueue(session, SOLVE, str(plan.id), queue=Queue.HEAVY)
    return plan
