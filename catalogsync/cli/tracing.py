"""Traces and metrics of a command for OpenTelemetry: the one door to its library.

The run is a span, each change is one in it, each try of a call one in its change. Source of the names: OpenTelemetry,
"Semantic conventions for HTTP spans" and "... for HTTP metrics".
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import click
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from catalogsync import __version__
from catalogsync.errors import ExitCode
from catalogsync.model.calls import CallMade, CallPaused
from catalogsync.model.events import (
    ChangeCompleted,
    ChangeFailed,
    ChangeLeft,
    ChangeRecovered,
    ChangeSkipped,
    ChangeStarted,
    RunEvent,
    RunStopping,
)

NAME = "catalogsync"
LAST_WORDS = 2.0  # seconds that a collector has to take what is left
JOBS = frozenset({"generate", "render", "await", "replace"})  # actions that wait for a job of the remote
_GOOD = frozenset({ExitCode.OK, ExitCode.CHANGES_PRESENT, ExitCode.STILL_PROCESSING})
_PORTS = {"http": 80, "https": 443}


def exporting(command: str, environment: Mapping[str, str]) -> Telemetry:
    """Telemetry that goes to the collector of OpenTelemetry's own variables, as OTLP over HTTP."""
    _Unsaid.instead_of_logging()
    processors: list[SpanProcessor] = []
    readers: list[MetricReader] = []
    if environment.get("OTEL_TRACES_EXPORTER", "otlp") != "none":
        processors.append(BatchSpanProcessor(OTLPSpanExporter()))
    if environment.get("OTEL_METRICS_EXPORTER", "otlp") != "none":
        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
    return Telemetry.of(command, environment, processors, readers)


@dataclass(slots=True)
class Instruments:
    """What is measured."""

    credits: Any
    calls: Any
    retries: Any
    uploaded: Any
    requests: Any
    jobs: Any
    changes: Any

    @classmethod
    def of(cls, provider: MeterProvider) -> Instruments:
        meter = provider.get_meter(NAME, __version__)
        return cls(
            credits=meter.create_counter("catalogsync.credits", "{credit}", "Credits that calls cost"),
            calls=meter.create_counter("catalogsync.calls", "{call}", "Tries of calls by operation and status"),
            retries=meter.create_counter("catalogsync.retries", "{retry}", "Calls that were tried again"),
            uploaded=meter.create_counter("catalogsync.upload.size", "By", "Bytes that buckets took"),
            requests=meter.create_histogram("http.client.request.duration", "s", "Duration of HTTP client requests"),
            jobs=meter.create_histogram(
                "catalogsync.job.duration", "s", "From asking for content or a render to its end"
            ),
            changes=meter.create_counter("catalogsync.changes", "{change}", "Changes by action and outcome"),
        )


@dataclass(slots=True)
class Telemetry:
    """Listens to one command. Neither `tell` nor `end` raises, and `end` takes two seconds at most."""

    tracers: TracerProvider
    meters: MeterProvider
    run: Span
    measured: Instruments
    _changes: dict[str, Span] = field(default_factory=dict)  # those under way, by address

    @classmethod
    def of(
        cls,
        command: str,
        environment: Mapping[str, str],
        processors: list[SpanProcessor],
        readers: list[MetricReader],
    ) -> Telemetry:
        resource = Resource.create({"service.version": __version__, **_service(environment)})
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        for processor in processors:
            tracers.add_span_processor(processor)
        meters = MeterProvider(resource=resource, metric_readers=readers, shutdown_on_exit=False)
        tracer = tracers.get_tracer(NAME, __version__)
        attributes = {"catalogsync.command": command}
        run = tracer.start_span(f"{NAME} {command}", context=_parent(environment), attributes=attributes)
        return cls(tracers, meters, run, Instruments.of(meters))

    def tell(self, event: RunEvent) -> None:  # noqa: C901 - one case for each type of event
        match event:
            case ChangeStarted(address, action):
                attributes = {"catalogsync.address": address, "catalogsync.action": action}
                self._changes[address] = self._span(f"{action} {address.partition('.')[0]}", self.run, attributes)
            case ChangeCompleted(address, action, elapsed):
                if action in JOBS:
                    self.measured.jobs.record(elapsed, {"catalogsync.action": action})
                self._ended(address, action, "done")
            case ChangeFailed(address, action, _, message):
                self._ended(address, action, "failed", message)
            case ChangeSkipped(address, action):
                self._ended(address, action, "skipped")
            case ChangeLeft(address, action):
                self._ended(address, action, "left")
            case ChangeRecovered(address, message):
                self._changes.get(address, self.run).add_event("recovered", {"catalogsync.message": message})
            case RunStopping(because):
                self.run.add_event("stopping", {"catalogsync.because": because})
            case CallPaused(operation):
                self.measured.retries.add(1, {"catalogsync.operation": operation})
            case CallMade():
                self._called(event)

    def end(self, code: int) -> None:
        for span in self._changes.values():
            span.end()
        self.run.set_attribute("process.exit.code", int(code))
        if code not in _GOOD:
            self.run.set_status(Status(StatusCode.ERROR, f"exit code {int(code)}"))
        self.run.end()
        if not _in_time((self.tracers.shutdown, self.meters.shutdown), LAST_WORDS) or _Unsaid.heard:
            click.echo("Note: not all telemetry reached its collector.", err=True)

    def _span(self, name: str, parent: Span, attributes: Mapping[str, Any], **more: Any) -> Span:
        tracer = self.tracers.get_tracer(NAME, __version__)
        return tracer.start_span(name, context=set_span_in_context(parent), attributes=dict(attributes), **more)

    def _ended(self, address: str, action: str, outcome: str, message: str = "") -> None:
        self.measured.changes.add(1, {"catalogsync.action": action, "catalogsync.outcome": outcome})
        span = self._changes.pop(address, None)
        if span is None:
            return
        span.set_attribute("catalogsync.outcome", outcome)
        if outcome == "failed":
            span.set_status(Status(StatusCode.ERROR, message))
        span.end()

    def _called(self, event: CallMade) -> None:
        ended = time.time_ns()
        began = ended - round(event.elapsed * 1e9)
        http = _http(event)
        told = {
            **http,
            "url.full": f"{event.scheme}://{event.host}{event.path}",
            "catalogsync.operation": event.operation,
            "catalogsync.credits": event.credits,
        }
        told |= {"catalogsync.step": event.step} if event.step else {}
        told |= {"http.request.resend_count": event.attempt - 1} if event.attempt > 1 else {}
        parent = self._changes.get(event.address, self.run)
        span = self._span(f"{event.method} {event.route}".strip(), parent, told, kind=SpanKind.CLIENT, start_time=began)
        if event.error:
            span.set_status(Status(StatusCode.ERROR, event.error))
        span.end(ended)
        self._measure(event, http)

    def _measure(self, event: CallMade, http: Mapping[str, Any]) -> None:
        operation = {"catalogsync.operation": event.operation}
        self.measured.requests.record(event.elapsed, dict(http))
        self.measured.calls.add(1, {**operation, "catalogsync.status": str(event.status or "none")})
        if event.credits:
            self.measured.credits.add(event.credits, operation)
        if event.sent and not event.error:
            self.measured.uploaded.add(event.sent, operation)


def _http(event: CallMade) -> dict[str, Any]:
    place = urlsplit(f"//{event.host}")
    told: dict[str, Any] = {
        "http.request.method": event.method,
        "server.address": place.hostname or "",
        "server.port": place.port or _PORTS.get(event.scheme, 0),
    }
    told |= {"url.template": event.route} if event.route else {}
    told |= {"http.response.status_code": event.status} if event.status else {}
    told |= {"error.type": str(event.status or "no_answer")} if event.error else {}
    return told


def _parent(environment: Mapping[str, str]) -> Context:
    """The span that this command is a part of, where whoever started it says so in TRACEPARENT."""
    names = ("traceparent", "tracestate")
    carrier = {name: environment[name.upper()] for name in names if environment.get(name.upper())}
    return TraceContextTextMapPropagator().extract(carrier, context=Context())


def _service(environment: Mapping[str, str]) -> dict[str, str]:
    named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return {} if named else {"service.name": NAME}


def _in_time(works: tuple[Callable[[], object], ...], seconds: float) -> bool:
    """Whether all of it was done within so many seconds. What was not is left to threads that end with the process."""
    threads = [threading.Thread(target=_quietly, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


def _quietly(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:  # noqa: BLE001 - whatever the library raises, the run has ended as it has
        _Unsaid.heard = True


class _Unsaid(logging.Handler):
    """Hears what the library complains of, each time it cannot export: said once, at the end."""

    heard = False

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - logging's signature
        _Unsaid.heard = True

    @classmethod
    def instead_of_logging(cls) -> None:
        cls.heard = False
        library = logging.getLogger("opentelemetry")
        library.handlers, library.propagate = [cls(logging.WARNING)], False
