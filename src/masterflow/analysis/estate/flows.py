"""Rows of a dependency table: who talked to whom, read from any table with a source and a target column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from masterflow.analysis.estate.addresses import parse_addresses
from masterflow.analysis.estate.mapped import MappedSheet
from masterflow.analysis.estate.moments import parse_moment
from masterflow.analysis.estate.ports import HIGHEST
from masterflow.analysis.estate.values import Parsed, known_text, parse_integer
from masterflow.errors import Place
from masterflow.inventory.reading import CellValue, Reject

ROLES: Mapping[str, tuple[str, ...]] = {
    "source_ip": ("source_ip", "source_ip_address", "source", "src", "srcaddr", "srcip", "sourceaddress", "sourceip",
                  "from", "client", "clientip", "sourceipaddress"),
    "source_hostname": ("source_hostname", "source_server", "sourceservername", "sourcehost", "sourcename",
                        "sourceserver", "srchost", "sourcehostname", "sourcemachine"),
    "source_application": ("source_application", "sourceapplication", "sourceapp", "fromapplication"),
    "target_ip": ("target_ip", "target_ip_address", "destination_ip", "target", "destination", "dst", "dest", "dstaddr",
                  "dstip", "destip", "destinationip", "destinationaddress", "to", "server", "serverip", "targetip",
                  "destinationipaddress"),
    "target_hostname": ("target_hostname", "target_server", "destinationservername", "destinationhost",
                        "destinationname", "destinationserver", "dsthost", "destinationhostname", "targethost",
                        "targethostname", "targetservername"),
    "target_application": ("target_application", "destinationapplication", "targetapplication", "destinationapp",
                           "targetapp", "toapplication"),
    "port": ("target_port", "port", "destinationport", "dstport", "destport", "targetport", "serverport", "dport"),
    "source_port": ("source_port", "sourceport", "srcport", "sport"),
    "protocol": ("protocol", "proto", "transportprotocol", "ipprotocol"),
    "connections": ("connections", "connectioncount", "connectionscount", "flows", "sessions", "count", "hits"),
    "bytes": ("bytes", "bytestotal", "totalbytes", "octets", "bytessum", "volumebytes"),
    "first_seen": ("first_seen", "firstseen", "start", "starttime", "begin", "firsttime"),
    "last_seen": ("last_seen", "lastseen", "end", "endtime", "lasttime"),
}  # fmt: skip
PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmp"}
MOSTLY = 0.9  # share of a column that must be addresses before other texts in it are taken for damaged ones


@dataclass(frozen=True, slots=True)
class FlowRow:
    """Talk between two ends, each by address, host name or application; `source` asks, `target` answers on `port`."""

    place: Place
    source: str | None
    target: str | None
    source_hostname: str | None = None
    target_hostname: str | None = None
    source_application: str | None = None
    target_application: str | None = None
    port: int | None = None
    protocol: str | None = None
    connections: int | None = None
    bytes_total: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class FlowsRead:
    """The usable rows of a dependency table, and the others with the reason."""

    rows: tuple[FlowRow, ...]
    rejects: tuple[Reject, ...]


def is_flow_table(mapped: MappedSheet) -> bool:
    """Whether a sheet has a column for each end of a dependency."""
    roles = set(_roles(mapped))
    return any(r.startswith("source_") and r != "source_port" for r in roles) and any(
        r.startswith("target_") for r in roles
    )


def read_flows(mapped: MappedSheet) -> FlowsRead:
    """Read every row of a dependency table; a row that contradicts itself is rejected with the reason."""
    columns = _roles(mapped)
    strict: set[str] = {
        role for role in ("source_ip", "target_ip") if role in columns and _mostly_addresses(mapped, columns[role])
    }
    rows: list[FlowRow] = []
    rejects: list[Reject] = []
    for raw in mapped.sheet.rows:
        cells = {r: raw.cells[i] if i < len(raw.cells) else None for r, i in columns.items()}
        place = Place(mapped.file, mapped.sheet.name, raw.number)
        problem = _problem(cells, strict)
        if problem is None:
            rows.append(_turned(_row(cells, place), parse_integer(cells.get("source_port")).value))
        else:
            role, code, sentence = problem
            column = mapped.sheet.headers[columns[role]] if role in columns else None
            where = Place(mapped.file, mapped.sheet.name, raw.number, column)
            rejects.append(Reject(where, code, sentence, None if cells.get(role) is None else str(cells[role])))
    return FlowsRead(tuple(rows), tuple(rejects))


def _roles(mapped: MappedSheet) -> dict[str, int]:
    """Column places by role: the approved field first, the header's words where no field was approved."""
    by_role: dict[str, int] = {}
    for column in mapped.columns:
        names = {column.field} if column.field else {re.sub(r"[^a-z]", "", column.header.casefold())}
        for role, accepted in ROLES.items():
            if role not in by_role and names & {*accepted, role}:
                by_role[role] = column.index
                break
    return by_role


def _mostly_addresses(mapped: MappedSheet, index: int) -> bool:
    texts = [t for row in mapped.sheet.rows if index < len(row.cells) and (t := known_text(row.cells[index]))]
    return bool(texts) and sum(parse_addresses(t).problem is None for t in texts) >= MOSTLY * len(texts)


def _problem(cells: Mapping[str, CellValue], strict: set[str]) -> tuple[str, str, str] | None:
    """The role, code and sentence of the first thing that makes a row unusable."""
    for end in ("source", "target"):
        if not any(known_text(cells.get(f"{end}_{kind}")) for kind in ("ip", "hostname", "application")):
            return f"{end}_ip", f"flow.no_{end}", f"The row names no {end}; fill the address or the host name."
        text = known_text(cells.get(f"{end}_ip"))
        if text and f"{end}_ip" in strict and parse_addresses(text).problem:
            return f"{end}_ip", "flow.not_an_address", f"'{text}' is not an address."
    return _number_problem(cells) or _order_problem(cells)


def _number_problem(cells: Mapping[str, CellValue]) -> tuple[str, str, str] | None:
    for role in ("port", "connections", "bytes"):
        found = parse_integer(cells.get(role))
        if found.problem:
            return role, "flow.not_a_number", found.problem
        if found.value is not None and found.value < 0:
            return role, "flow.out_of_range", f"{role} {found.value} is below zero."
        if role == "port" and found.value is not None and found.value > HIGHEST:
            return role, "flow.out_of_range", f"port {found.value} is above {HIGHEST}."
    return None


def _order_problem(cells: Mapping[str, CellValue]) -> tuple[str, str, str] | None:
    first, last = parse_moment(cells.get("first_seen")), parse_moment(cells.get("last_seen"))
    for role, found in (("first_seen", first), ("last_seen", last)):
        if found.problem:
            return role, "flow.not_a_date", found.problem
    if first.value and last.value and first.value > last.value:
        return "first_seen", "flow.out_of_order", f"first seen {first.value:%Y-%m-%d %H:%M} is after last seen."
    return None


def _row(cells: Mapping[str, CellValue], place: Place) -> FlowRow:
    protocol = (known_text(cells.get("protocol")) or "").casefold()
    return FlowRow(
        place=place,
        source=_end(cells.get("source_ip")),
        target=_end(cells.get("target_ip")),
        source_hostname=known_text(cells.get("source_hostname")),
        target_hostname=known_text(cells.get("target_hostname")),
        source_application=known_text(cells.get("source_application")),
        target_application=known_text(cells.get("target_application")),
        port=parse_integer(cells.get("port")).value,
        protocol=PROTOCOLS.get(protocol, protocol) or None,
        connections=parse_integer(cells.get("connections")).value,
        bytes_total=parse_integer(cells.get("bytes")).value,
        first_seen=parse_moment(cells.get("first_seen")).value,
        last_seen=parse_moment(cells.get("last_seen")).value,
    )


def _end(cell: CellValue) -> str | None:
    """An address in its usual spelling, or the text as it is: a host name or an application."""
    found: Parsed[tuple[str, ...]] = parse_addresses(cell)
    return found.value[0] if found.value and not found.problem else known_text(cell)


def _turned(row: FlowRow, source_port: int | None) -> FlowRow:
    """The row with the serving end as target: the one whose port is the lower, registered one."""
    if source_port is None or row.port is None or not (source_port < 32_768 <= row.port):
        return row
    return FlowRow(
        place=row.place,
        source=row.target,
        target=row.source,
        source_hostname=row.target_hostname,
        target_hostname=row.source_hostname,
        source_application=row.target_application,
        target_application=row.source_application,
        port=source_port,
        protocol=row.protocol,
        connections=row.connections,
        bytes_total=row.bytes_total,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
    )


def window_of(rows: Sequence[FlowRow]) -> tuple[datetime, datetime] | None:
    """The first and the last moment that any row was seen, or None when no row says."""
    starts = [r.first_seen for r in rows if r.first_seen]
    ends = [r.last_seen for r in rows if r.last_seen]
    return (min(starts), max(ends)) if starts and ends else None
