"""Numbers for Prometheus, in a registry of the application's own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from app.kit.jobs import JobCount

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._requests = Counter(
            "http_requests", "Requests answered", ("method", "route", "status"), registry=self._registry
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time until the whole answer was handed over",
            ("method", "route"),
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._jobs = Gauge(
            "jobs", "Background jobs that wait, run or are dead", ("queue", "status"), registry=self._registry
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"  # a client must not make up labels
        self._requests.labels(known, route, str(status)).inc()
        self._durations.labels(known, route).observe(seconds)

    def show_jobs(self, counts: list[JobCount]) -> None:
        self._jobs.clear()
        for each in counts:
            self._jobs.labels(each.queue, each.status).set(each.count)

    def exposition(self) -> bytes:
        """The text format, version 0.0.4."""
        return generate_latest(self._registry)
