"""Background jobs: durable workflows whose finished steps are never repeated, enqueued in the caller's transaction.

Declare with `workflow` in `<feature>/jobs.py`, start with `enqueue`, work with `Jobs`. The engine (DBOS) keeps its
tables in the business database and is seen by nobody outside this package.
"""

from app.kit.jobs.declare import Resources, Run, StepFailed, workflow
from app.kit.jobs.engine import Queue, is_engine_table, migrate
from app.kit.jobs.outbox import enqueue
from app.kit.jobs.queries import DeadJob, JobCount, count_jobs, list_dead, unfinished_among
from app.kit.jobs.runtime import Jobs, Pace, WorkerNameTaken

__all__ = [
    "DeadJob",
    "JobCount",
    "Jobs",
    "Pace",
    "Queue",
    "Resources",
    "Run",
    "StepFailed",
    "WorkerNameTaken",
    "count_jobs",
    "enqueue",
    "is_engine_table",
    "list_dead",
    "migrate",
    "unfinished_among",
    "workflow",
]
