"""The question where a visit of a draft could go, answered for all inspectors and days at once."""

import asyncio
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.planning import keeping, views
from app.planning import queries_plans as queries
from app.planning.demand import demanded_visits
from app.planning.drawing_up import require_state
from app.planning.models import PlanState
from app.planning.options import options as weighed
from app.planning.problems import UnknownVisit
from app.planning.schemas import OptionsAsked, OptionsOut


async def options(session: AsyncSession, actor: Actor, plan_id: UUID, asked: OptionsAsked) -> OptionsOut:
    """Raises `UnknownVisit` for a visit the month does not ask for."""
    plan = await queries.get_plan(session, actor, plan_id)
    require_state(plan, PlanState.DRAFT, to="be changed by hand")
    kept = await keeping.read(session, plan)
    demanded = {one.id: one for one in demanded_visits(kept.instance)}.get(asked.visit)
    here = {one.id for one in kept.instance.inspectors}
    beside, lead = [str(one) for one in asked.beside], str(asked.lead) if asked.lead else None
    if demanded is None or not here.issuperset([*beside, *([lead] if lead else ())]):
        raise UnknownVisit(f"The month asks for no visit {asked.visit!r}, or has no such inspector.")
    rows = await asyncio.to_thread(  # thousands of cells, each with its rules
        weighed, kept.instance, kept.plan, demanded, beside=beside or None, lead=lead
    )
    return views.options(plan, demanded, rows)
