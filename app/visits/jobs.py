"""What happens to visits by the clock."""

from app.kit.jobs import Run, workflow
from app.visits import reconciling
from app.visits.arrange import expire_overdue
from app.visits.reminding import tell_assigned, tell_due_soon


@workflow("visits.expire", cron="23 * * * *")
async def expire(run: Run) -> None:
    """Visits nobody went to give their dates back (D5.6)."""
    await run.step("expire", _expire, run)


@workflow("visits.remind", cron="*/5 * * * *")
async def remind(run: Run) -> None:
    """Crews find in their inbox what was assigned to them, and what is due soon."""
    await run.step("assigned", _tell_assigned, run)
    await run.step("due soon", _tell_due_soon, run)


@workflow("visits.escalate-missing-evidence", cron="29 * * * *")
async def escalate_missing(run: Run) -> None:
    """Files that were declared and are not there when they are due (D7.3)."""
    await run.step("escalate", _escalate, run)


async def _tell_assigned(run: Run) -> None:
    while await run.resources.database.transact(
        lambda session: tell_assigned(session, now=run.resources.clock())
    ):
        """There may be more."""


async def _tell_due_soon(run: Run) -> None:
    while await run.resources.database.transact(
        lambda session: tell_due_soon(session, now=run.resources.clock())
    ):
        """There may be more."""


async def _escalate(run: Run) -> int:
    return await run.resources.database.transact(
        lambda session: reconciling.escalate(session, now=run.resources.clock())
    )


async def _expire(run: Run) -> int:
    return await run.resources.database.transact(
        lambda session: expire_overdue(session, now=run.resources.clock())
    )
