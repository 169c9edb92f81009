"""Looking for misuse by the clock."""

from app.kit.jobs import Run, workflow
from app.misuse.noticing import notice_all


@workflow("misuse.notice", cron="35 */5 * * * *")
async def notice(run: Run) -> None:
    """What became unusual since the last look."""
    await run.step("notice", notice_all, run.resources)
