"""What follows from publications, and what happens to appeals and actions by the clock."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import closing, files, following, queries_clock, rechecking
from app.kit.jobs import Resources, Run, workflow
from app.review.publishing import FOLLOW_UP

Work = Callable[..., Awaitable[int]]


@workflow(FOLLOW_UP)
async def follow_up(run: Run, publication_id: str) -> None:
    """Actions that a report opens, verifies or takes back (D8.5)."""
    await run.step("follow", _follow, run.resources, publication_id)


@workflow("cases.catch-up", cron="11 * * * *")
async def catch_up(run: Run) -> None:
    """Publications of an earlier release, or whose job was lost."""
    for publication_id in await run.step("find", _missed, run.resources):
        await run.step("follow", _follow, run.resources, publication_id)


@workflow("cases.close", cron="*/10 * * * *")
async def close(run: Run) -> None:
    """Windows that close, and decisions and actions that are late (D8.4, D8.5)."""
    for work in (
        closing.lapse,
        rechecking.cancel_of_void_visits,
        closing.finalise,
        closing.escalate_appeals,
        closing.escalate_actions,
    ):
        await run.step(work.__name__, _transact, run.resources, work)


@workflow("cases.sweep-files", cron="41 4 * * *")
async def sweep_files(run: Run) -> None:
    """Files that were declared and never came."""
    await run.step("sweep", files.sweep, run.resources)


async def _follow(resources: Resources, publication_id: str) -> None:
    async def follow(session: AsyncSession) -> None:
        await following.follow_by_id(session, UUID(publication_id), now=resources.clock())

    await resources.database.transact(follow)


async def _missed(resources: Resources) -> list[str]:
    async with resources.database.reading() as session:
        return [str(one) for one in await queries_clock.not_followed_up(session, limit=following.BATCH)]


async def _transact(resources: Resources, work: Work) -> int:
    now: datetime = resources.clock()

    async def done(session: AsyncSession) -> int:
        return await work(session, now=now)

    return await resources.database.transact(done)
