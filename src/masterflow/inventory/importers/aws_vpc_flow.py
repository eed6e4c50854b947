"""AWS VPC flow logs: version 2 in its default order, and any order that a header names.

The fields are those of the VPC user guide, "Flow log records": names with hyphens, or underscores as Athena and Parquet
exports write them; separated by spaces, tabs or commas. Refused traffic is no dependency and is set aside.
"""

import re
from collections.abc import Sequence
from operator import itemgetter

from masterflow.inventory.files.connections import (
    ALIASES,
    UNITS,
    Evidence,
    Observation,
    address_of,
    flags_say,
    moment_at,
    port_of,
    protocol_of,
)
from masterflow.inventory.files.records import first_lines, numbered_lines
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
DEFAULT_ORDER = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",
)  # fmt: skip
SURE_SIGNS = frozenset({"interface-id", "account-id", "action", "log-status", "srcport", "dstport", "vpc-id"})
MIN_SIGNS = 3
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z? ")  # CloudWatch puts one before each line that it exports
DEFAULT_LINE = re.compile(r"\d{1,2} (\d{12}|unknown|-) [\w-]+ (\S+ ){7}\d+ \d+ (ACCEPT|REJECT|-) \w+")
SEPARATORS = re.compile(r"[,;\t ]+")
EMPTY = "-"
MEASURES = ("srcport", "dstport", "protocol", "bytes", "start", "end", "tcp-flags")
MAX_DIGITS = 18
NO_RECORDS = {"NODATA": "nodata", "SKIPDATA": "skipdata"}


def recognises(head: FileHead) -> float:
    """A header of flow log fields, or lines in the default order."""
    lines = first_lines(head, 20)
    if not lines:
        return 0.0
    return (
        KNOWS
        if header_in(lines[0]) or any(DEFAULT_LINE.fullmatch(STAMP.sub("", line.strip())) for line in lines)
        else 0.0
    )


def header_in(line: str) -> tuple[str, ...]:
    """The field names of a header line; nothing for any other line."""
    names = tuple(name.strip(' "${}').casefold().replace("_", "-") for name in SEPARATORS.split(line.strip()))
    ends = ("srcaddr" in names or "pkt-srcaddr" in names) and ("dstaddr" in names or "pkt-dstaddr" in names)
    return names if ends and len(SURE_SIGNS.intersection(names)) >= MIN_SIGNS else ()


def reads(head: FileHead) -> FileRead:
    """The accepted connections, added up.

    Raises:
        FileRejected: no line tells of an accepted connection.
    """
    evidence = Evidence(head)
    order, separator, header = DEFAULT_ORDER, None, "none"
    reader = Reader(evidence, order)
    for number, line in numbered_lines(head):
        names = header_in(line) if number == 1 or line[:1].isalpha() else ()
        if names:
            separator = next((sign for sign in (",", ";", "\t") if sign in line), None)
            reader, header = Reader(evidence, names), "yes"
            continue
        if line.startswith("#"):
            continue
        evidence.counts["lines"] += 1
        plain = STAMP.sub("", line).replace('"', "")
        fields = plain.split(separator)
        reader.line(number, line, [field.strip() for field in fields] if separator else fields)
    return evidence.read("aws_vpc_flow", header=header)


class UnusableLineError(Exception):
    """A line is damaged; says how."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Reader:
    """Reads lines whose fields stand in one order."""

    def __init__(self, evidence: Evidence, order: Sequence[str]) -> None:
        self.evidence = evidence
        self.width = len(order)
        places = {name: place for place, name in enumerate(order)}
        self.status = places.get("log-status")
        self.action = places.get("action")
        self.source = places.get("srcaddr", places.get("pkt-srcaddr", 0))
        self.target = places.get("dstaddr", places.get("pkt-dstaddr", 0))
        lacking = self.width  # where "-" is put for the fields that the format lacks
        self.measures = itemgetter(*(places.get(name, lacking) for name in MEASURES))

    def line(self, number: int, line: str, fields: list[str]) -> None:
        """Add one line up, count it as left out, or reject it."""
        try:
            self.record(number, fields)
        except UnusableLineError as unusable:
            self.evidence.reject(number, unusable.code, str(unusable), line)

    def record(self, number: int, fields: list[str]) -> None:
        """Add one line up, or count it as left out.

        Raises:
            UnusableLineError: the line is damaged.
        """
        counts = self.evidence.counts
        if len(fields) < self.width:
            reason = f"The line has {len(fields)} of {self.width} fields, it was cut off"
            raise UnusableLineError("truncated", reason)
        status = fields[self.status] if self.status is not None else "OK"
        if status in NO_RECORDS or (fields[self.source] == EMPTY == fields[self.target]):
            counts[NO_RECORDS.get(status, "nodata")] += 1
            return
        seen = self.observed(number, fields)
        if self.action is not None and fields[self.action].upper() == "REJECT":
            counts["reject_action"] += 1
            return
        self.evidence.connections.add(seen)

    def observed(self, number: int, fields: list[str]) -> Observation:
        """The line with types.

        Raises:
            UnusableLineError: an end is no address, a number is none, or the times are reversed.
        """
        source, target = address_of(fields[self.source]), address_of(fields[self.target])
        if source is None or target is None:
            side = "source" if source is None else "destination"
            raise UnusableLineError(f"{side}_not_address", f"The {side} is not an address")
        measures = self.measures([*fields[: self.width], EMPTY])
        source_text, target_text, protocol_text, bytes_text, start_text, end_text, flags_text = measures
        try:
            protocol = protocol_of(protocol_text)
            source_port, target_port = port_of(source_text, protocol), port_of(target_text, protocol)
            byte_count, start, end = whole(bytes_text), whole(start_text), whole(end_text)
            flags = whole(flags_text)
            first = moment_at(start) if start is not None else None
            last = moment_at(end) if end is not None else first
        except ValueError as error:
            raise UnusableLineError("not_a_number", "A port, a count or a time is not a usable number") from error
        if start is not None and end is not None and end < start:
            raise UnusableLineError("times_reversed", "The end is before the start")
        return Observation(
            line=number,
            source=source,
            target=target,
            source_port=source_port,
            target_port=target_port,
            protocol=protocol,
            asked=flags_say(flags) if flags and protocol == "tcp" and source_port and target_port else None,
            byte_count=byte_count,
            first=first,
            last=last,
        )


def whole(text: str) -> int | None:
    """A whole number of at least 0; None where the line has "-".

    Raises:
        ValueError: it is none.
    """
    if text == EMPTY:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise ValueError(text)
    return int(text)


IMPORTER = Importer(
    name="aws_vpc_flow",
    title="AWS VPC flow logs (.log, .txt, .csv)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
