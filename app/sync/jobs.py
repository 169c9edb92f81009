"""Copies nobody asks for any more."""

from app.kit.jobs import Resources, Run, workflow
from app.sync import queries
from app.sync.rules import IDLE_FOR


@workflow("sync.forget", cron="11 5 * * *")
async def forget(run: Run) -> None:
    """A phone that comes back later than that begins again."""
    await run.step("forget", forget_idle, run.resources)


async def forget_idle(resources: Resources) -> None:
    async with resources.database.writing() as session:
        await session.execute(queries.idle(resources.clock() - IDLE_FOR))
