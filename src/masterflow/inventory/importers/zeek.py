"""Zeek's conn.log, tab-separated with `#fields`, or one JSON object a line.

Zeek names the end that opened a connection. Attempts that nobody answered (`conn_state` S0, REJ and the like) are no
dependency and are set aside.
"""

import json
from collections.abc import Iterator
from datetime import datetime

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
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.moments import moment_in
from masterflow.inventory.files.records import first_lines, is_json, numbered_lines, objects, text_in, text_start
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
ORIGIN, ORIGIN_PORT = ("id.orig_h", "id_orig_h"), ("id.orig_p", "id_orig_p")
ANSWERER, ANSWERER_PORT = ("id.resp_h", "id_resp_h"), ("id.resp_p", "id_resp_p")
OF_CONNECTIONS = ("conn_state", "history", "orig_bytes", "resp_bytes")  # what only conn.log has
UNANSWERED = frozenset({"S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR"})
MIDSTREAM = "OTH"  # no handshake was seen: the end that sent first need not have opened it
Fields = dict[str, Json]


def recognises(head: FileHead) -> float:
    """A field line, or a JSON object, with the ends and the state of a connection."""
    lines = first_lines(head, 20)
    named = next((line for line in lines if line.startswith("#fields")), "")
    if not named and is_json(head):
        named = text_start(head)[:4000].replace('"', " ")
    known = any(name in named for name in ORIGIN) and any(name in named for name in OF_CONNECTIONS)
    return KNOWS if known else 0.0


def reads(head: FileHead) -> FileRead:
    """The answered connections, added up.

    Raises:
        FileRejected: no line tells of an answered connection.
    """
    evidence = Evidence(head)
    records = json_records(evidence) if is_json(head) else tabbed_records(evidence)
    for number, record in records:
        evidence.counts["lines"] += 1
        take(evidence, number, record)
    return evidence.read("zeek", written_as="json" if is_json(head) else "tsv")


def json_records(evidence: Evidence) -> Iterator[tuple[int, Fields]]:
    """The objects of the log; a broken line becomes a reject, unless the file is one JSON list."""
    if text_start(evidence.head).lstrip().startswith("["):
        yield from ((number, value) for number, value in objects(evidence.head) if isinstance(value, dict))
        return
    for number, line in numbered_lines(evidence.head):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            yield number, value
        else:
            evidence.reject(number, "broken_json", "The line is no JSON object", line)


def tabbed_records(evidence: Evidence) -> Iterator[tuple[int, Fields]]:
    """The records of the tab-separated form; every `#fields` line names anew what follows."""
    names: list[str] = []
    separator, unset = "\t", ("-", "(empty)")
    for number, line in numbered_lines(evidence.head):
        if line.startswith("#separator"):
            separator = written_sign(line.split(maxsplit=1)[-1])
        elif line.startswith("#fields"):
            names = line.split(separator)[1:]
        elif not line.startswith("#"):
            cells = line.split(separator)
            if len(cells) < len(names):
                reason = f"The line has {len(cells)} of {len(names)} fields, it was cut off"
                evidence.reject(number, "truncated", reason, line)
                continue
            yield number, {name: cell for name, cell in zip(names, cells, strict=False) if cell not in unset}


def written_sign(text: str) -> str:
    """The separator that a `#separator` line writes as \\x09."""
    code = text.strip().removeprefix("\\x")
    is_code = (
        text.strip().startswith("\\x") and len(code) == 2 and all(sign in "0123456789abcdefABCDEF" for sign in code)
    )
    return chr(int(code, 16)) if is_code else "\t"


def take(evidence: Evidence, number: int, record: Fields) -> None:
    """Add one connection up, count it as unanswered, or reject it."""
    source = address_of(text_in(record, *ORIGIN) or "")
    target = address_of(text_in(record, *ANSWERER) or "")
    if source is None or target is None:
        end = "source" if source is None else "destination"
        evidence.reject(number, f"{end}_not_address", f"The {end} is not an address", str(dict(record)))
        return
    state = text_in(record, "conn_state")
    if state in UNANSWERED:
        evidence.counts["unanswered"] += 1
        return
    protocol = protocol_of(text_in(record, "proto") or "")
    try:
        moment = moment_of(record)
        seconds = float(text_in(record, "duration") or 0)
        last = moment_at(moment.timestamp() + max(seconds, 0)) if moment else None
        ports = [port_of(text_in(record, *keys), protocol) for keys in (ORIGIN_PORT, ANSWERER_PORT)]
        byte_count = bytes_in(record)
    except (ValueError, OverflowError):
        evidence.reject(number, "not_a_number", "A port, count or time is not a usable number", str(dict(record)))
        return
    evidence.connections.add(
        Observation(
            line=number,
            source=source,
            target=target,
            source_port=ports[0],
            target_port=ports[1],
            protocol=protocol,
            asked=None if state == MIDSTREAM else True,
            byte_count=byte_count,
            first=moment,
            last=last,
        )
    )


def moment_of(record: Fields) -> datetime | None:
    """The moment of a record, written as seconds since 1970 or in ISO 8601.

    Raises:
        ValueError: it is neither.
    """
    text = text_in(record, "ts")
    if text is None:
        return None
    return moment_at(float(text)) if text[:10].isdigit() else moment_in(text)


def bytes_in(record: Fields) -> int | None:
    """The bytes of both directions; None where the log leaves both out.

    Raises:
        ValueError: a count is no number.
    """
    found = [int(text[:18]) for key in ("orig_bytes", "resp_bytes") if (text := text_in(record, key)) is not None]
    return sum(found) if found else None


IMPORTER = Importer(
    name="zeek",
    title="Zeek conn.log (.log, .json)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
