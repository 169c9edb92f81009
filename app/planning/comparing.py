"""Two plans side by side."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.planning import keeping, views
from app.planning import queries_plans as queries
from app.planning.compare import compare
from app.planning.drawing_up import require_state
from app.planning.models import Plan, PlanState
from app.planning.schemas import DifferenceOut
from app.planning.tasks import Measured

WITH_CONTENT = (PlanState.DRAFT, PlanState.PUBLISHING, PlanState.PUBLISHED, PlanState.SUPERSEDED)


async def difference(session: AsyncSession, actor: Actor, plan_id: UUID, *, other_id: UUID) -> DifferenceOut:
    """What the other plan does otherwise, visit by visit, and what both are worth."""
    one, other = [await _with_content(session, actor, each) for each in (plan_id, other_id)]
    kept = [await keeping.read(session, each) for each in (one, other)]
    return DifferenceOut(
        changed=[views.changed(change) for change in compare(kept[0].plan, kept[1].plan)],
        measures=(Measured.model_validate(one.measures), Measured.model_validate(other.measures)),
    )


async def _with_content(session: AsyncSession, actor: Actor, plan_id: UUID) -> Plan:
    plan = await queries.get_plan(session, actor, plan_id)
    require_state(plan, *WITH_CONTENT, to="be compared")
    return plan
