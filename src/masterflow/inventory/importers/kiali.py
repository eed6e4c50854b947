"""Kiali's graph of a service mesh (JSON): applications, workloads or services, and the traffic between them.

An end is called by what its kind of node names. Where one name stands in several namespaces, the namespace is added.
Rates are per second over `duration` seconds before `timestamp`: requests become connections, TCP rates bytes.
"""

from collections import Counter
from datetime import datetime

from masterflow.errors import FileRejected, Place
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
from masterflow.inventory.files.json_documents import dig, json_of
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.records import data_of, is_json, objects_in, text_in, text_start, whole_in
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
UNKNOWN = "unknown"
NAME_KEYS = {
    "app": ("app", "workload"),
    "workload": ("workload", "app"),
    "service": ("service",),
    "serviceentry": ("service",),
    "aggregate": ("aggregateValue", "app"),
}
SECONDS_OF_MILLISECONDS = 10**11


def recognises(head: FileHead) -> float:
    """JSON with the type and the elements of a graph."""
    start = text_start(head)
    known = is_json(head) and '"elements"' in start and ('"graphType"' in start or '"nodeType"' in start)
    return KNOWS if known else 0.0


def reads(head: FileHead) -> FileRead:
    """One row for each pair of nodes, port and protocol; a row's number is the edge's place.

    Raises:
        FileRejected: the JSON is broken, or holds no edge between known ends.
    """
    graph = json_of(head)
    evidence = Evidence(head, CALLS)
    nodes = [data for node in objects_in(dig(graph, "elements", "nodes")) if (data := data_of(node))]
    if not nodes:
        message = "The graph has no nodes."
        raise FileRejected(Place(head.name), message, hint="Export a graph with traffic from Kiali.", code="no_nodes")
    names = names_of(nodes)
    seconds = whole_in(graph, "duration") or 0
    moments = window_of(whole_in(graph, "timestamp"), seconds)
    for number, edge in enumerate(objects_in(dig(graph, "elements", "edges")), start=1):
        evidence.counts["edges"] += 1
        take(evidence, number, data_of(edge), names, seconds, moments)
    evidence.counts.update(f"nodes_{text_in(node, 'nodeType') or UNKNOWN}" for node in nodes)
    return evidence.read("kiali", graph_type=text_in(graph, "graphType") or UNKNOWN)


def names_of(nodes: list[dict[str, Json]]) -> dict[str, str]:
    """The name of each node by its id; nodes that nobody knows have none."""
    plain = {
        node_id: (name_in(node), text_in(node, "namespace") or "") for node in nodes if (node_id := text_in(node, "id"))
    }
    places = Counter(name for name, _ in set(plain.values()))
    return {
        node_id: f"{name}.{namespace}" if places[name] > 1 and namespace else name
        for node_id, (name, namespace) in plain.items()
        if name and name != UNKNOWN
    }


def name_in(node: dict[str, Json]) -> str:
    """What a node is called by its kind; "" for a box around others and for one without name."""
    if text_in(node, "isBox") or text_in(node, "isGroup"):
        return ""
    kind = text_in(node, "nodeType") or "app"
    return text_in(node, *NAME_KEYS.get(kind, ("app", "workload", "service"))) or ""


def window_of(timestamp: int | None, seconds: int) -> tuple[datetime | None, datetime | None]:
    """When the traffic was measured."""
    if timestamp is None:
        return None, None
    try:
        end = moment_at(timestamp / 1000 if timestamp > SECONDS_OF_MILLISECONDS else timestamp)
        return moment_at(end.timestamp() - seconds), end
    except ValueError:
        return None, None


def take(
    evidence: Evidence,
    number: int,
    edge: dict[str, Json],
    names: dict[str, str],
    seconds: int,
    moments: tuple[datetime | None, datetime | None],
) -> None:
    """Add one edge up, or count it as one with an unknown end."""
    source, target = (names.get(text_in(edge, side) or "") for side in ("source", "target"))
    if source is None or target is None:
        evidence.counts["unknown_end"] += 1
        return
    protocol = text_in(dig(edge, "traffic"), "protocol")
    rate = rate_of(dig(edge, "traffic", "rates"), protocol or "")
    amount = round(rate * seconds) if rate is not None else None
    of_bytes = protocol == "tcp"
    evidence.connections.add(
        Observation(
            line=number,
            source=End(application=source),
            target=End(application=target),
            target_port=port_of_edge(dig(edge, "traffic", "responses")),
            protocol=protocol,
            asked=True,
            connections=None if of_bytes else amount,
            byte_count=amount if of_bytes else None,
            first=moments[0],
            last=moments[1],
        )
    )


def rate_of(rates: Json, protocol: str) -> float | None:
    """The rate of a protocol, per second."""
    try:
        rate = float(text_in(rates, protocol) or "")
    except ValueError:
        return None
    return rate if 0 <= rate < 1e15 else None


def port_of_edge(responses: Json) -> int | None:
    """The port that the called hosts have in common; None when they differ or have none."""
    found = set()
    for response in responses.values() if isinstance(responses, dict) else ():
        hosts = dig(response, "hosts")
        for host in hosts if isinstance(hosts, dict) else ():
            port = host.rpartition(":")[2] if ":" in host else ""
            found.add(int(port) if port.isascii() and port.isdigit() and 0 < int(port[:9]) <= MAX_PORT else None)
    return found.pop() if len(found) == 1 else None


IMPORTER = Importer(
    name="kiali",
    title="Kiali graphs (.json)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
