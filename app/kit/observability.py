"""Everything around the routes, installed in one call: ids, logs, metrics, headers, compression, CORS."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from app.kit import health
from app.kit.requests import REQUEST_ID, BodyLimitAsProblem, HeadAsGet, Net, Observed, SecurityHeaders
from app.settings import Settings

WORTH_COMPRESSING_BYTES = 1024  # below that the packet is the same
PREFLIGHT_S = 600
REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    REQUEST_ID,
)
RESPONSE_HEADERS = ("ETag", "Idempotency-Replayed", "Link", "Location", "Retry-After", REQUEST_ID)


def install(app: FastAPI) -> None:
    """Add the middlewares and the routes `/healthz`, `/readyz`, `/metrics`.

    `app.state` must have `settings` and `metrics`, and from the lifespan on `database` and `readiness`, a mapping
    from names to `health.Check`s.
    """
    app.include_router(health.router)
    app.add_middleware(Net)
    build = app.build_middleware_stack
    # Not by add_middleware: the body limit stands outside of those, and its refusals need an id and headers too.
    app.build_middleware_stack = lambda: _around(build(), app, app.state.settings)  # type: ignore[method-assign]


def _around(application: ASGIApp, app: FastAPI, settings: Settings) -> ASGIApp:
    application = BodyLimitAsProblem(application, settings.max_body_bytes)
    application = HeadAsGet(application)
    application = GZipMiddleware(application, minimum_size=WORTH_COMPRESSING_BYTES)
    application = CORSMiddleware(
        application,
        allow_origins=settings.allowed_origins,
        allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
        allow_headers=REQUEST_HEADERS,
        expose_headers=RESPONSE_HEADERS,
        max_age=PREFLIGHT_S,
    )
    application = SecurityHeaders(application, https=settings.secure_cookies)
    return Observed(application, app.state.metrics)
