"""Azure flow logs of network security groups (versions 1 and 2) and of virtual networks.

Both are JSON: `records[].properties.flows[].flows[].flowTuples`, or
`records[].flowRecords.flows[].flowGroups[].flowTuples`. A tuple is one line of text; its source is the end that opened
the connection. Denied traffic is set aside.
"""

from collections.abc import Iterator, Sequence

from masterflow.inventory.files.connections import (
    ALIASES,
    UNITS,
    Evidence,
    Observation,
    address_of,
    moment_at,
    port_of,
    protocol_of,
)
from masterflow.inventory.files.json_documents import dig
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.records import is_json, objects, objects_in, text_start
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
SIGNS = ('"flowTuples"', '"NetworkSecurityGroupFlowEvent"', '"FlowLogFlowEvent"')
PROTOCOLS = {"T": "tcp", "U": "udp"}
DENIED = "D"  # as decision of a security group, and as state of a virtual network's flow
NEW = ("B", "")  # begins here; version 1 has no states
OLD_FIELDS = 8  # of version 1; later ones have 13
MILLISECONDS = 10**11  # a time beyond this cannot be meant in seconds


def recognises(head: FileHead) -> float:
    """JSON that names flow tuples or the categories of flow events."""
    return KNOWS if is_json(head) and any(sign in text_start(head) for sign in SIGNS) else 0.0


def reads(head: FileHead) -> FileRead:
    """The allowed connections, added up; a row's number counts the tuples of the file.

    Raises:
        FileRejected: the JSON is broken, or tells of no allowed connection.
    """
    evidence = Evidence(head)
    number = 0
    for _, value in objects(head):
        for tuple_text, of_network in tuples_in(value):
            number += 1
            evidence.counts["tuples"] += 1
            take(evidence, number, tuple_text, of_network=of_network)
    return evidence.read("azure_nsg_flow")


def tuples_in(value: Json) -> Iterator[tuple[str, bool]]:
    """Every flow tuple of a log, or of one of its records, with whether a virtual network wrote it."""
    records: Sequence[Json] = objects_in(dig(value, "records")) or [value]
    for record in records:
        for rule in objects_in(dig(record, "properties", "flows")):
            for flow in objects_in(rule.get("flows")):
                yield from ((text, False) for text in texts_of(flow))
        for flow in objects_in(dig(record, "flowRecords", "flows")):
            for group in objects_in(flow.get("flowGroups")):
                yield from ((text, True) for text in texts_of(group))


def texts_of(flow: dict[str, Json]) -> list[str]:
    """The tuples of one flow."""
    tuples = flow.get("flowTuples")
    return [text for text in tuples if isinstance(text, str)] if isinstance(tuples, list) else []


def take(evidence: Evidence, number: int, text: str, *, of_network: bool) -> None:
    """Add one tuple up, count it as denied, or reject it."""
    fields = [field.strip() for field in text.split(",")]
    if len(fields) < OLD_FIELDS:
        evidence.reject(number, "truncated", f"The flow tuple has {len(fields)} fields, it was cut off", text)
        return
    source, target = address_of(fields[1]), address_of(fields[2])
    if source is None or target is None:
        end = "source" if source is None else "destination"
        evidence.reject(number, f"{end}_not_address", f"The {end} of a flow tuple is not an address", text)
        return
    if fields[7].upper() == DENIED:  # the decision of a group and the state of a network's flow stand in one place
        evidence.counts["denied"] += 1
        return
    state = "".join(fields[7:8] if of_network else fields[8:9]).upper()
    try:
        protocol = PROTOCOLS.get(fields[5].upper()) or protocol_of(fields[5])
        moment = moment_at(seconds_of(fields[0]))
        evidence.connections.add(
            Observation(
                line=number,
                source=source,
                target=target,
                source_port=port_of(fields[3], protocol),
                target_port=port_of(fields[4], protocol),
                protocol=protocol,
                asked=True,
                connections=int(state in NEW),
                byte_count=bytes_of(fields),
                first=moment,
                last=moment,
            )
        )
    except ValueError:
        evidence.reject(number, "not_a_number", "A port, count or time of a flow tuple is not a usable number", text)


def seconds_of(text: str) -> float:
    """Seconds since 1970; virtual networks write milliseconds."""
    number = int(text[:20])
    return number / 1000 if number > MILLISECONDS else number


def bytes_of(fields: list[str]) -> int | None:
    """The bytes of both directions, None where the tuple leaves them out."""
    found = [int(fields[place][:18]) for place in (10, 12) if place < len(fields) and fields[place]]
    return sum(found) if found else None


IMPORTER = Importer(
    name="azure_nsg_flow",
    title="Azure NSG and VNet flow logs (.json)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
