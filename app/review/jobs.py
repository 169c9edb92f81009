"""What happens to reviews and reports by the clock. Every step may be done twice."""

from datetime import datetime

from app.kit.jobs import Queue, Resources, Run, workflow
from app.review import batches, reminding


@workflow("review.remind", cron="13 * * * *")
async def remind(run: Run) -> None:
    """Reviews that are overdue, and those that soon will be (D8.1)."""
    await run.step("escalate", _escalate, run.resources)
    await run.step("remind", _remind, run.resources)


@workflow("review.publish-due", cron="2 * * * *", queue=Queue.LIGHT)
async def publish_due(run: Run) -> None:
    """Batches whose hour has come (D8.3). All of a batch carry the same moment."""
    at = await run.step("moment", _moment, run.resources)
    for visit_id in await run.step("gather", _gather, run.resources, at):
        await run.step(f"publish {visit_id}", batches.publish_one, run.resources, visit_id, at)


async def _escalate(resources: Resources) -> int:
    return await resources.database.transact(
        lambda session: reminding.escalate(session, now=resources.clock())
    )


async def _remind(resources: Resources) -> int:
    return await resources.database.transact(lambda session: reminding.remind(session, now=resources.clock()))


async def _moment(resources: Resources) -> str:
    return resources.clock().isoformat()


async def _gather(resources: Resources, at: str) -> list[str]:
    async with resources.database.reading() as session:
        return [str(one) for one in await batches.due_now(session, now=datetime.fromisoformat(at))]
