"""For whoever runs the product: is the process alive, is it ready, and its numbers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from app.kit.database import Database
from app.kit.jobs import count_jobs
from app.kit.metrics import Metrics
from app.kit.problem_responses import documented
from app.kit.problems import Unavailable

log = structlog.get_logger(__name__)

PATIENCE_S = 3.0  # less than the interval at which probes usually come
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"

Check = Callable[[], Awaitable[str | None]]

router = APIRouter(tags=["operations"])


class NotReady(Unavailable):
    type = "not-ready"
    title = "This process cannot serve yet"


class HealthOut(BaseModel):
    status: Literal["ok"]


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> HealthOut:
    return HealthOut(status="ok")


@router.get("/readyz", summary="Can it serve?", responses=documented(NotReady))
async def readyz(request: Request) -> HealthOut:
    """Whether everything the process stands on answers; if not, the problem's `missing` names what does not."""
    checks: Mapping[str, Check] = request.app.state.readiness
    answers = await asyncio.gather(*(_ask(name, check) for name, check in checks.items()))
    missing = {name: answer for name, answer in zip(checks, answers, strict=True) if answer}
    if missing:
        raise NotReady("; ".join(f"{name}: {answer}" for name, answer in missing.items()), missing=missing)
    return HealthOut(status="ok")


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    numbers: Metrics = request.app.state.metrics
    database: Database = request.app.state.database
    try:
        async with database.reading() as session:
            numbers.show_jobs(await count_jobs(session))
    except DBAPIError:
        numbers.show_jobs([])  # the other numbers are wanted most when the database is away
    return Response(numbers.exposition(), media_type=EXPOSITION)


async def _ask(name: str, check: Check) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await check()
    except Exception as error:  # whatever it is: not ready
        log.warning("not ready", check=name, exc_info=error)
        return "does not answer"
