"""Traces: sent to the address that was set, without what names a person."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.kit import tracing


class Collector(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receive)
        self.received: list[tuple[str, bytes]] = []


class Receive(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        self.server.received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name for it)
        """Not to standard error."""


@contextmanager
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class TestTracing:
    async def test_a_request_becomes_a_span_without_query_and_path(self) -> None:
        with collector() as server:
            traces = tracing.provider("plainclothes", f"http://127.0.0.1:{server.server_port}/")
            assert traces is not None
            app = FastAPI(telemetry=tracing.telemetry(traces))

            @app.get("/people/{name}")
            async def person(name: str) -> str:
                return name

            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://plainclothes.test") as client:
                await client.get("/people/Mona?at=home")
            traces.shutdown()

        ((path, body),) = server.received
        assert path == "/v1/traces"
        message = ExportTraceServiceRequest.FromString(body)
        spans = [span for scope in message.resource_spans[0].scope_spans for span in scope.spans]
        assert "GET /people/{name}" in {span.name for span in spans}
        assert b"Mona" not in body
        assert b"home" not in body

    async def test_without_an_address_nothing_is_traced(self) -> None:
        assert tracing.provider("plainclothes", "") is None
        assert tracing.telemetry(None)["tracing"] is False
