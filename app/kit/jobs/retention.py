"""Finished jobs are forgotten: their rows are of no use after a while, and successful ones are many."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dbos import DBOS

from app.kit.jobs.declare import DECLARED, Run, workflow
from app.kit.jobs.queries import finished_before

KEPT_FOR = timedelta(days=30)  # longer than a phone retries, since a forgotten id could be enqueued again
TICKS_KEPT_FOR = timedelta(days=1)  # of what runs by itself: many, and nobody enqueues it under the same id
BATCH = 500


@workflow("jobs.forget_finished", cron="17 3 * * *")
async def forget_finished(run: Run) -> None:
    await run.step("forget", forget, run)


async def forget(run: Run) -> int:
    """Delete what ended long ago; the number of jobs deleted."""
    now = run.resources.clock()
    ticks = [job.name for job in DECLARED.values() if job.cron]
    return await _forget(run, now - KEPT_FOR) + await _forget(run, now - TICKS_KEPT_FOR, successes_of=ticks)


async def _forget(run: Run, before: datetime, *, successes_of: Sequence[str] | None = None) -> int:
    forgotten = 0
    while True:
        async with run.resources.database.reading() as session:
            ids = await finished_before(session, before, limit=BATCH, successes_of=successes_of)
        if not ids:
            return forgotten
        await DBOS.delete_workflows_async(list(ids))
        forgotten += len(ids)
