"""Background steps of webhooks."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.jobs import Resources, Run, workflow
from app.webhooks import queries
from app.webhooks.delivering import send_next
from app.webhooks.fanning import DELIVER, dispatch, fan_out
from app.webhooks.rules import LOG_KEPT_FOR

MESSAGES_A_ROUND = 100  # then others get the worker's place


@workflow("webhooks.fan-out", cron="*/10 * * * * *")
async def tell(run: Run) -> None:
    """Events become messages, and what is due goes out."""
    await run.step("fan out", fan_out_all, run.resources)


@workflow(DELIVER)
async def deliver(run: Run, webhook_id: str) -> None:
    """What is due to one subscriber, one after the other, until it fails or has had its turn."""
    for number in range(MESSAGES_A_ROUND):
        if not await run.step(f"message {number}", send_next, run.resources, UUID(webhook_id)):
            return


@workflow("webhooks.forget", cron="37 4 * * *")
async def forget(run: Run) -> None:
    """Messages settled long ago leave the log."""
    await run.step("forget", forget_old, run.resources)


async def fan_out_all(resources: Resources) -> None:
    """Every event there is, and a job for every subscriber to whom something is due."""
    more = True
    while more:
        more = await resources.database.transact(lambda session: fan_out(session, now=resources.clock()))
    await resources.database.transact(lambda session: dispatch(session, now=resources.clock()))


async def forget_old(resources: Resources) -> None:
    """What is waiting stays, however old."""

    async def work(session: AsyncSession) -> None:
        for statement in queries.outdated(resources.clock() - LOG_KEPT_FOR):
            await session.execute(statement)

    await resources.database.transact(work)
