"""What Prometheus is told; figures of the stores are asked for when it asks."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.core.errors import Unavailable
from samespace.services import Services
from search.trace import Took
from workers.submit import Queue

log = logging.getLogger(__name__)

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """The counters of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "samespace_http_requests",
            "Requests by route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.accepted = Counter(
            "samespace_documents_accepted",
            "Documents accepted by this process, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        self.refused = Counter(
            "samespace_documents_refused",
            "Documents refused by this process, by error code.",
            ["code"],
            registry=self.registry,
        )
        self.wrong_keys = Counter(
            "samespace_wrong_keys",
            "Requests to this process with a key that is not good.",
            registry=self.registry,
        )
        self.search = Histogram(
            "samespace_search_seconds",
            "Seconds of searches: in the encoders, in the index, altogether.",
            ["phase"],
            buckets=_SECONDS,
            registry=self.registry,
        )

    def searched(self, took: Took) -> None:
        """Note the times of one search."""
        self.search.labels("encode").observe(took.encode_ms / 1000)
        self.search.labels("index").observe(took.index_ms / 1000)
        self.search.labels("total").observe(took.total_ms / 1000)

    def page(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class StoreCollector(Collector):
    """Documents by state, the queue, the workers, and the encoders of every process."""

    def __init__(self, services: Services, queue: Queue) -> None:
        self._services = services
        self._messages = queue

    def describe(self) -> list[Metric]:
        """Nothing: the stores are not asked before somebody wants to know."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One family after another; one whose store does not answer is left out."""
        for family in (self._documents, self._queue, self._workers):
            try:
                yield from family()
            except Unavailable as error:
                log.warning("metrics are incomplete: %s", error)

    def _documents(self) -> Iterator[Metric]:
        states = GaugeMetricFamily("samespace_documents", "Documents by state.", labels=["state"])
        for state, count in self._services.records.documents.counts().items():
            states.add_metric([state], count)
        yield states

    def _queue(self) -> Iterator[Metric]:
        length = self._messages.length()
        yield GaugeMetricFamily("samespace_queue_length", "Messages that wait.", length)

    def _workers(self) -> Iterator[Metric]:
        services = self._services
        alive = services.records.workers.alive(services.settings.lease_seconds)
        yield GaugeMetricFamily("samespace_workers", "Workers that live.", len(alive))
        stats = {name: asdict(stats) for name, stats in services.encoders.stats().items()}
        yield from _encoders(
            {"api": stats, **{worker.id: worker.about.get("encoders", {}) for worker in alive}}
        )


def _encoders(processes: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Metric]:
    """The figures of each encoder in each process."""
    figures: list[tuple[CounterMetricFamily | GaugeMetricFamily, Callable[[Any], float]]] = [
        (_counter("items", "Items encoded."), lambda stats: stats["items"]),
        (_counter("batches", "Batches encoded."), lambda stats: stats["batches"]),
        (_counter("seconds", "Seconds spent in encoding."), lambda stats: stats["seconds"]),
        (_gauge("batch_fill", "Mean share of a batch that is used."), _fill),
        (_gauge("waiting", "Items that wait to be encoded."), lambda stats: stats["waiting"]),
    ]
    for process, encoders in processes.items():
        for name, stats in encoders.items():
            for family, figure in figures:
                family.add_metric([process, name.partition(":")[0]], figure(stats))
    yield from (family for family, _ in figures)


def _fill(stats: Mapping[str, Any]) -> float:
    return stats["items"] / stats["slots"] if stats["slots"] else 0.0


def _counter(name: str, help: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"samespace_encode_{name}", help, labels=["process", "space"])


def _gauge(name: str, help: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"samespace_encode_{name}", help, labels=["process", "space"])


class CountRequests:
    """ASGI middleware that counts requests by the template of their route, so that names stay few."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(scope["method"], route, status).inc()
