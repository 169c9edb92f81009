"""Two plans side by side."""

import asyncio
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.database import Database
from app.planning import guessing, keeping, views
from app.planning import queries_plans as queries
from app.planning.compare import compare
from app.planning.drawing_up import require_state
from app.planning.models import WITH_CONTENT, Plan
from app.planning.predictability import VisitHistory
from app.planning.problems import NothingToGuess
from app.planning.schemas import DifferenceOut, GuessOut
from app.planning.tasks import Measured


async def difference(database: Database, actor: Actor, plan_id: UUID, *, other_id: UUID) -> DifferenceOut:
    """What the other plan does otherwise, visit by visit, and what both are worth."""
    async with database.reading() as session:
        both = [await _with_content(session, actor, each) for each in (plan_id, other_id)]
        one, other = [await keeping.read(session, each) for each in both]
        seen = [await guessing.seen_with(session, each) for each in both]
    first, second = await asyncio.gather(*map(_guessed, seen))
    return DifferenceOut(
        changed=[views.changed(change) for change in compare(one.plan, other.plan)],
        measures=(Measured.model_validate(both[0].measures), Measured.model_validate(both[1].measures)),
        costs=(both[0].costs, both[1].costs),
        predictability=(first, second),
    )


async def _guessed(history: VisitHistory) -> GuessOut | None:
    try:
        return views.guess(await guessing.guessed(history))
    except NothingToGuess:
        return None


async def _with_content(session: AsyncSession, actor: Actor, plan_id: UUID) -> Plan:
    plan = await queries.get_plan(session, actor, plan_id)
    require_state(plan, *WITH_CONTENT, to="be compared")
    return plan
