"""Telemetry: off unless asked for; spans and metrics of a run by their names; nothing it does ends a run otherwise."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from catalogsync.cli import tracing
from catalogsync.cli.audience import Audience
from catalogsync.cli.telemetry import asked, join
from catalogsync.cli.tracing import Telemetry
from catalogsync.errors import MissingExtraError, UsageMistakeError
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
    StillRunning,
)

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"

CREATED = CallMade(
    *("create the product", "POST", "127.0.0.1:8080", "/v1/product/details/", 201, 0.5, 1, 9, ""),
    *("product.A", "create", 0, 1, "/v1/product/details/", "http"),
)
LOST = CallMade("read the list", "GET", "api.example", "/v1/x/1/", None, 0.25, 2, None, "The answer was lost.")
UPLOADED = CallMade("upload the file", "POST", "b.example", "/", 204, 1.0, 1, None, "", "product.A", "upload", 5000)
STORY: list[RunEvent] = [
    LOST,
    CallPaused("read the list", 1.0, "The answer was lost."),
    ChangeStarted("product.A", "create"),
    CREATED,
    UPLOADED,
    ChangeRecovered("product.A", "it was found"),
    StillRunning("product.A", "create", 10.0),
    ChangeCompleted("product.A", "create", 12.0, "u-1"),
    ChangeStarted("content.A", "generate"),
    ChangeCompleted("content.A", "generate", 200.0, ""),
    ChangeStarted("product.B", "create"),
    ChangeFailed("product.B", "create", 1.0, "It broke.", ""),
    ChangeSkipped("content.B", "generate", "product.B failed"),
    ChangeStarted("render.hero", "render"),
    ChangeLeft("render.hero", "render"),
    RunStopping("SIGINT received."),
]


@dataclass
class Told:
    spans: dict[str, ReadableSpan]
    metrics: dict[str, list[Any]]

    def total(self, name: str) -> float:
        return sum(point.value for point in self.metrics[name])


def told(code: int, **environment: str) -> Told:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    telemetry = Telemetry.of("apply", environment, [SimpleSpanProcessor(exporter)], [reader])
    for event in STORY:
        telemetry.tell(event)
    metrics = reader.get_metrics_data()
    telemetry.end(code)
    points = {
        metric.name: list(metric.data.data_points)
        for resource in metrics.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    return Told({span.name: span for span in exporter.get_finished_spans()}, points)


def test_the_run_holds_its_changes_and_they_their_calls() -> None:
    spans = told(3).spans
    assert set(spans) == {
        *("catalogsync apply", "create product", "generate content", "render render"),
        *("POST /v1/product/details/", "GET", "POST"),
    }
    run, change, call = (spans[name] for name in ("catalogsync apply", "create product", "POST /v1/product/details/"))
    assert run.parent is None
    assert call.kind is SpanKind.CLIENT
    assert spans["GET"].parent.span_id == run.context.span_id
    assert spans["render render"].parent.span_id == run.context.span_id
    assert call.end_time - call.start_time == 500_000_000
    assert {span.context.trace_id for span in spans.values()} == {run.context.trace_id}
    assert change.attributes["catalogsync.outcome"] == "failed"
    assert [event.name for event in run.events] == ["stopping"]


def test_a_call_has_the_attributes_of_the_http_conventions() -> None:
    spans = told(0).spans
    assert dict(spans["POST /v1/product/details/"].attributes) == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": 8080,
        "url.template": "/v1/product/details/",
        "url.full": "http://127.0.0.1:8080/v1/product/details/",
        "http.response.status_code": 201,
        "catalogsync.operation": "create the product",
        "catalogsync.credits": 1,
        "catalogsync.step": "create",
    }
    lost = spans["GET"]
    assert lost.attributes["error.type"] == "no_answer"
    assert lost.attributes["http.request.resend_count"] == 1
    assert lost.attributes["server.port"] == 443
    assert lost.status.status_code is StatusCode.ERROR


@pytest.mark.parametrize(("code", "status"), [(0, StatusCode.UNSET), (4, StatusCode.UNSET), (3, StatusCode.ERROR)])
def test_the_run_ends_as_its_exit_code_says(code: int, status: StatusCode) -> None:
    run = told(code).spans["catalogsync apply"]
    assert run.attributes == {"catalogsync.command": "apply", "process.exit.code": code}
    assert run.status.status_code is status


def test_the_metrics() -> None:
    found = told(0)
    assert found.total("catalogsync.credits") == 1
    assert found.total("catalogsync.calls") == 3
    assert {dict(point.attributes)["catalogsync.status"] for point in found.metrics["catalogsync.calls"]} == {
        *("201", "204", "none"),
    }
    assert found.total("catalogsync.retries") == 1
    assert found.total("catalogsync.upload.size") == 5000
    assert found.total("catalogsync.changes") == 5
    (job,) = found.metrics["catalogsync.job.duration"]
    assert (job.sum, dict(job.attributes)) == (200.0, {"catalogsync.action": "generate"})
    assert sum(point.count for point in found.metrics["http.client.request.duration"]) == 3


def test_a_run_is_part_of_the_trace_that_started_it() -> None:
    run = told(0, TRACEPARENT=f"00-{TRACE}-{SPAN}-01", TRACESTATE="a=b").spans["catalogsync apply"]
    assert (f"{run.context.trace_id:032x}", f"{run.parent.span_id:016x}") == (TRACE, SPAN)
    assert told(0, TRACEPARENT="nonsense").spans["catalogsync apply"].parent is None


@pytest.mark.parametrize(
    ("environment", "named"),
    [({}, True), ({"OTEL_SERVICE_NAME": "ours"}, False), ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=x"}, False)],
)
def test_the_service_is_called_as_the_environment_says(
    environment: dict[str, str], named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    resource = told(0, **environment).spans["catalogsync apply"].resource
    assert (resource.attributes["service.name"] == "catalogsync") is named


@pytest.mark.parametrize(
    ("environment", "yes"),
    [
        ({}, False),
        ({"CATALOGSYNC_OTEL": "1"}, True),
        ({"CATALOGSYNC_OTEL": "0", **ENDPOINT}, False),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector"}, True),
        ({"CATALOGSYNC_OTEL": "1", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_it_is_off_unless_the_environment_asks(environment: dict[str, str], yes: bool) -> None:
    assert asked(environment) is yes


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "catalogsync.cli.tracing", None)


@pytest.mark.usefixtures("missing")
def test_a_missing_extra_is_an_error_where_it_was_asked_for() -> None:
    with pytest.raises(MissingExtraError) as caught:
        join(Audience(), {"CATALOGSYNC_OTEL": "1"})
    assert caught.value.hint == "Install them with: pip install 'catalogsync[otel]'"


@pytest.mark.usefixtures("missing")
def test_a_missing_extra_is_only_said_where_the_endpoint_may_be_meant_for_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    join(Audience(), ENDPOINT)
    said = capsys.readouterr().err
    assert "pip install 'catalogsync[otel]'" in said
    assert "CATALOGSYNC_OTEL=0" in said


def test_variables_that_cannot_be_used_are_refused_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(*_: object) -> None:
        raise ValueError("max_queue_size must be a positive integer.")

    monkeypatch.setattr(tracing, "exporting", wrong)
    with pytest.raises(UsageMistakeError, match=r"OTEL_ variables .* cannot be used: max_queue_size must be"):
        join(Audience(), {"CATALOGSYNC_OTEL": "1"})
    join(Audience(), ENDPOINT)
    assert "cannot be used" in capsys.readouterr().err


@pytest.fixture
def library_log() -> None:
    library = logging.getLogger("opentelemetry")
    before = library.handlers, library.propagate
    yield
    library.handlers, library.propagate = before


@pytest.mark.usefixtures("library_log")
@pytest.mark.parametrize(
    ("environment", "kinds"),
    [
        ({}, (1, 1)),
        ({"OTEL_TRACES_EXPORTER": "none"}, (0, 1)),
        ({"OTEL_METRICS_EXPORTER": "none"}, (1, 0)),
    ],
)
def test_traces_and_metrics_can_be_switched_off_by_themselves(
    environment: dict[str, str], kinds: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(tracing, "OTLPSpanExporter", InMemorySpanExporter)
    monkeypatch.setattr(tracing, "PeriodicExportingMetricReader", lambda _: InMemoryMetricReader())
    monkeypatch.setattr(Telemetry, "of", lambda *args: given.append((len(args[2]), len(args[3]))))
    tracing.exporting("apply", environment)
    assert given == [kinds]


def ended(monkeypatch: pytest.MonkeyPatch, shutdown: Callable[[], None]) -> float:
    """Seconds that the end took."""
    telemetry = Telemetry.of("apply", {}, [], [])
    monkeypatch.setattr(telemetry.tracers, "shutdown", shutdown)
    began = time.monotonic()
    telemetry.end(0)
    return time.monotonic() - began


def test_a_collector_that_hangs_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tracing, "LAST_WORDS", 0.05)
    answer = threading.Event()
    assert ended(monkeypatch, lambda: answer.wait(30) and None) < 10
    answer.set()
    assert capsys.readouterr().err == "Note: not all telemetry reached its collector.\n"


@pytest.mark.usefixtures("library_log")
def test_whatever_the_library_raises_or_complains_of_is_one_note(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        logging.getLogger("opentelemetry.exporter").error("Failed to export")
        raise RuntimeError

    tracing._Unsaid.instead_of_logging()
    ended(monkeypatch, broken)
    tracing._Unsaid.heard = False
    assert capsys.readouterr().err == "Note: not all telemetry reached its collector.\n"


def test_the_page_about_it_names_every_metric() -> None:
    page = (Path(__file__).parents[2] / "docs" / "observability.md").read_text(encoding="utf-8")
    assert [name for name in told(0).metrics if f"`{name}`" not in page] == []
