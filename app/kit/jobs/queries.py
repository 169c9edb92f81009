"""What the job engine's tables say. Read-only, and only columns that its documentation shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.jobs.engine import SCHEMA

FAILED, EXHAUSTED = "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
RUNNING = "PENDING"
SUCCEEDED = "SUCCESS"
FINISHED = (SUCCEEDED, "CANCELLED", FAILED, EXHAUSTED)


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job nobody will try again by itself: a human has to look."""

    id: str
    workflow: str
    reason: str
    attempts: int
    enqueued_at: datetime
    died_at: datetime


@dataclass(frozen=True, slots=True)
class JobCount:
    queue: str
    status: str
    count: int


async def list_dead(session: AsyncSession, *, limit: int = 100) -> list[DeadJob]:
    """Jobs that failed, and jobs that ended every process that took them; the latest first."""
    status, output = _status(session), _output(session)
    died_at = sa.func.coalesce(status.c.completed_at, status.c.updated_at)
    rows = await session.execute(
        sa.select(
            status.c.workflow_uuid,
            status.c.name,
            status.c.status,
            status.c.recovery_attempts,
            status.c.created_at,
            died_at.label("died_at"),
            sa.func.coalesce(output.c.error, status.c.error).label("error"),
        )
        .outerjoin_from(status, output, output.c.workflow_uuid == status.c.workflow_uuid)
        .where(status.c.status.in_((FAILED, EXHAUSTED)))
        .order_by(died_at.desc(), status.c.workflow_uuid)
        .limit(limit)
    )
    return [
        DeadJob(
            id=row.workflow_uuid,
            workflow=row.name,
            reason=_reason(row.status, row.error),
            attempts=row.recovery_attempts or 0,
            enqueued_at=_instant(row.created_at),
            died_at=_instant(row.died_at),
        )
        for row in rows
    ]


async def unfinished_among(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    """Those of the jobs that wait or run. The others ended, well or not, or were never enqueued."""
    status = _status(session)
    found = await session.scalars(
        sa.select(status.c.workflow_uuid).where(
            status.c.workflow_uuid.in_(ids), status.c.status.not_in(FINISHED)
        )
    )
    return set(found)


async def count_jobs(session: AsyncSession) -> list[JobCount]:
    """How many jobs wait, run or are dead, by queue. Successful ones are not counted: they only grow."""
    status = _status(session)
    rows = await session.execute(
        sa.select(status.c.queue_name, status.c.status, sa.func.count().label("n"))
        .where(status.c.status.not_in(("SUCCESS", "CANCELLED")))
        .group_by(status.c.queue_name, status.c.status)
    )
    return [JobCount(row.queue_name or "", row.status.lower(), row.n) for row in rows]


async def workers_with_running_jobs(session: AsyncSession) -> Sequence[str]:
    status = _status(session)
    found = await session.scalars(
        sa.select(status.c.executor_id).distinct().where(status.c.status == RUNNING)
    )
    return [worker for worker in found if worker]


async def running_jobs_of(session: AsyncSession, worker: str) -> set[str]:
    """What the database believes it is at."""
    status = _status(session)
    mine = sa.and_(status.c.status == RUNNING, status.c.executor_id == worker)
    return set(await session.scalars(sa.select(status.c.workflow_uuid).where(mine)))


async def finished_before(
    session: AsyncSession, instant: datetime, *, limit: int, successes_of: Sequence[str] | None = None
) -> Sequence[str]:
    """Ids of jobs that ended, well or not, before `instant`; or only those of some workflows that ended well."""
    status = _status(session)
    ended_at = sa.func.coalesce(status.c.completed_at, status.c.updated_at)
    wanted: sa.ColumnElement[bool] = status.c.status.in_(FINISHED)
    if successes_of is not None:
        wanted = sa.and_(status.c.status == SUCCEEDED, status.c.name.in_(successes_of))
    found = await session.scalars(
        sa.select(status.c.workflow_uuid)
        .where(wanted, ended_at < int(instant.timestamp() * 1000))
        .order_by(ended_at)
        .limit(limit)
    )
    return list(found)


def _status(session: AsyncSession) -> sa.TableClause:
    columns = "workflow_uuid name status queue_name executor_id recovery_attempts created_at updated_at completed_at"
    return _table(session, "workflow_status", f"{columns} error")


def _output(session: AsyncSession) -> sa.TableClause:
    return _table(session, "workflow_output", "workflow_uuid error")


def _table(session: AsyncSession, name: str, columns: str) -> sa.TableClause:
    schema = SCHEMA if session.get_bind().dialect.name == "postgresql" else None
    return sa.table(name, *(sa.column(column) for column in columns.split()), schema=schema)


def _reason(status: str, error: str | None) -> str:
    if status == EXHAUSTED:
        return "every process that worked on it ended before it was done"
    try:
        told = json.loads(error or "")
        return f"{told['name']}: {told['message']}"
    except (ValueError, TypeError, KeyError):
        return error or "unknown"


def _instant(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
