"""Retention by the clock."""

from uuid import UUID

import structlog

from app.kit.jobs import Run, StepFailed, workflow
from app.kit.sentences import counted
from app.retention import deciding, deleting

DELETE = "retention.delete"

log = structlog.get_logger(__name__)


@workflow(DELETE, cron="11 3 * * *")
async def delete_due(run: Run) -> None:
    """What is due is decided on, then deleted one by one. What could not be deleted stays decided and is tried again by the
    next run; this one ends as a dead job, which a person sees.
    """
    await run.step("decide", deciding.decide_all, run.resources)
    failures: list[str] = []
    for tombstone_id in await run.step("list", deleting.list_undone, run.resources):
        try:
            await run.step(f"delete {tombstone_id}", deleting.delete, run.resources, UUID(tombstone_id))
        except StepFailed as failure:
            log.warning("could not delete", tombstone=tombstone_id, reason=failure.reason)
            failures.append(tombstone_id)
    if failures:
        raise StepFailed(
            f"{counted(len(failures), 'thing')} could not be deleted, the first is {failures[0]}"
        )


@workflow("retention.idle-uploads", cron="31 2 * * *")
async def end_idle_uploads(run: Run) -> None:
    """Uploads nobody has touched for two weeks are taken out of the store, unless something holds their visit."""
    await run.step("end", deleting.end_idle_uploads, run.resources)
