"""Flow records of OpenShift Network Observability: an answer of Loki, a list of records, or one record a line.

Loki keeps each record as JSON text inside `data.result[].values[][1]`, and the names that it searches by in the labels
beside it. Both nodes of a flow may report it: ingress and egress are added up apart, and the larger sum stands.
"""

from collections.abc import Iterator

from masterflow.inventory.files.connections import (
    ALIASES,
    UNITS,
    End,
    Evidence,
    Observation,
    address_of,
    moment_at,
    port_of,
    protocol_of,
)
from masterflow.inventory.files.json_documents import dig, document
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.records import is_json, objects, objects_in, text_in, text_start, whole_in
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
INGRESS = "0"
SYN, ACK, SYN_ACK = 2, 16, 256  # the eBPF agent has a bit of its own for an answered handshake
NODE = "Node"


def recognises(head: FileHead) -> float:
    """JSON that names both ends as the flow collector does, plain or inside text."""
    start = text_start(head)
    return KNOWS if is_json(head) and "SrcAddr" in start and "DstAddr" in start else 0.0


def reads(head: FileHead) -> FileRead:
    """The connections, added up; rows are numbered by the record's place.

    Raises:
        FileRejected: the JSON is broken, or tells of no connection.
    """
    evidence = Evidence(head)
    number = 0
    for _, value in objects(head):
        for record in records_in(value):
            number += 1
            evidence.counts["records"] += 1
            if record is None:
                evidence.reject(number, "broken_json", "The record of a log stream is no JSON object", "")
            elif text_in(record, "Duplicate") == "True" or record.get("Duplicate") is True:
                evidence.counts["duplicates"] += 1
            else:
                take(evidence, number, record)
    return evidence.read("netobserv")


def records_in(value: Json) -> Iterator[dict[str, Json] | None]:
    """The records of an answer, with the labels of their stream; None for one that is no JSON object."""
    streams = objects_in(dig(value, "data", "result")) or objects_in(dig(value, "streams"))
    if not streams and isinstance(value, dict):
        yield value
    for stream in streams:
        labels = stream.get("stream")
        values = stream.get("values")
        for entry in values if isinstance(values, list) else []:
            record = record_of(entry)
            yield {**labels, **record} if record is not None and isinstance(labels, dict) else record


def record_of(entry: Json) -> dict[str, Json] | None:
    """The record in a pair of time and text."""
    text = entry[1] if isinstance(entry, list) and len(entry) > 1 else None
    if not isinstance(text, str):
        return None
    try:
        value = document(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def take(evidence: Evidence, number: int, record: dict[str, Json]) -> None:
    """Add one record up, or reject it."""
    source, target = end_in(record, "Src"), end_in(record, "Dst")
    if source is None or target is None:
        end, key = ("source", "SrcAddr") if source is None else ("destination", "DstAddr")
        evidence.reject(number, f"{end}_not_address", f"The {end} is not an address", str(record.get(key)))
        return
    protocol = protocol_of(text_in(record, "Proto") or "")
    try:
        ports = [port_of(text_in(record, key)) for key in ("SrcPort", "DstPort")]
        start, end_ = whole_in(record, "TimeFlowStartMs"), whole_in(record, "TimeFlowEndMs")
        first = moment_at(start / 1000) if start is not None else None
        last = moment_at(end_ / 1000) if end_ is not None else first
    except ValueError:
        evidence.reject(number, "not_a_number", "A port or a time is not a usable number", str(record)[:500])
        return
    evidence.connections.add(
        Observation(
            line=number,
            source=source,
            target=target,
            source_port=ports[0],
            target_port=ports[1],
            protocol=protocol,
            asked=asked_by(record),
            byte_count=whole_in(record, "Bytes"),
            first=min(first, last) if first and last else first,
            last=last,
            twin=text_in(record, "FlowDirection", "IfDirection") == INGRESS,
        )
    )


def end_in(record: dict[str, Json], side: str) -> End | None:
    """One end by its address, with the name of pod or node, and of the workload that owns a pod."""
    end = address_of(text_in(record, f"{side}Addr") or "")
    if end is None:
        return None
    kind = text_in(record, f"{side}K8S_OwnerType", f"{side}K8S_Type")
    owner = text_in(record, f"{side}K8S_OwnerName")
    name = text_in(record, f"{side}K8S_Name")
    return End(end.address, name if kind != "Service" else None, owner if kind != NODE else None)


def asked_by(record: dict[str, Json]) -> bool | None:
    """What the handshake says of who opened the connection; None where it was not seen."""
    flags = whole_in(record, "Flags") or 0
    if flags & SYN_ACK:
        return False
    return True if flags & SYN and not flags & ACK else None


IMPORTER = Importer(
    name="netobserv",
    title="OpenShift network flow records (.json)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
