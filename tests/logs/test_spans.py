"""Spans are sent where the setting says, and carry no message of an error."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.trace import INVALID_SPAN, get_current_span

from masterflow.errors import ConfigurationInvalid
from masterflow.logs.spans import carried, exporting, span

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Receiver(HTTPServer):
    """A collector that keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, ExportTraceServiceRequest]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list:
        return [s for _, r in self.got for g in r.resource_spans for scope in g.scope_spans for s in scope.spans]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.got.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_spans_arrive_with_their_parent_and_without_what_people_wrote(receiver: Receiver) -> None:
    parent = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    with (
        exporting(f"{receiver.url}/", service="masterflow-api", version="1"),
        pytest.raises(ValueError, match="Acme"),
        span("outer", {"a": 1}, parent=parent),
        span("inner", {}),
    ):
        assert carried()["traceparent"].startswith(f"00-{TRACE}-")
        raise ValueError("Acme's payroll")
    assert receiver.got[0][0] == "/v1/traces"
    inner, outer = receiver.spans()
    assert (outer.name, outer.trace_id.hex(), inner.parent_span_id) == ("outer", TRACE, outer.span_id)
    assert (inner.status.message, inner.status.code) == ("ValueError", 2)
    assert "payroll" not in str(receiver.got)
    assert "masterflow-api" in str(receiver.got)


def test_without_an_endpoint_nothing_is_recorded() -> None:
    with exporting(None, service="x", version="1"), span("quiet", {}) as current:
        assert not current.is_recording()
        assert carried() == {}
    assert get_current_span() is INVALID_SPAN


def test_a_missing_extra_is_said_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace", None)
    with (
        pytest.raises(
            ConfigurationInvalid, match=r"OTLP_ENDPOINT is set, but .* is not installed.*masterflow\[telemetry\]"
        ),
        exporting("http://127.0.0.1:1", service="x", version="1"),
    ):
        raise AssertionError("never reached")
