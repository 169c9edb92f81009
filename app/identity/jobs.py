"""Forgetting what proved who somebody was, once it is of no use."""

from app.identity import queries
from app.kit import idempotency
from app.kit.jobs import Run, workflow


@workflow("identity.forget", cron="41 * * * *")
async def forget(run: Run) -> None:
    """Kept answers of idempotent requests, and failed log-ins the throttle no longer looks at."""
    await run.step("forget", _forget, run)


async def _forget(run: Run) -> None:
    now = run.resources.clock()
    async with run.resources.database.writing() as session:
        await session.execute(idempotency.outdated(now))
        await session.execute(queries.outdated_attempts(now))
