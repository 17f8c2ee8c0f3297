"""Telemetry of real runs: to a collector on this machine, and to one that is not there."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from e2e_command import Command
from e2e_remote import Remote
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

TRACE = "0af7651916cd43dd8448eb211c80319c"
NOTE = "Note: not all telemetry reached its collector."


class Collector:
    """Keeps what is posted to it as OTLP over HTTP."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, str]] = []  # (name, trace id)
        self.metrics: dict[str, float] = {}
        self.bodies: list[bytes] = []

    def take(self, path: str, body: bytes) -> None:
        self.bodies.append(body)
        if path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    self.spans += [(span.name, span.trace_id.hex()) for span in scope.spans]
        if path == "/v1/metrics":
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        self.metrics[metric.name] = sum(point.as_int for point in metric.sum.data_points)


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            kept.take(self.path, gzip.decompress(body) if zipped else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the tests' stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kept, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_collector_gets_the_run_its_changes_calls_and_metrics(
    command: Command, remote: Remote, collector: tuple[Collector, str]
) -> None:
    kept, url = collector
    traceparent = f"00-{TRACE}-b7ad6b7169203331-01"
    ran = command("apply", "--auto-approve", OTEL_EXPORTER_OTLP_ENDPOINT=url, TRACEPARENT=traceparent)
    assert NOTE not in ran.err
    names = [name for name, _ in kept.spans]
    assert {trace for _, trace in kept.spans} == {TRACE}
    assert names.count("catalogsync apply") == 1
    assert names.count("create product") == names.count("generate content") == 3
    assert names.count("POST /v1/product/create-images/") == 1
    charged = [row for row in remote.log() if row["credits"] is not None]
    assert kept.metrics["catalogsync.credits"] == len(charged)
    assert kept.metrics["catalogsync.changes"] == 7
    assert kept.metrics["catalogsync.upload.size"] > 0
    assert not any(secret.encode() in body for secret in remote.secrets for body in kept.bodies)


def test_a_collector_that_is_not_there_changes_nothing(command: Command, remote: Remote) -> None:
    ran = command("apply", "--auto-approve", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert "Apply complete!" in ran.out
    assert ran.err.count(NOTE) == 1
    assert len(remote.finalized()) == 3


def test_without_the_library_the_command_to_install_it_is_told(command: Command) -> None:
    (command.folder / "without").mkdir()
    (command.folder / "without" / "opentelemetry.py").write_text("raise ImportError\n")
    ran = command("plan", code=1, CATALOGSYNC_OTEL="1", PYTHONPATH=str(command.folder / "without"))
    assert "pip install 'catalogsync[otel]'" in ran.err
