"""A process that works jobs: the web process of a small installation, or a worker of a large one."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog
from dbos import DBOS
from dbos._dbos import _get_dbos_instance
from dbos._utils import INTERNAL_QUEUE_NAME
from sqlalchemy.exc import DBAPIError

from app.kit.jobs import retention  # noqa: F401 (declares its workflow)
from app.kit.jobs.declare import DECLARED, Declared, Resources, Run
from app.kit.jobs.engine import LIGHT_JOBS_AT_A_TIME, Queue, configuration, open_client, quieten
from app.kit.jobs.leases import leases
from app.kit.jobs.queries import running_jobs_of, workers_with_running_jobs

log = structlog.get_logger(__name__)

LOOKS_IDLE = 3  # at a job nobody works: one just taken has not begun, one that just ended is being noted
RESTARTS = 4  # of a job whose process ended under it; a deployment or two must not kill a long one


class WorkerNameTaken(Exception):
    """Another living process has the same executor id; two of one name would do steps twice."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How eagerly a process looks for work. On SQLite a queue starts at most its concurrency per poll."""

    poll_s: float = 0.2
    takeover_s: float = 5.0
    wait_for_name_s: float = 15.0  # until the lease of a killed predecessor is noticed as gone


class Jobs:
    """Works jobs between `launch` and `shutdown`, on the event loop that called `launch`; one per process."""

    def __init__(
        self, resources: Resources, *, executor_id: str, concurrency: int, pace: Pace | None = None
    ) -> None:
        """`executor_id` is unique among the living and the same after a restart; `concurrency` is that of the
        heavy queue.
        """
        self.taken_over = 0
        self._resources = resources
        self._executor_id = executor_id
        self._concurrency = {Queue.LIGHT: LIGHT_JOBS_AT_A_TIME, Queue.HEAVY: concurrency}
        self._pace = pace or Pace()
        self._leases = leases(resources.database)
        self._running: set[asyncio.Task[object]] = set()
        self._at_work: set[str] = set()
        self._idle: dict[str, int] = {}
        self._looking_for_the_dead: asyncio.Task[None] | None = None
        self._engine: DBOS | None = None

    async def __aenter__(self) -> Self:
        await self.launch()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shutdown()

    async def launch(self) -> None:
        """Begin, first with what this executor id had not finished. The database must be migrated.

        Raises `WorkerNameTaken`. Call before serving requests: it blocks the loop for a moment.
        """
        quieten()
        await self._take_name()
        try:
            await asyncio.to_thread(self._announce)
            self._engine = DBOS(
                config=configuration(self._resources.database.url, executor_id=self._executor_id)
            )
            for declared in DECLARED.values():
                DBOS.workflow(name=declared.name, max_recovery_attempts=RESTARTS)(self._runner(declared))
            DBOS.launch()  # here, not in a thread: workflows run on the loop of the calling thread
        except BaseException:
            await self.shutdown(grace_s=0)
            raise
        self._looking_for_the_dead = asyncio.create_task(self._look_for_the_dead())

    async def shutdown(self, *, grace_s: float = 10.0) -> None:
        """Take no more jobs, give running ones `grace_s`, and leave the rest to be resumed later."""
        if self._looking_for_the_dead is not None:
            self._looking_for_the_dead.cancel()
            await asyncio.wait([self._looking_for_the_dead])
        if self._engine is not None:
            for stop in self._engine.background_thread_stop_events:
                stop.set()
            await self._end_running(grace_s)
            await self._destroy()
        await self._leases.release()

    async def take_over_from_the_dead(self) -> int:
        """Requeue the running jobs of every worker whose process is gone; the number of such workers."""
        if not await self._leases.hold(self._executor_id):
            log.error("another process has taken this worker's name", worker=self._executor_id)
            return 0
        async with self._resources.database.reading() as session:
            workers = await workers_with_running_jobs(session)
        dead = 0
        for worker in workers:
            if worker == self._executor_id:
                continue
            async with self._leases.borrow(worker) as gone:
                if gone:
                    requeued = await asyncio.to_thread(_requeue, worker)
                    dead += bool(requeued)
                    self.taken_over += requeued
                    log.warning("took over from a dead worker", worker=worker, jobs=requeued)
        return dead

    async def take_up_forgotten(self) -> int:
        """Requeue what is ours in the database and worked by nobody: while the database was away, its end could not be
        noted, and as long as we live nobody else would take it over. Their number.
        """
        async with self._resources.database.reading() as session:
            ours = await running_jobs_of(session, self._executor_id)
        self._idle = {job: self._idle.get(job, 0) + 1 for job in ours - self._at_work}
        forgotten = sorted(job for job, looks in self._idle.items() if looks >= LOOKS_IDLE)
        for job in forgotten:
            log.warning("taken up again: its end was never noted", job_id=job)
            await asyncio.to_thread(_requeue_job, job, self._executor_id)
            del self._idle[job]
        return len(forgotten)

    async def _take_name(self) -> None:
        deadline = asyncio.get_running_loop().time() + self._pace.wait_for_name_s
        while not await self._leases.hold(self._executor_id):
            if asyncio.get_running_loop().time() > deadline:
                raise WorkerNameTaken(
                    f"A living process already works jobs as {self._executor_id!r}: "
                    "give each its own PLAINCLOTHES_EXECUTOR_ID, or set PLAINCLOTHES_RUN_JOBS=false here."
                )
            await asyncio.sleep(0.1)

    def _announce(self) -> None:
        """Store queues and schedules as this version of the code declares them."""
        client = open_client(self._resources.database.url)
        try:
            for queue, concurrency in self._concurrency.items():
                client.register_queue(
                    queue.value, worker_concurrency=concurrency, polling_interval_sec=self._pace.poll_s
                )
            scheduled = {name: job for name, job in DECLARED.items() if job.cron}
            for stored in client.list_schedules():
                if stored["schedule_name"] not in scheduled:
                    client.delete_schedule(stored["schedule_name"])
            client.apply_schedules(
                [
                    {
                        "schedule_name": name,
                        "workflow_name": name,
                        "schedule": job.cron or "",
                        "queue_name": job.queue.value,
                    }
                    for name, job in scheduled.items()
                ]
            )
        finally:
            client.destroy()

    def _runner(self, declared: Declared) -> Callable[..., Awaitable[None]]:
        """The function DBOS calls, with a `Run` in front; scheduled ones lose the time and context it passes."""

        async def run(*args: object) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            identity = DBOS.workflow_id or ""
            self._at_work.add(identity)
            task.add_done_callback(lambda _: self._at_work.discard(identity))
            with structlog.contextvars.bound_contextvars(job=declared.name, job_id=identity):
                await declared.function(Run(identity, self._resources), *(() if declared.cron else args))

        return run

    async def _look_for_the_dead(self) -> None:
        while True:
            try:
                await self.take_over_from_the_dead()
                await self.take_up_forgotten()
            except (DBAPIError, OSError):  # the database is away; it will be looked at again
                log.warning("could not look for dead workers", exc_info=True)
            await asyncio.sleep(self._pace.takeover_s)

    async def _end_running(self, grace_s: float) -> None:
        if self._running and grace_s > 0:
            await asyncio.wait(set(self._running), timeout=grace_s)
        left = set(self._running)
        for task in left:
            task.cancel()  # not recorded as an end: the job stays, and is resumed by the next process
        if left:
            log.info("jobs interrupted, to be resumed", jobs=len(left))
            await asyncio.wait(left)

    async def _destroy(self) -> None:
        self._engine = None
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as executor:  # not the default one: that is DBOS's and ends now
            await loop.run_in_executor(executor, lambda: DBOS.destroy(destroy_registry=True))
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))


def _requeue(worker: str) -> int:
    # The public way (resume_workflows) resets the count of attempts, and a job that kills its process would
    # do so for ever; this one keeps the count, which ends in the dead-letter state after RESTARTS.
    return len(DBOS._recover_pending_workflows([worker]))  # noqa: SLF001


def _requeue_job(job: str, worker: str) -> None:
    # As above, but for one of them: the others of a living worker are being worked.
    _get_dbos_instance()._sys_db.reenqueue_for_recovery(job, [worker], INTERNAL_QUEUE_NAME)  # noqa: SLF001
