"""What a feature writes: workflows, and inside them steps."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from dbos import DBOS
from dbos._error import DBOSMaxStepRetriesExceeded
from dbos._serialization import PortableWorkflowError

from app.kit.clock import Clock
from app.kit.database import Database
from app.kit.jobs.engine import Queue
from app.kit.problems import Problem
from app.kit.storage import Storage
from app.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

STEP_ATTEMPTS = 4  # with waits of 1, 2 and 4 seconds: over a restart of the object store, not over an outage
FIRST_WAIT_S = 1.0
REASON_LENGTH = 500  # of an error that is kept; a tool's whole output belongs in the log


@dataclass(frozen=True, slots=True)
class Resources:
    """What the process was launched with; the same things a request gets."""

    database: Database
    storage: Storage
    settings: Settings
    clock: Clock


class StepFailed(Exception):
    """A step failed for good; `reason` names the error. Looks the same when the workflow is replayed."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a workflow. After a crash the workflow function runs again from its beginning, and every
    finished step answers what it answered before: whatever touches the world belongs into a step.
    """

    id: str
    resources: Resources

    async def step(self, name: str, work: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work` once and for all; its answer is kept as JSON, so it must be a JSON value (tuples become lists).

        A step that was interrupted by a crash is done again: it must be idempotent. An error is tried again a few
        times unless it is a `Problem`, which trying cannot mend. Raises `StepFailed`.
        """

        async def attempt() -> T:
            try:
                return _as_kept(await work(*args, **kwargs))
            except Exception as error:  # whatever it is, it is told in the same way now and on replay
                reason = f"{type(error).__name__}: {error}"[:REASON_LENGTH]
                raise StepFailed(reason, final=isinstance(error, Problem)) from error

        try:
            return await DBOS.run_step_async(
                {
                    "name": name,
                    "retries_allowed": True,
                    "max_attempts": STEP_ATTEMPTS,
                    "interval_seconds": FIRST_WAIT_S,
                    "backoff_rate": 2.0,
                    "should_retry": _worth_another_try,
                },
                attempt,
            )
        except DBOSMaxStepRetriesExceeded as error:
            raise StepFailed(str(error.errors[-1])) from error
        except PortableWorkflowError as error:  # the kept error of a replayed step
            raise StepFailed(str(error)) from error

    async def pause(self, seconds: float) -> None:
        """Wait so long, over restarts too: what has passed of it has passed. The job keeps its place in the queue's count."""
        await DBOS.sleep_async(seconds)


Workflow = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Declared:
    name: str
    function: Workflow
    cron: str | None
    queue: Queue


DECLARED: dict[str, Declared] = {}


def workflow(
    name: str, *, cron: str | None = None, queue: Queue = Queue.LIGHT
) -> Callable[[Workflow], Workflow]:
    """Declare `async def f(run, …)` as the workflow `name`; with `cron` (UTC) it runs by itself and takes only `run`.

    The name is stored with every enqueued job: never rename one that may be waiting. `queue` is for scheduled
    ones; an enqueued one names its queue there. Raises `ValueError` for a name declared twice.
    """

    def declare(function: Workflow) -> Workflow:
        if name in DECLARED:
            raise ValueError(f"two workflows are called {name}")
        DECLARED[name] = Declared(name, function, cron, queue)
        return function

    return declare


def _as_kept(answer: T) -> T:
    kept: Any = json.loads(json.dumps(answer))
    return kept  # type: ignore[no-any-return]  # the same JSON value, now exactly as a replay will see it


def _worth_another_try(error: BaseException) -> bool:
    return not (isinstance(error, StepFailed) and error.final)
