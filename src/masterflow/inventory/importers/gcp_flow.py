"""Google Cloud VPC flow logs and firewall logs: `jsonPayload.connection`, as JSON list or one entry a line.

Both ends may report the same talk: what the source and the destination report is added up apart, and the larger sum
stands. Denied connections of firewall logs are set aside.
"""

from collections.abc import Sequence
from datetime import datetime

from masterflow.inventory.files.connections import (
    ALIASES,
    UNITS,
    End,
    Evidence,
    Observation,
    address_of,
    port_of,
    protocol_of,
)
from masterflow.inventory.files.json_documents import dig
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.moments import moment_in
from masterflow.inventory.files.records import is_json, objects, objects_in, text_in, text_start, whole_in
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
ENDS = ('"src_ip"', '"dest_ip"')


def recognises(head: FileHead) -> float:
    """JSON whose entries name both ends of a connection as Google does."""
    return KNOWS if is_json(head) and all(sign in text_start(head) for sign in ENDS) else 0.0


def reads(head: FileHead) -> FileRead:
    """The connections, added up; rows are numbered by the entry's place, in JSON lines by its line.

    Raises:
        FileRejected: the JSON is broken, or tells of no connection.
    """
    evidence = Evidence(head)
    for number, value in objects(head):
        entries: Sequence[Json] = objects_in(dig(value, "entries")) or [value]
        for place, entry in enumerate(entries, start=number):
            evidence.counts["entries"] += 1
            take(evidence, place, entry)
    return evidence.read("gcp_flow")


def take(evidence: Evidence, number: int, entry: Json) -> None:
    """Add one entry up, count it as left out, or reject it."""
    payload = dig(entry, "jsonPayload") or entry
    connection = dig(payload, "connection") or payload
    source_text, target_text = text_in(connection, "src_ip"), text_in(connection, "dest_ip")
    if source_text is None and target_text is None:
        evidence.counts["other_entries"] += 1
        return
    source, target = address_of(source_text or ""), address_of(target_text or "")
    if source is None or target is None:
        end = "source" if source is None else "destination"
        value = f"{source_text} {target_text}"
        evidence.reject(number, f"{end}_not_address", f"The {end} of the connection is not an address", value)
        return
    disposition = text_in(payload, "disposition")
    if disposition == "DENIED":
        evidence.counts["denied"] += 1
        return
    protocol = protocol_of(text_in(connection, "protocol") or "")
    try:
        ports = [port_of(text_in(connection, key), protocol) for key in ("src_port", "dest_port")]
        first, last = moments_of(payload, entry)
    except ValueError:
        evidence.reject(number, "not_a_number", "A port or a time of the connection is not usable", str(connection))
        return
    evidence.connections.add(
        Observation(
            line=number,
            source=named(source, text_in(dig(payload, "src_instance"), "vm_name")),
            target=named(target, text_in(dig(payload, "dest_instance"), "vm_name")),
            source_port=ports[0],
            target_port=ports[1],
            protocol=protocol,
            asked=True if disposition else None,
            byte_count=whole_in(payload, "bytes_sent"),
            first=first,
            last=last,
            twin=text_in(payload, "reporter") == "DEST",
        )
    )


def named(end: End, name: str | None) -> End:
    """The end with the name of its machine."""
    return End(end.address, name) if name else end


def moments_of(payload: Json, entry: Json) -> tuple[datetime | None, datetime | None]:
    """When the talk began and ended; a firewall's entry has one moment.

    Raises:
        ValueError: a time is none, or the end is before the start.
    """
    first = moment_in(text_in(payload, "start_time") or text_in(entry, "timestamp"))
    last = moment_in(text_in(payload, "end_time")) or first
    if first is not None and last is not None and last < first:
        raise ValueError(last)
    return first, last


IMPORTER = Importer(
    name="gcp_flow",
    title="Google Cloud VPC flow logs (.json, .jsonl)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
