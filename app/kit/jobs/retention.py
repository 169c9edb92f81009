"""Finished jobs are forgotten: their rows are of no use after a while, and successful ones are many."""

from datetime import timedelta

from dbos import DBOS

from app.kit.jobs.declare import Run, workflow
from app.kit.jobs.queries import finished_before

KEPT_FOR = timedelta(days=30)  # longer than a phone retries, since a forgotten id could be enqueued again
BATCH = 500


@workflow("jobs.forget_finished", cron="17 3 * * *")
async def forget_finished(run: Run) -> None:
    await run.step("forget", forget, run)


async def forget(run: Run) -> int:
    """Delete what ended long ago; the number of jobs deleted."""
    forgotten = 0
    before = run.resources.clock() - KEPT_FOR
    while True:
        async with run.resources.database.reading() as session:
            ids = await finished_before(session, before, limit=BATCH)
        if not ids:
            return forgotten
        await DBOS.delete_workflows_async(list(ids))
        forgotten += len(ids)
