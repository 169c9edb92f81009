"""Keeping the facts near what is published, so that nobody who reads has much to wait for."""

from app.insight import assigning, folding, gathering
from app.kit.jobs import Run, workflow


@workflow("insight.fold", cron="* * * * *")
async def fold(run: Run) -> None:
    """Fold what is pending. Whoever reads before it ran folds for themselves."""
    await run.step("fold", _fold, run)
    await run.step("gather", _gather, run)
    await run.step("settle", _settle, run)


async def _fold(run: Run) -> int:
    return await folding.catch_up_everywhere(run.resources.database, now=run.resources.clock())


async def _gather(run: Run) -> int:
    return await gathering.gather_everywhere(run.resources.database, now=run.resources.clock())


async def _settle(run: Run) -> int:
    return await assigning.settle_everywhere(run.resources.database, now=run.resources.clock())
