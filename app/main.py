"""The composition root: builds the application from its settings, and owns what lives as long as the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from app import (
    api,
    workflows,  # noqa: F401 (declares the jobs)
)
from app.examples import EXAMPLES
from app.identity.passwords import Passwords
from app.kit import description, migrations, observability, problem_responses, tracing
from app.kit.clock import Clock, utc_now
from app.kit.jobs import Jobs
from app.kit.metrics import Metrics
from app.kit.resources import open_resources, readiness
from app.pages import routes as pages
from app.settings import Settings
from app.web import routes as web

DESCRIPTION = """Mystery-shopper inspections: weighted checklists with one-vote veto, rotation of inspectors,
covert recordings, blind publication. Failures are `application/problem+json` with a stable `type`."""


def create_app(settings: Settings, *, clock: Clock = utc_now, passwords: Passwords | None = None) -> FastAPI:
    """The web application. No connection is opened before its lifespan begins."""

    traces = tracing.provider("plainclothes", settings.otel_endpoint)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings, clock = app.state.settings, app.state.clock
        async with AsyncExitStack() as stack:
            if traces is not None:
                stack.push_async_callback(asyncio.to_thread, traces.shutdown)
            resources = await stack.enter_async_context(
                open_resources(settings, clock=clock, start_embedded=True)
            )
            app.state.database, app.state.storage = resources.database, resources.storage
            app.state.readiness = readiness(resources)
            if settings.run_jobs:
                await migrations.require(resources.database)
                await stack.enter_async_context(
                    Jobs(resources, executor_id=settings.executor_id, concurrency=settings.worker_concurrency)
                )
            yield

    app = FastAPI(
        title="Plainclothes",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        max_body_size=settings.max_body_bytes,
        telemetry=tracing.telemetry(traces),
        openapi_url=None,  # the committed one is answered: app/pages
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=description.operation_name,
        redirect_slashes=False,  # one address for one thing
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    equip(app, settings, clock=clock, passwords=passwords)
    problem_responses.install(app, api.CONSTRAINTS)
    observability.install(app)
    api.install(app)
    app.include_router(pages.router)
    app.include_router(web.router)
    description.install(app, EXAMPLES, refusals=api.refusals)
    return app


def equip(app: FastAPI, settings: Settings, *, clock: Clock, passwords: Passwords | None = None) -> None:
    """Say what the application works with, while its lifespan has not begun.

    Apart from `create_app`, because routes cost a quarter of a second to build and are the same for everybody.
    """
    app.state.settings = settings
    app.state.clock = clock
    app.state.passwords = passwords or Passwords()
    app.state.metrics = Metrics()
    app.state.readiness = {}
    app.middleware_stack = None  # it holds settings; built again with the first request
