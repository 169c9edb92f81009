"""Enqueueing in the caller's transaction: the job exists if and only if the business change does."""

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.kit.ids import new_id
from app.kit.jobs.engine import Queue, offline_client

ORDINARY = 100  # room on both sides


async def enqueue(
    session: AsyncSession,
    workflow: str,
    *args: JsonValue,
    workflow_id: str | None = None,
    queue: Queue = Queue.LIGHT,
    priority: int = ORDINARY,
) -> str:
    """Have the workflow of that name run once after the commit, by whichever process works jobs; returns its id.

    The same `workflow_id` again does nothing, whatever became of the first. A smaller `priority` (from 1) goes
    first. Arguments are stored as they are: ids, not personal data.
    """
    identity = workflow_id or str(new_id())

    def write(sync_session: Session) -> None:
        offline_client(sync_session.get_bind().dialect.name).enqueue_in_transaction(
            sync_session,
            {
                "workflow_name": workflow,
                "queue_name": queue.value,
                "workflow_id": identity,
                "priority": priority,
            },
            *args,
        )

    await session.run_sync(write)
    return identity
