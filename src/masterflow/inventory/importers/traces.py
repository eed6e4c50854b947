"""Traces: which service called which, from Jaeger, Zipkin and OpenTelemetry, and from tables of parent and child spans.

Read are lists of dependencies (`parent`, `child`, `callCount`), traces of Jaeger (`data[].spans[]`) and Zipkin (lists
of spans with `localEndpoint`), OTLP as JSON (`resourceSpans`), also one document a line, and CSV whose columns name the
service of parent and child. Spans within one service are counted; databases and other peers that are no service of
the trace are ends as well, where the calling span names them.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from masterflow.inventory.fields import squashed
from masterflow.inventory.files.cells import is_address
from masterflow.inventory.files.connections import (
    ALIASES,
    CALLS,
    MAX_PORT,
    UNITS,
    End,
    Evidence,
    Observation,
    moment_at,
)
from masterflow.inventory.files.json_documents import dig
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.records import (
    first_lines,
    is_json,
    numbered_lines,
    objects,
    objects_in,
    text_in,
    text_start,
    whole_in,
)
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
JSON_SIGNS = (
    ('"parent"', '"child"', '"callCount"'),
    ('"spans"', '"processID"'),
    ('"resourceSpans"',),
    ('"traceId"', '"localEndpoint"'),
)
CALLER_COLUMNS = ("parentms", "parentservice", "parentservicename", "callerservice", "um", "upstreamservice")
CALLED_COLUMNS = ("childms", "childservice", "childservicename", "calleeservice", "dm", "downstreamservice")
TRACE_COLUMNS = frozenset({"traceid", "traceidentifier", "spanid", "parentid", "parentspanid", "rpcid"})
START_COLUMNS, END_COLUMNS = ("starttime", "start", "timestamp"), ("endtime", "end")
UNKNOWN = frozenset({"", "unknown", "(?)", "nan", "null", "none", "user", "-"})
PEER_SERVICE = ("peer.service", "db.system", "db.system.name", "messaging.system", "rpc.service")
PEER_HOST = ("server.address", "net.peer.name", "net.peer.ip", "network.peer.address", "peer.hostname", "peer.ipv4")
PEER_PORT = ("server.port", "net.peer.port", "network.peer.port", "peer.port")
CALLING = frozenset({"3", "4", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "client", "producer", "CLIENT", "PRODUCER"})
MICROSECONDS, MILLISECONDS, NANOSECONDS = 10**14, 10**11, 10**17  # a time beyond this is in that unit


@dataclass(frozen=True, slots=True)
class Span:
    """One span: the work of a service, called by the span `parent` or by nobody in the trace."""

    line: int
    trace: str
    key: str
    parent: str | None
    service: str
    first: datetime | None = None
    last: datetime | None = None
    peer: End | None = None
    peer_port: int | None = None


@dataclass(slots=True)
class Spans:
    """The spans of a file by trace and id, kept until all parents are known."""

    all: list[Span] = field(default_factory=list)
    services: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, span: Span) -> None:
        """Keep a span. Of a span that caller and called share, as Zipkin has it, the first names the parent's side."""
        self.all.append(span)
        self.services.setdefault((span.trace, span.key), span.service)


def recognises(head: FileHead) -> float:
    """JSON with the keys of dependencies or spans, or a table with the services of parent and child."""
    if is_json(head):
        start = text_start(head)
        return KNOWS if any(all(sign in start for sign in signs) for signs in JSON_SIGNS) else 0.0
    lines = first_lines(head, 1)
    return KNOWS if lines and service_columns(next(csv.reader(lines), [])) else 0.0


def service_columns(headers: list[str]) -> tuple[int, int] | None:
    """The columns of the calling and the called service in a table of spans."""
    names = [squashed(header) for header in headers]
    caller = next((names.index(name) for name in CALLER_COLUMNS if name in names), None)
    called = next((names.index(name) for name in CALLED_COLUMNS if name in names), None)
    if caller is None or called is None or TRACE_COLUMNS.isdisjoint(names):
        return None
    return caller, called


def reads(head: FileHead) -> FileRead:
    """One row for each pair of services, with the number of calls.

    Raises:
        FileRejected: the JSON is broken, or holds no call between services.
    """
    evidence = Evidence(head, CALLS)
    if is_json(head):
        read_json(evidence)
    else:
        read_table(evidence)
    return evidence.read("traces")


def read_json(evidence: Evidence) -> None:
    """Add up the dependencies and spans of a JSON file."""
    spans = Spans()
    for number, value in objects(evidence.head):
        for record in records_in(value):
            if text_in(record, "parent") and text_in(record, "child"):
                take_dependency(evidence, number, record)
            for span in spans_in(number, record):
                evidence.counts["spans"] += 1
                spans.add(span)
    join(evidence, spans)


def records_in(value: Json) -> Iterator[dict[str, Json]]:
    """Dependencies, traces, spans or OTLP documents, under whatever they stand."""
    if isinstance(value, list):
        for inner in value:
            yield from records_in(inner)
    elif isinstance(value, dict):
        listed = next((value[key] for key in ("data", "dependencies") if isinstance(value.get(key), list)), None)
        yield from objects_in(listed) if listed is not None else [value]


def take_dependency(evidence: Evidence, number: int, record: dict[str, Json]) -> None:
    """Add up one pair of services with its calls."""
    evidence.counts["dependencies"] += 1
    take_call(
        evidence,
        number,
        text_in(record, "parent") or "",
        text_in(record, "child") or "",
        calls=whole_in(record, "callCount"),
    )


def take_call(evidence: Evidence, number: int, caller: str, called: str, *, calls: int | None = None) -> None:
    """Add up calls from one service to another."""
    evidence.connections.add(
        Observation(
            line=number, source=End(application=caller), target=End(application=called), asked=True, connections=calls
        )
    )


def spans_in(number: int, record: dict[str, Json]) -> Iterator[Span]:
    """The spans of a trace of Jaeger, of an OTLP document, or a single span of Zipkin."""
    if "resourceSpans" in record:
        for resource in objects_in(record["resourceSpans"]):
            yield from spans_of_otlp(number, resource)
    elif "processes" in record:
        for span in objects_in(record.get("spans")):
            yield from span_of_jaeger(number, span, record["processes"])
    elif "localEndpoint" in record:
        yield from span_of_zipkin(number, record)


def span_of_jaeger(number: int, span: dict[str, Json], processes: Json) -> Iterator[Span]:
    """A span of Jaeger, whose process names the service."""
    process = dig(processes, text_in(span, "processID") or "") or span.get("process")
    service = text_in(process, "serviceName")
    key = text_in(span, "spanID")
    if not service or not key:
        return
    parents = [text_in(one, "spanID") for one in objects_in(span.get("references"))]
    tags = {text_in(tag, "key") or "": text_in(tag, "value") or "" for tag in objects_in(span.get("tags"))}
    start, duration = whole_in(span, "startTime"), whole_in(span, "duration") or 0
    first, last = moments_of(start, start + duration if start is not None else None)
    peer, port = peer_in(tags) if tags.get("span.kind") in CALLING else (None, None)
    parent = next((one for one in parents if one), text_in(span, "parentSpanID"))
    yield Span(number, text_in(span, "traceID") or "", key, parent, service, first, last, peer, port)


def spans_of_otlp(number: int, resource: dict[str, Json]) -> Iterator[Span]:
    """The spans of one resource of OTLP, whose attributes name the service."""
    service = attributes_in(dig(resource, "resource", "attributes")).get("service.name")
    scopes = objects_in(resource.get("scopeSpans")) or objects_in(resource.get("instrumentationLibrarySpans"))
    for span in (span for scope in scopes for span in objects_in(scope.get("spans"))):
        key = text_in(span, "spanId")
        if not service or not key:
            continue
        first, last = moments_of(whole_in(span, "startTimeUnixNano"), whole_in(span, "endTimeUnixNano"))
        calling = text_in(span, "kind") in CALLING
        peer, port = peer_in(attributes_in(span.get("attributes"))) if calling else (None, None)
        parent = text_in(span, "parentSpanId")
        yield Span(number, text_in(span, "traceId") or "", key, parent, service, first, last, peer, port)


def span_of_zipkin(number: int, span: dict[str, Json]) -> Iterator[Span]:
    """A span of Zipkin, whose local endpoint names the service."""
    service, key = text_in(span.get("localEndpoint"), "serviceName"), text_in(span, "id")
    if not service or not key:
        return
    remote = span.get("remoteEndpoint")
    name, address = text_in(remote, "serviceName"), text_in(remote, "ipv4", "ipv6")
    peer = End(address=address if address and is_address(address) else None, application=name)
    start = whole_in(span, "timestamp")
    first, last = moments_of(start, start + (whole_in(span, "duration") or 0) if start is not None else None)
    calling = text_in(span, "kind") in CALLING and bool(peer.identity)
    parent = key if span.get("shared") is True else text_in(span, "parentId")
    own_key = f"{key}/served" if span.get("shared") is True else key
    yield Span(
        number,
        text_in(span, "traceId") or "",
        own_key,
        parent,
        service,
        first,
        last,
        peer if calling else None,
        whole_in(remote, "port") if calling else None,
    )


def attributes_in(value: Json) -> dict[str, str]:
    """The attributes of OTLP with text or number values."""
    found: dict[str, str] = {}
    for attribute in objects_in(value):
        text = text_in(attribute.get("value"), "stringValue", "intValue")
        if text is not None:
            found[text_in(attribute, "key") or ""] = text
    return found


def peer_in(attributes: dict[str, str]) -> tuple[End | None, int | None]:
    """Whom a calling span names as the other end, and the port."""
    name = next((attributes[key] for key in PEER_SERVICE if attributes.get(key)), None)
    host = next((attributes[key] for key in PEER_HOST if attributes.get(key)), None)
    text = next((attributes[key] for key in PEER_PORT if attributes.get(key)), "")
    port = int(text) if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MAX_PORT else None
    if name is None and host is None:
        return None, None
    address = host if host and is_address(host) else None
    return End(address=address, host=None if address else host, application=name), port


def moments_of(start: int | None, end: int | None) -> tuple[datetime | None, datetime | None]:
    """Two moments since 1970 in seconds, or as many digits more as tell thousandths, millionths or less."""
    found = [moment_of(number) for number in (start, end)]
    return found[0], found[1] or found[0]


def moment_of(number: int | None) -> datetime | None:
    """One such moment; None for one that no calendar has."""
    if number is None or number <= 0:
        return None
    unit = 1e9 if number > NANOSECONDS else 1e6 if number > MICROSECONDS else 1e3 if number > MILLISECONDS else 1
    try:
        return moment_at(number / unit)
    except ValueError:
        return None


def join(evidence: Evidence, spans: Spans) -> None:
    """Add up a call for each span whose parent is of another service, and for each peer that is no service itself."""
    called = {(span.trace, span.parent) for span in spans.all if span.parent}
    names = set(spans.services.values())
    for span in spans.all:
        caller = spans.services.get((span.trace, span.parent)) if span.parent else None
        if span.parent and caller is None:
            evidence.counts["parents_missing"] += 1
        elif caller is None:
            evidence.counts["roots"] += 1
        elif caller == span.service:
            evidence.counts["within_a_service"] += 1
        else:
            observed(evidence, span, End(application=caller), End(application=span.service))
        if span.peer and (span.trace, span.key) not in called and span.peer.application not in names:
            observed(evidence, span, End(application=span.service), span.peer, span.peer_port)


def observed(evidence: Evidence, span: Span, source: End, target: End, port: int | None = None) -> None:
    """Add one call up."""
    evidence.connections.add(
        Observation(
            line=span.line,
            source=source,
            target=target,
            target_port=port,
            asked=True,
            first=span.first,
            last=span.last,
        )
    )


def read_table(evidence: Evidence) -> None:
    """Add up a table of parent and child spans."""
    lines = numbered_lines(evidence.head)
    headers = next(csv.reader([next(lines)[1]]))
    columns = service_columns(headers)
    if columns is None:
        return
    names = [squashed(header) for header in headers]
    start, end = (next((names.index(name) for name in wanted if name in names), None) for wanted in COLUMNS_OF_TIME)
    for number, line in lines:
        evidence.counts["lines"] += 1
        cells = cells_of(line)
        if len(cells) < len(headers):
            reason = f"The line has {len(cells)} of {len(headers)} columns"
            evidence.reject(number, "truncated", reason, line)
            continue
        caller, called = (cells[place].strip() for place in columns)
        if caller.casefold() in UNKNOWN or called.casefold() in UNKNOWN:
            evidence.counts["unknown_service"] += 1
        elif caller == called:
            evidence.counts["within_a_service"] += 1
        else:
            first, last = moments_of(*(whole_of(cells, place) for place in (start, end)))
            span = Span(number, "", "", None, called, first, last)
            observed(evidence, span, End(application=caller), End(application=called))


COLUMNS_OF_TIME: Iterable[tuple[str, ...]] = (START_COLUMNS, END_COLUMNS)


def cells_of(line: str) -> list[str]:
    """The cells of one line of CSV; none for one that cannot be cut."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def whole_of(cells: list[str], place: int | None) -> int | None:
    """A whole number in a cell."""
    text = cells[place].strip() if place is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None


IMPORTER = Importer(
    name="traces",
    title="Traces and service dependencies of Jaeger, Zipkin, OpenTelemetry (.json, .csv)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
