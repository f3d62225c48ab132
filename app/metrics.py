"""The service's figures for Prometheus.

Several processes that serve together (`--workers`) write theirs into the folder that PROMETHEUS_MULTIPROC_DIR
names, and whichever is asked adds them up.
"""

import os

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)

from app.runs import Runs
from app.training import Trainer

disable_created_metrics()  # type: ignore[no-untyped-call]

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.15, 0.3, 1, 3, 10)
"""Bounds of the latencies: 150 ms is what a step may take."""


class Metrics:
    """The figures of one application.

    Attributes:
        requests: Answered, by method, route and status.
        seconds: From the first byte read to the last one written; what streams is left out.
        open: Requests that are being answered.
        streams: Of them, those that stream events.
        live_runs: Kept ready in memory.
        cache_bytes: Of all that is kept to be found again.
        cache_hits: Times that it was found, since the start.
        cache_misses: Times that it was not.
        workers_busy: Worker processes that are at work.
        work_waiting: Pieces of work that wait for one.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "backglass_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "backglass_request_seconds",
            "How long an answer took; streams are left out.",
            ("method", "route"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self.open = self._gauge("backglass_requests_open", "Requests that are being answered.")
        self.streams = self._gauge("backglass_streams_open", "Streams of events that are open.")
        self.live_runs = self._gauge("backglass_live_runs", "Runs kept ready in memory.")
        self.cache_bytes = self._gauge("backglass_cache_bytes", "Memory that computed results take.")
        self.cache_hits = self._gauge("backglass_cache_hits", "Results found in memory, since the start.")
        self.cache_misses = self._gauge("backglass_cache_misses", "Results computed anew, since the start.")
        self.workers_busy = self._gauge("backglass_workers_busy", "Worker processes that are at work.")
        self.work_waiting = self._gauge("backglass_work_waiting", "Pieces of work that wait for a worker.")

    def measure(self, runs: Runs, trainer: Trainer) -> None:
        """Note how things stand in this process."""
        self.live_runs.set(runs.live)
        self.cache_bytes.set(runs.cache.size)
        self.cache_hits.set(runs.cache.hits)
        self.cache_misses.set(runs.cache.misses)
        self.workers_busy.set(trainer.busy)
        self.work_waiting.set(trainer.waiting)

    def text(self) -> bytes:
        """All of them, of all processes, in Prometheus' text format."""
        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(name, what, registry=self._registry, multiprocess_mode="livesum")
