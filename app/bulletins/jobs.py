"""Making editions, and beginning those that are due."""

from uuid import UUID

from app.bulletins import making, scheduling, sweeping
from app.bulletins.rules import files_wanted
from app.bulletins.service import MAKE
from app.kit.jobs import Resources, Run, StepFailed, workflow


@workflow(MAKE)
async def make(run: Run, bulletin_id: str) -> None:
    """Gather, pin, draw each file, tell. After a crash it goes on with the step it was at."""
    bulletin = UUID(bulletin_id)
    try:
        as_of = await run.step("moment", _moment, run.resources)
        await run.step("gather", making.gather, run.resources, bulletin, as_of)
        for language, format_ in files_wanted():
            await run.step(
                f"draw {language} {format_}", making.draw, run.resources, bulletin, language, format_
            )
        await run.step("finish", making.finish, run.resources, bulletin)
    except StepFailed as failure:
        await run.step("give up", making.give_up, run.resources, bulletin, failure.reason)
        raise


@workflow("bulletins.request-due", cron="23 4 * * *")
async def request_due(run: Run) -> None:
    """By day, so that a week's bulletin comes on the day after it is due wherever a run was missed."""
    await run.step("request", scheduling.request_due, run.resources)


@workflow("bulletins.sweep", cron="47 4 * * *")
async def sweep(run: Run) -> None:
    """What was drawn for editions that came to nothing."""
    await run.step("sweep", sweeping.sweep, run.resources)


async def _moment(resources: Resources) -> str:
    return resources.clock().isoformat()
