"""Traces of Jaeger, Zipkin and OpenTelemetry."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file
from tests.inventory.importers.evidence import EVIDENCE, arrows, flows, read_text


def test_real_dependencies_of_jaeger_keep_their_counts() -> None:
    read = open_file(EVIDENCE / "jaeger_deps_small.json")
    assert (read.format, len(flows(read)), read.traits["dependencies"]) == ("traces", 7, "7")
    assert arrows(read)[0] == "Service1 > Service2:/ x30489"
    assert all(row.oriented and row.origin == "traces" for row in flows(read))


def test_the_answer_of_the_api_is_the_same(tmp_path: Path) -> None:
    data = {"data": [{"parent": "web", "child": "db", "callCount": 3}], "total": 0}
    assert arrows(read_text(tmp_path, json.dumps(data), "deps.json")) == ["web > db:/ x3"]


def test_a_real_table_of_spans_gives_the_calls_between_services() -> None:
    read = open_file(EVIDENCE / "dsb_social_network_trace_cut.csv")
    rows = flows(read)
    assert read.format == "traces"
    assert int(read.traits["lines"]) == 64 == int(read.traits["within_a_service"]) + sum(r.observations for r in rows)
    assert ("home-timeline-service", "social-graph-service") in [
        (row.source_application, row.target_application) for row in rows
    ]
    assert rows[0].first_seen is not None
    assert rows[0].first_seen.year == 2023


def test_rows_of_a_table_that_say_nothing_are_left_out(tmp_path: Path) -> None:
    content = 'traceid,timestamp,um,dm\n1,5,UNKNOWN,b\n1,5,a,b\n1,5\n1,5,"a,b\n1,999999999999999999999,a,c\n'
    read = read_text(tmp_path, content, "calls.csv")
    assert arrows(read) == ["a > b:/ x1", "a > c:/ x1"]
    assert (read.traits["unknown_service"], len(read.rejects)) == ("1", 2)


def jaeger(*spans: dict[str, object]) -> str:
    processes = {"p1": {"serviceName": "web"}, "p2": {"serviceName": "orders"}}
    return json.dumps({"data": [{"traceID": "t", "spans": spans, "processes": processes}]})


def span(key: str, process: str, parent: str | None = None, **more: object) -> dict[str, object]:
    references = [{"refType": "CHILD_OF", "traceID": "t", "spanID": parent}] if parent else []
    plain = {"traceID": "t", "spanID": key, "processID": process, "references": references}
    return {**plain, "startTime": 1695943858155643, "duration": 1000, **more}


def test_spans_of_jaeger_call_across_services(tmp_path: Path) -> None:
    tags = [{"key": "span.kind", "value": "client"}, {"key": "peer.service", "value": "mysql"}]
    read = read_text(
        tmp_path,
        jaeger(
            span("1", "p1"),
            span("2", "p1", "1"),
            span("3", "p2", "2"),
            span("4", "p2", "3", tags=tags),
            span("5", "p2", "gone"),
            span("6", "p9", "1"),
        ),
        "trace.json",
    )
    assert arrows(read) == ["web > orders:/ x1", "orders > mysql:/ x1"]
    assert read.traits == {"spans": "5", "roots": "1", "within_a_service": "2", "parents_missing": "1"}
    row = flows(read)[0]
    assert row.first_seen == datetime.fromtimestamp(1695943858.155643, tz=UTC)
    assert row.last_seen == datetime.fromtimestamp(1695943858.156643, tz=UTC)


def otlp(service: str, *spans: dict[str, object]) -> dict[str, object]:
    attributes = [{"key": "service.name", "value": {"stringValue": service}}]
    return {"resource": {"attributes": attributes}, "scopeSpans": [{"spans": list(spans)}]}


def attribute(key: str, value: object) -> dict[str, object]:
    return {"key": key, "value": {"intValue" if isinstance(value, int) else "stringValue": value}}


def test_spans_of_opentelemetry_join_across_lines(tmp_path: Path) -> None:
    times = {"traceId": "t", "startTimeUnixNano": "1695943858155643000", "endTimeUnixNano": "1695943858255643000"}
    called = [attribute("db.system", "postgresql"), attribute("server.address", "db01"), attribute("server.port", 5432)]
    client = {"spanId": "b", "parentSpanId": "a", "kind": 3, **times}
    database = {"spanId": "d", "parentSpanId": "c", "kind": "SPAN_KIND_CLIENT", "attributes": called, **times}
    lines = [
        {"resourceSpans": [otlp("web", {"spanId": "a", "kind": 2, **times}, client, {"kind": 1})]},
        {"resourceSpans": [otlp("orders", {"spanId": "c", "parentSpanId": "b", "kind": 2, **times}, database)]},
    ]
    read = read_text(tmp_path, "\n".join(map(json.dumps, lines)), "spans.jsonl")
    rows = flows(read)
    assert [(row.source_application, row.target_application, row.port) for row in rows] == [
        ("web", "orders", None),
        ("orders", "postgresql", 5432),
    ]
    assert (rows[1].target_hostname, rows[1].place.row) == ("db01", 2)


def test_a_peer_with_an_address_alone_is_an_end(tmp_path: Path) -> None:
    called = [attribute("net.peer.ip", "10.0.0.7"), attribute("net.peer.port", "70000")]
    document = {"resourceSpans": [otlp("web", {"traceId": "t", "spanId": "a", "kind": 3, "attributes": called})]}
    assert arrows(read_text(tmp_path, json.dumps(document), "spans.json")) == ["web > 10.0.0.7:/ x1"]


def test_spans_of_zipkin_share_an_id_between_caller_and_called(tmp_path: Path) -> None:
    def one(key: str, service: str, **more: object) -> dict[str, object]:
        return {
            "traceId": "t",
            "id": key,
            "localEndpoint": {"serviceName": service},
            "timestamp": 1695943858155643,
            **more,
        }

    remote = {"serviceName": "mysql", "ipv4": "10.0.0.7", "port": 3306}
    spans = [
        one("1", "web", kind="CLIENT"),
        one("1", "orders", kind="SERVER", shared=True),
        one("2", "orders", parentId="1", kind="CLIENT", remoteEndpoint=remote, duration=5),
        {"traceId": "t", "localEndpoint": {}},
    ]
    read = read_text(tmp_path, json.dumps(spans), "zipkin.json")
    found = [(row.source_application, row.target_application, row.target, row.port) for row in flows(read)]
    assert ("web", "orders", None, None) in found
    assert ("orders", "mysql", "10.0.0.7", 3306) in found


def test_a_trace_without_a_call_between_services_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="no connection between two ends"):
        read_text(tmp_path, '{"data": [{"spans": [], "processes": {"processID": 1}}]}', "trace.json")
