"""OpenTelemetry traces over OTLP/HTTP, when an address for them is set. Where somebody was stays out of them."""

from collections.abc import MutableMapping
from typing import Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider

from app.kit.requests import OPERATIONS

OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
UNSAID = (
    "url.query",
    "url.path",
    "client.address",
    "user_agent.original",
)  # the route's template says enough


class Forgetful(SpanProcessor):
    """Takes out of a span what may name a person or a secret."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 (interface)
        for name in UNSAID:
            if name in (span.attributes or {}):
                span.set_attribute(name, "-")


def provider(service: str, endpoint: str) -> TracerProvider | None:
    """Where spans go; `None` without an endpoint. The caller shuts it down (`shutdown()`), which sends the rest."""
    if not endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 (0.2 s)
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    traces = TracerProvider(resource=Resource.create({SERVICE_NAME: service}), shutdown_on_exit=False)
    traces.add_span_processor(Forgetful())
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=_traces_address(endpoint))))
    return traces


def telemetry(traces: TracerProvider | None) -> TelemetryConfig:
    """The `telemetry=` of the FastAPI application."""
    if traces is None:
        return OFF
    return {
        "tracer_provider": traces,
        "metrics": False,  # Prometheus has them
        "logs": False,  # they would carry messages of exceptions
        "exclude": _operations,
    }


def _operations(scope: MutableMapping[str, Any]) -> bool:
    return scope.get("path") in OPERATIONS


def _traces_address(endpoint: str) -> str:
    base = endpoint.rstrip("/")
    return base if base.endswith("/v1/traces") else f"{base}/v1/traces"
