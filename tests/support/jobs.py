"""Working background jobs inside a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.kit.database import Database
from app.kit.jobs import Jobs, Pace, Resources, count_jobs
from tests.support.waiting import eventually

BRISK = Pace(poll_s=0.05, takeover_s=0.2)


@asynccontextmanager
async def working(resources: Resources) -> AsyncIterator[Jobs]:
    """This process works jobs; those still running at the end are left as a crash would leave them."""
    jobs = Jobs(resources, executor_id="here", concurrency=2, pace=BRISK)
    await jobs.launch()
    try:
        yield jobs
    finally:
        await jobs.shutdown(grace_s=0)


async def jobs_done(database: Database) -> None:
    """Wait until no job waits and none runs; dead ones may be left (`app.kit.jobs.list_dead`)."""

    async def idle() -> bool:
        async with database.reading() as session:
            return not {each.status for each in await count_jobs(session)} & {"enqueued", "pending"}

    await eventually(idle)
