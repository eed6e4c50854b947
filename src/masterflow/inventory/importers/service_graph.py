"""Graphs of services as JSON: a list of nodes or services, and a list of edges, links or flows between them.

Known are the data-flow diagrams of microSecEnD (`services`, `information_flows` with `sender` and `receiver`), and
node-link graphs as networkx, D3 and Cytoscape write them. A data flow says where data goes, not always who asks.
"""

import re

from masterflow.inventory.files.cells import is_address
from masterflow.inventory.files.connections import (
    ALIASES,
    CALLS,
    MAX_PORT,
    SENDS_TO,
    UNITS,
    End,
    Evidence,
    Observation,
)
from masterflow.inventory.files.json_documents import dig, json_of
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.records import data_of, is_json, objects_in, text_in, text_start, whole_in
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.97  # less than graphs of a known tool
NODE_LISTS = ("services", "external_entities", "nodes", "vertices", "components")
FLOW_LIST = "information_flows"
EDGE_LISTS = (FLOW_LIST, "edges", "links", "dependencies", "relationships")
SIDES = (("sender", "receiver"), ("source", "target"), ("from", "to"), ("src", "dst"), ("caller", "callee"))
ID_KEYS, NAME_KEYS = ("id", "key", "name"), ("name", "label", "title", "id", "key")
PROTOCOLS = {
    "restful_http": "http", "http": "http", "https": "https", "jdbc": "jdbc", "rpc": "rpc", "grpc": "grpc",
    "amqp": "amqp", "kafka": "kafka", "tcp": "tcp", "udp": "udp", "ldap": "ldap", "smtp": "smtp", "mqtt": "mqtt",
}  # fmt: skip
COUNT_KEYS = ("connections", "calls", "callCount", "count", "requests", "weight", "value")


def recognises(head: FileHead) -> float:
    """JSON with a list of nodes and a list of edges whose ends are named."""
    start = text_start(head)
    if not is_json(head) or not start.lstrip().startswith("{"):
        return 0.0
    seen = start + end_of_file(head)
    lists = [any(f'"{name}"' in seen for name in names) for names in (NODE_LISTS, EDGE_LISTS)]
    whole = len(seen) >= head.size_bytes  # else the name of the second list may stand in the middle
    if not (all(lists) if whole else any(lists)):
        return 0.0
    return KNOWS if any(side_signs(seen, *sides) for sides in SIDES) else 0.0


def end_of_file(head: FileHead) -> str:
    """The last bytes of a file that is longer than its head: the edges of a large graph follow all of its nodes."""
    if len(head.start) >= head.size_bytes:
        return ""
    with head.path.open("rb") as file:
        file.seek(max(len(head.start), head.size_bytes - len(head.start)))
        return file.read().decode("utf-8", errors="ignore")


def side_signs(start: str, source: str, target: str) -> bool:
    """Whether an object begins with, or goes on with, the two keys of an edge side by side."""
    value = r'\s*:\s*("[^"]*"|\d+)\s*,\s*'
    return any(re.search(f'"{one}"{value}"{other}"', start) for one, other in ((source, target), (target, source)))


def reads(head: FileHead) -> FileRead:
    """One row for each pair of services, port and protocol; a row's number is the place of the edge.

    Raises:
        FileRejected: the JSON is broken, or names no edge between two ends.
    """
    graph = json_of(head)
    edges = edges_in(graph)
    evidence = Evidence(head, SENDS_TO if dig(graph, FLOW_LIST) else CALLS)
    names = {
        node_id: text_in(node, *NAME_KEYS) or node_id
        for list_name in NODE_LISTS
        for node in map(data_of, objects_in(dig(elements(graph), list_name)))
        if (node_id := text_in(node, *ID_KEYS))
    }
    for number, edge in enumerate(edges, start=1):
        evidence.counts["edges"] += 1
        take(evidence, number, edge, names)
    return evidence.read("service_graph")


def elements(graph: Json) -> Json:
    """Where nodes and edges stand: at the top, or under "graph" or "elements"."""
    return next((inner for key in ("elements", "graph") if isinstance(inner := dig(graph, key), dict)), graph)


def edges_in(graph: Json) -> list[dict[str, Json]]:
    """The first list of objects of which some name both ends."""
    for name in EDGE_LISTS:
        edges = [data_of(edge) for edge in objects_in(dig(elements(graph), name))]
        if any(sides_of(edge) for edge in edges[:10]):
            return edges
    return []


def sides_of(edge: dict[str, Json]) -> tuple[str, str] | None:
    """The ends of an edge; None when one is missing."""
    for source_key, target_key in SIDES:
        source, target = text_in(edge, source_key), text_in(edge, target_key)
        if source and target:
            return source, target
    return None


def take(evidence: Evidence, number: int, edge: dict[str, Json], names: dict[str, str]) -> None:
    """Add one edge up, or reject one without two ends."""
    sides = sides_of(edge)
    if sides is None:
        evidence.reject(number, "no_ends", "An edge does not name both ends", str(edge))
        return
    port = whole_in(edge, "port", "target_port") or whole_in(edge.get("tagged_values"), "Port")
    evidence.connections.add(
        Observation(
            line=number,
            source=end_in(names.get(sides[0], sides[0])),
            target=end_in(names.get(sides[1], sides[1])),
            target_port=port if port and port <= MAX_PORT else None,
            protocol=protocol_in(edge),
            asked=True,
            connections=whole_in(edge, *COUNT_KEYS),
        )
    )


def end_in(name: str) -> End:
    """The end that a node stands for."""
    return End(address=name) if is_address(name) else End(application=name)


def protocol_in(edge: dict[str, Json]) -> str | None:
    """The protocol that an edge states, or that a stereotype of it implies."""
    stated = text_in(edge, "protocol") or text_in(edge.get("tagged_values"), "Protocol")
    if stated:
        return stated.casefold()
    stereotypes = edge.get("stereotypes")
    known = [PROTOCOLS.get(one) for one in stereotypes if isinstance(one, str)] if isinstance(stereotypes, list) else []
    return next((protocol for protocol in known if protocol), None)


IMPORTER = Importer(
    name="service_graph",
    title="Service graphs and data-flow diagrams (.json)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
