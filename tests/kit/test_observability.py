"""What surrounds every request: ids, logs, metrics, headers, compression, CORS, and the net for the unexpected."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import httpx2
import pytest
import structlog
from fastapi import Body, FastAPI, Query

from app.kit import logs, observability, problem_responses
from app.kit.metrics import Metrics
from app.kit.routing import feature_router
from app.settings import Settings

ELSEWHERE = "https://desk.example"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log of the process, as it would be written."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("INFO", stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False
    structlog.reset_defaults()


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=small_app(), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://plainclothes.test") as client:
        yield client


def small_app() -> FastAPI:
    settings = Settings(_env_file=None, allowed_origins=(ELSEWHERE,), public_url="https://plainclothes.test")
    app = FastAPI(max_body_size=settings.max_body_bytes)
    problem_responses.install(app, {})
    app.state.settings, app.state.metrics, app.state.readiness = settings, Metrics(), {}
    observability.install(app)
    inner, outer = feature_router("things", prefix="/things"), feature_router("v1", prefix="/v1")

    @inner.get("/{thing_id}/parts")
    async def parts(thing_id: int, search: Annotated[str, Query()] = "") -> dict[str, str]:
        return {"parts": "x" * 5000}

    @inner.post("/{thing_id}")
    async def keep(thing_id: int, body: Annotated[str, Body()]) -> int:
        return len(body)

    @inner.post("/{thing_id}/break")
    async def break_it(thing_id: int) -> None:
        raise ValueError("mona@example.com was at the door, Bearer abc.def")

    outer.include_router(inner)
    app.include_router(outer)
    return app


class TestRequestId:
    async def test_every_answer_has_one(self, client: httpx2.AsyncClient) -> None:
        first = await client.get("/healthz")
        second = await client.get("/no/such/address")

        assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]

    async def test_a_sane_one_is_kept(self, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/healthz", headers={"X-Request-Id": "phone-7f3a_01"})

        assert answer.headers["X-Request-Id"] == "phone-7f3a_01"

    @pytest.mark.parametrize(
        "strange", ["short", "a" * 65, "mona@example.com", 'with"quote"', "two words here"]
    )
    async def test_a_strange_one_is_replaced(self, client: httpx2.AsyncClient, strange: str) -> None:
        answer = await client.get("/healthz", headers={"X-Request-Id": strange})

        assert answer.headers["X-Request-Id"] != strange


class TestLog:
    async def test_a_request_is_one_line_with_the_route_and_nothing_personal(
        self, client: httpx2.AsyncClient, written: io.StringIO
    ) -> None:
        answer = await client.get("/v1/things/7/parts", params={"search": "Mona"})

        (line,) = lines(written)
        assert line["duration_ms"] > 0
        assert {key: line[key] for key in ("event", "level", "method", "route", "status", "request_id")} == {
            "event": "request",
            "level": "info",
            "method": "GET",
            "route": "/v1/things/{thing_id}/parts",
            "status": 200,
            "request_id": answer.headers["X-Request-Id"],
        }
        assert "Mona" not in written.getvalue()

    async def test_an_unknown_address_is_not_quoted(
        self, client: httpx2.AsyncClient, written: io.StringIO
    ) -> None:
        await client.get("/v1/invitations/secret-in-a-path")

        (line,) = lines(written)
        assert (line["route"], line["status"]) == ("unmatched", 404)

    async def test_probes_do_not_fill_it(self, client: httpx2.AsyncClient, written: io.StringIO) -> None:
        await client.get("/healthz")

        assert lines(written) == []

    async def test_libraries_are_scrubbed(self, written: io.StringIO) -> None:
        library = logging.getLogger("some.library")
        library.warning("sent to %s via https://u:pw@host/x?X-Amz-Signature=abc", "ivy@example.com")
        library.error("(psycopg.errors) DETAIL: Key (email)=(x) exists\n[parameters: ('Ivy',)]")

        first, second = lines(written)
        assert first["event"] == "sent to <address> via https://<secret>@host/x?<query>"
        assert first["logger"] == "some.library"
        assert "Ivy" not in second["event"]
        assert "email" not in second["event"]

    async def test_the_access_log_of_the_server_is_off(self, written: io.StringIO) -> None:
        logging.getLogger("uvicorn.access").info("GET /v1/people?name=Mona")

        assert lines(written) == []


class TestUnexpected:
    async def test_it_becomes_a_problem_that_tells_nothing(
        self, client: httpx2.AsyncClient, written: io.StringIO
    ) -> None:
        answer = await client.post("/v1/things/7/break")

        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "door" not in answer.text
        assert answer.headers["X-Request-Id"]

        failure, request = lines(written)
        assert failure["event"] == "request failed"
        assert failure["request_id"] == request["request_id"] == answer.headers["X-Request-Id"]
        assert "ValueError: <address> was at the door, Bearer <secret>" in failure["exception"]
        assert request["status"] == 500


class TestHeaders:
    async def test_browsers_are_told_to_be_careful(self, client: httpx2.AsyncClient) -> None:
        headers = (await client.get("/v1/things/7/parts")).headers

        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Strict-Transport-Security"].startswith("max-age=")

    async def test_a_page_may_load_its_own_things(self, client: httpx2.AsyncClient) -> None:
        headers = (await client.get("/docs")).headers

        assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"

    async def test_long_answers_are_compressed_and_short_ones_are_not(
        self, client: httpx2.AsyncClient
    ) -> None:
        long = await client.get("/v1/things/7/parts")
        short = await client.get("/healthz")

        assert long.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in short.headers


class TestCors:
    async def test_a_named_origin_may_call(self, client: httpx2.AsyncClient) -> None:
        answer = await client.options(
            "/v1/things/7/parts",
            headers={
                "Origin": ELSEWHERE,
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "if-match,idempotency-key,authorization",
            },
        )

        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == ELSEWHERE
        assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]

    async def test_the_origin_sees_the_headers_it_needs(self, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/healthz", headers={"Origin": ELSEWHERE})

        assert {"ETag", "Location", "X-Request-Id"} <= set(
            answer.headers["Access-Control-Expose-Headers"].split(", ")
        )

    async def test_others_may_not(self, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/healthz", headers={"Origin": "https://evil.example"})

        assert "Access-Control-Allow-Origin" not in answer.headers


class TestBodyLimit:
    async def test_a_body_over_the_limit_is_a_problem(self, client: httpx2.AsyncClient) -> None:
        answer = await client.post("/v1/things/7", json="x" * 5_000_000)

        assert answer.status_code == 413
        assert answer.json()["type"] == "too-large"
        assert answer.headers["X-Request-Id"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    async def test_so_is_one_that_does_not_say_its_length(self, client: httpx2.AsyncClient) -> None:
        async def endless() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"x" * 65_536

        answer = await client.post("/v1/things/7", content=endless())

        assert answer.status_code == 413
        assert answer.json()["type"] == "too-large"
