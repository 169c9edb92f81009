"""What happens to visits by the clock."""

from app.kit.jobs import Run, workflow
from app.visits.arrange import expire_overdue


@workflow("visits.expire", cron="23 * * * *")
async def expire(run: Run) -> None:
    """Visits nobody went to give their dates back (D5.6)."""
    await run.step("expire", _expire, run)


async def _expire(run: Run) -> int:
    return await run.resources.database.transact(
        lambda session: expire_overdue(session, now=run.resources.clock())
    )
