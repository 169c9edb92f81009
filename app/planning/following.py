"""Watching a plan being made: every change of its progress, until it is made or the listener has had enough."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

from app.identity.actor import Actor
from app.kit.database import Database
from app.kit.problems import NotFound
from app.planning import queries_plans as queries
from app.planning import views
from app.planning.models import PlanState
from app.planning.schemas import PlanProgressOut

LOOK_EVERY_S = 0.5  # the search itself tells about once a second
UNDER_WAY = (PlanState.WAITING, PlanState.SOLVING, PlanState.PUBLISHING)
PROGRESS, END = "progress", "end"


async def follow(
    database: Database, actor: Actor, plan_id: UUID, *, for_s: float
) -> AsyncIterator[tuple[str, PlanProgressOut]]:
    """`progress` whenever there is news, at once for the first time; `end` when nothing is under way any more.

    Ends after `for_s` seconds all the same, and when the actor may not see the plan any longer.
    """
    until = time.monotonic() + for_s
    told: PlanProgressOut | None = None
    while True:
        try:
            found = await look(database, actor, plan_id)
        except NotFound:
            return
        if found.state not in UNDER_WAY:
            yield END, found
            return
        if found != told:
            yield PROGRESS, found
            told = found
        left_s = until - time.monotonic()
        if left_s <= 0:
            return
        await asyncio.sleep(min(LOOK_EVERY_S, left_s))


async def look(database: Database, actor: Actor, plan_id: UUID) -> PlanProgressOut:
    """How far the plan is now. Raises `NotFound`."""
    async with database.reading() as session:
        plan = await queries.get_plan(session, actor, plan_id)
        progress = (await queries.progress_of(session, [plan.id]))[plan.id]
        return views.progress_of(plan, progress)
