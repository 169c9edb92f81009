"""A process that only works background jobs: `plainclothes worker`."""

import asyncio
import signal

import structlog

from app import workflows  # noqa: F401 (declares the jobs)
from app.events import moving
from app.kit import logs, migrations
from app.kit.clock import Clock, utc_now
from app.kit.jobs import Jobs
from app.kit.resources import open_resources
from app.settings import Settings

log = structlog.get_logger(__name__)

ENDINGS = (signal.SIGTERM, signal.SIGINT)


def run_worker(settings: Settings, *, clock: Clock = utc_now) -> None:
    """Work jobs until SIGTERM or SIGINT; running ones get a moment, and are resumed by the next process.

    Raises `NotMigrated`, `WorkerNameTaken`, `UnknownObjectStore`, and what an unreachable object store raises.
    """
    logs.configure(settings.log_level)
    asyncio.run(_work_until_told(settings, clock))


async def _work_until_told(settings: Settings, clock: Clock) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in ENDINGS:
        loop.add_signal_handler(ending, told.set)
    async with open_resources(settings, clock=clock, start_embedded=False) as resources:
        await migrations.require(resources.database)
        await moving.require_at_home(resources.database)
        async with Jobs(resources, executor_id=settings.executor_id, concurrency=settings.worker_concurrency):
            log.info("working", executor_id=settings.executor_id, heavy_jobs=settings.worker_concurrency)
            await told.wait()
            log.info("ending")
