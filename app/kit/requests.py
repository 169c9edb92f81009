"""What happens to every request around the application: an id, a log line, metrics, headers, and a net."""

import re
from http import HTTPStatus
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.ids import new_id
from app.kit.metrics import Metrics
from app.kit.problem_responses import respond
from app.kit.problems import Problem, TooLarge

log = structlog.get_logger(__name__)

REQUEST_ID = "X-Request-Id"
SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
OPERATIONS = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds; logged at debug only
GONE = 499  # the client hung up before there was an answer


class Observed:
    """Outermost: gives the request an id, and tells log and metrics what became of it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = request_id(scope)
        status = GONE
        began = perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = identity
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=identity):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                self._tell(scope, status, perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = scope["method"], route_template(scope)
        self._metrics.count(method, route, status, seconds)
        tell = log.debug if route in OPERATIONS else log.info
        tell("request", method=method, route=route, status=status, duration_ms=round(seconds * 1000, 1))


class Net:
    """Innermost: an exception nobody expected becomes a logged 500, and the client learns nothing of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            if started:
                raise  # half an answer is out: only a broken connection tells the client; the server logs it
            log.exception("request failed", route=route_template(scope))
            problem = Problem("The mistake is ours and has been logged; nothing was changed.")
            await respond(problem)(scope, receive, send)


class HeadAsGet:
    """Answers HEAD as GET without the body, wherever there is a GET."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        inner = {**scope, "method": "GET"}  # a copy: the server must go on knowing that no body is sent
        await self._app(inner, receive, without_body)
        scope.update({key: inner[key] for key in ("fastapi", "route") if key in inner})  # for the log


class BodyLimitAsProblem:
    """Outside FastAPI's body limit, which answers a too large Content-Length with a plain text of its own."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def translate(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_plain_refusal(message):
                replaced = True
                problem = TooLarge(
                    f"Requests may have {self._limit} bytes; recordings go to the object store."
                )
                await respond(problem)(scope, receive, send)
            elif not replaced:
                await send(message)

        await self._app(scope, receive, translate)


class SecurityHeaders:
    """Headers that make a browser careful with our answers; an answer's own headers win."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._always = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if https:
            self._always["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        for name, value in self._always.items():
            headers.setdefault(name, value)
        page = headers.get("content-type", "").startswith("text/html")
        headers.setdefault(
            "Content-Security-Policy",
            "frame-ancestors 'none'" if page else "default-src 'none'; frame-ancestors 'none'",
        )
        if path.startswith("/v1/"):
            headers.setdefault(
                "Cache-Control", "no-store"
            )  # other people's data must not stay on a shared phone


def _is_plain_refusal(start: Message) -> bool:
    too_large: bool = start["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return too_large and Headers(raw=start["headers"]).get("content-type", "").startswith("text/plain")


def request_id(scope: Scope) -> str:
    """The id the caller brought if it is a sane one, else a new one."""
    brought = Headers(scope=scope).get(REQUEST_ID, "")
    return brought if SANE_ID.fullmatch(brought) else str(new_id())


def route_template(scope: Scope) -> str:
    """`/v1/visits/{visit_id}`: never the path itself, whose parts may be anything a client made up."""
    context = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    template = getattr(context, "path", None)
    return template if isinstance(template, str) else "unmatched"
