"""Connections between two ends, added up from what flow logs, socket tables, traces and service graphs tell of them.

A log writes a line for every few seconds of every conversation, in both directions. `Connections` takes one
`Observation` after the other and keeps one sum for each pair of ends, port and protocol, from the end that asks to the
end that serves; the port of the asking end is dropped, answers are folded in. Which end serves is said by the evidence
where it says so (a handshake, a listening socket), else by the ports: a registered one serves one that was lent.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files import tables
from masterflow.inventory.files.cells import cleaned, is_address
from masterflow.inventory.files.kept_rows import changed
from masterflow.inventory.files.kept_rows import kept as kept_rows
from masterflow.inventory.files.secrets import KEPT_BACK, is_secret_value
from masterflow.inventory.reading import CellValue, FileHead, FileRead, RawRow, Reject, Sheet

CONNECTS_TO = "connects to"  # the evidence says which end serves: a handshake, a listening socket
CALLS = "calls"  # a trace or a service graph says who asks
DEPENDS_ON = "depends on"  # a person or a model states it
TALKS_WITH = "talks with"  # which end serves was concluded from the ports, or is open
SENDS_TO = "sends to"  # a model states where data goes, which is not always who asks

Known = TypeVar("Known", int, datetime)

SHEET = "connections"
HEADERS = (
    "source_hostname", "source_ip_address", "source_application", "source_process", "target_hostname",
    "target_ip_address", "target_application", "target_process", "target_port", "protocol", "connection_count",
    "byte_count", "first_seen", "last_seen", "relation_type", "sample_count",
)  # fmt: skip
ALIASES: Mapping[tuple[str, str], str] = {
    **{("", header): header for header in HEADERS},
    ("", "first_seen"): "first_discovered",
    ("", "last_seen"): "last_discovered",
}
UNITS: Mapping[tuple[str, str], str] = {("", "byte_count"): "bytes"}

PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 51: "ah", 58: "icmp", 132: "sctp"}  # IANA
WITHOUT_PORTS = frozenset({"icmp", "igmp", "gre", "esp", "ah"})
MAX_PORT = 65_535
WELL_KNOWN = 512  # services alone have these
PRIVILEGED = 1_024  # between the two stand services, and clients of NFS and of the remote shell
LENT_BY_LINUX = 32_768  # from here on Linux gives ports out for the length of a connection
LENT = 49_152  # from here on IANA gives none to a service
SERVICES = frozenset({
    514, 515, 543, 544, 546, 547, 548, 554, 587, 591, 593, 623, 631, 636, 853, 873, 902, 903, 989, 990, 992, 993, 995,
    1433, 1434, 1521, 1522, 1526, 2638, 3050, 3306, 5432, 5433, 6432, 33060, 50000, 1972, 9042, 27017, 27018, 27019,
    6379, 6380, 11211, 7687, 8086, 9200, 9300, 5984, 8529, 30015, 39015,  # databases and caches
    1099, 3000, 3200, 3300, 3600, 4000, 4443, 5000, 5001, 7001, 7002, 7443, 8000, 8001, 8008, 8009, 8010, 8042, 8080,
    8081, 8082, 8088, 8090, 8100, 8443, 8444, 8800, 8888, 9000, 9001, 9043, 9060, 9080, 9090, 9443, 9988, 10443, 44300,
    50051,  # requests
    1414, 1883, 8883, 4222, 5671, 5672, 15672, 61613, 61616, 61617, 9092, 9093, 9094, 7222, 2181, 2379, 6443, 10250,
    2049, 3260, 3268, 3269, 3128, 3389, 5900, 5985, 5986, 1812, 1813, 5044, 6514, 9997, 8089, 8140, 8530, 8531, 9100,
    9104, 9182, 9187, 10050, 10051, 5666, 12489, 8125, 1556, 13720, 13724, 10000, 9392, 4505, 4506, 5353, 5355, 1900,
})  # fmt: skip
READ = frozenset(
    {"lines", "tuples", "entries", "records", "spans"}
)  # counts of what was seen, not of what was left out
MAX_OPEN = 300_000  # undecided conversations held before they are settled with what is known by then


class End(NamedTuple):
    """One end of a connection, by whatever the file names: at least one of address, host and application."""

    address: str | None = None
    host: str | None = None
    application: str | None = None
    process: str | None = None

    @property
    def identity(self) -> str:
        """What tells this end from others."""
        return self.address or self.host or self.application or ""


@lru_cache(maxsize=200_000)
def end_of(text: str) -> End | None:
    """The end that an address or a host name stands for; None for a text that is neither."""
    if is_address(text):
        return End(address=text)
    return End(host=text) if any(letter.isalpha() for letter in text) else None


@lru_cache(maxsize=200_000)
def address_of(text: str) -> End | None:
    """The end at an address; None for a text that is none."""
    return End(address=text) if is_address(text) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one line tells: `source` sent to `target`.

    `asked` True says that the evidence shows `source` opening the connection, False that it answered. `connections` is
    None where a line is one conversation. `twin` marks the report of the other end about the same talk: both are added
    up apart, and the larger sum stands.
    """

    line: int
    source: End
    target: End
    source_port: int | None = None
    target_port: int | None = None
    protocol: str | None = None
    asked: bool | None = None
    connections: int | None = None
    byte_count: int | None = None
    first: datetime | None = None
    last: datetime | None = None
    twin: bool = False


@dataclass(slots=True)
class Sum:
    """What is known of one connection so far; `asks` counts lines of the asking end, `answers` those of the other."""

    line: int
    oriented: bool = False
    lines: int = 0
    asks: int = 0
    answers: int = 0
    twin_asks: int = 0
    twin_answers: int = 0
    byte_count: int | None = None
    twin_byte_count: int | None = None
    first: datetime | None = None
    last: datetime | None = None

    def add(self, seen: Observation, *, answer: bool) -> None:
        """Count one line."""
        count = 1 if seen.connections is None else seen.connections
        self.lines += 1
        if seen.twin:
            self.twin_asks, self.twin_answers = (
                self.twin_asks + count * (not answer),
                self.twin_answers + count * answer,
            )
            self.twin_byte_count = added(self.twin_byte_count, seen.byte_count)
        else:
            self.asks, self.answers = self.asks + count * (not answer), self.answers + count * answer
            self.byte_count = added(self.byte_count, seen.byte_count)
        self.first = min_of(self.first, seen.first)
        self.last = max_of(self.last, seen.last)

    def merge(self, other: "Sum", *, turned: bool) -> None:
        """Take over what another sum holds; `turned` when its asking end is the serving end here."""
        self.line = min(self.line, other.line)
        self.oriented |= other.oriented
        self.lines += other.lines
        self.asks += other.answers if turned else other.asks
        self.answers += other.asks if turned else other.answers
        self.twin_asks += other.twin_answers if turned else other.twin_asks
        self.twin_answers += other.twin_asks if turned else other.twin_answers
        self.byte_count = added(self.byte_count, other.byte_count)
        self.twin_byte_count = added(self.twin_byte_count, other.twin_byte_count)
        self.first = min_of(self.first, other.first)
        self.last = max_of(self.last, other.last)

    @property
    def connections(self) -> int:
        """How many conversations there were, at least one."""
        return max(self.asks, self.answers, self.twin_asks, self.twin_answers, 1)

    @property
    def bytes_total(self) -> int | None:
        """The bytes of both directions, as the end that saw more of them says."""
        return max_of(self.byte_count, self.twin_byte_count)


Ending = tuple[str, str | None]  # identity and process
Key = tuple[Ending, Ending, int | None, str | None]
Socket = tuple[str, int | None, str | None]  # identity, port, protocol
OpenKey = tuple[Ending, int | None, Ending, int | None, str | None]


class Connections:
    """Adds up observations; its memory grows with the number of distinct connections, not of lines."""

    def __init__(self, relation: str = CONNECTS_TO) -> None:
        self.relation = relation
        self.sums: dict[Key, Sum] = {}
        self.undecided: dict[OpenKey, Sum] = {}
        self.serving: set[Socket] = set()
        self.ends: dict[str, End] = {}

    def listens(self, end: End, port: int, protocol: str | None) -> None:
        """Note that somebody serves at an end, which decides between two ports that could both be services."""
        self.serving.add((end.identity, port, protocol))

    def add(self, seen: Observation) -> None:
        """Add one observation up."""
        source, target = self.known(seen.source), self.known(seen.target)
        asks = seen.asked if seen.asked is not None else asks_by_ports(seen)
        if asks is None:
            self.hold(seen, source, target)
            return
        key: Key = (source, target, seen.target_port, seen.protocol)
        if not asks:
            key = (target, source, seen.source_port, seen.protocol)
        elif seen.asked is None and seen.target_port is None and key not in self.sums:
            turned: Key = (target, source, None, seen.protocol)
            if turned in self.sums:
                key, asks = turned, False
        found = self.sums.get(key)
        if found is None:
            found = self.sums[key] = Sum(seen.line)
        found.add(seen, answer=not asks)
        if seen.asked is not None:
            found.oriented = True
            self.serving.add((key[1][0], key[2], key[3]))

    def known(self, end: End) -> Ending:
        """The identity of an end; names that other lines lack are kept."""
        identity = end.identity
        before = self.ends.get(identity)
        if before is None:
            self.ends[identity] = end
        elif (end.host and not before.host) or (end.application and not before.application):
            self.ends[identity] = End(before.address, before.host or end.host, before.application or end.application)
        return identity, end.process

    def hold(self, seen: Observation, source: Ending, target: Ending) -> None:
        """Keep a conversation of which neither port says who serves, with both ports, until the end of the file."""
        key: OpenKey = (source, seen.source_port, target, seen.target_port, seen.protocol)
        turned: OpenKey = (target, seen.target_port, source, seen.source_port, seen.protocol)
        answer = key not in self.undecided and turned in self.undecided
        found = self.undecided.get(turned if answer else key)
        if found is None:
            found = self.undecided[key] = Sum(seen.line)
            if len(self.undecided) > MAX_OPEN:
                found.add(seen, answer=False)
                self.settle()
                return
        found.add(seen, answer=answer)

    def settle(self) -> None:
        """Decide the undecided: a socket known to serve, else one with more partners, else the lower port."""
        partners: Counter[Socket] = Counter()
        for source, source_port, target, target_port, protocol in self.undecided:
            partners[source[0], source_port, protocol] += 1
            partners[target[0], target_port, protocol] += 1
        for (source, source_port, target, target_port, protocol), held in self.undecided.items():
            near: Socket = (source[0], source_port, protocol)
            far: Socket = (target[0], target_port, protocol)
            turned, held.oriented = self.serves_rather(near, far, partners)
            key: Key = (target, source, source_port, protocol) if turned else (source, target, target_port, protocol)
            self.sums.setdefault(key, Sum(held.line)).merge(held, turned=turned)
        self.undecided = {}

    def serves_rather(self, near: Socket, far: Socket, partners: Mapping[Socket, int]) -> tuple[bool, bool]:
        """Whether the end that sent first serves, and whether there is evidence for it."""
        if (near in self.serving) != (far in self.serving):
            return near in self.serving, True
        if partners[near] != partners[far]:
            return partners[near] > partners[far], False
        return (near[1] or 0) < (far[1] or 0), False

    def sheet(self, name: str = SHEET) -> Sheet:
        """One row for each connection, in the order in which they first stand in the file."""
        self.settle()
        found = sorted(self.sums.items(), key=lambda item: item[1].line)
        rows = kept_rows(RawRow(held.line, self.cells(key, held)) for key, held in found)
        filled = {place for row in rows for place, cell in enumerate(row.cells) if cell is not None}
        kept = sorted(filled) or [HEADERS.index("source_ip_address"), HEADERS.index("target_ip_address")]
        return Sheet(
            name,
            0,
            tuple(HEADERS[place] for place in kept),
            changed(rows, lambda row: RawRow(row.number, tuple([row.cells[place] for place in kept]))),
        )

    def cells(self, key: Key, held: Sum) -> tuple[CellValue, ...]:
        """A row in the order of `HEADERS`."""
        (source_id, source_process), (target_id, target_process), port, protocol = key
        source, target = self.ends[source_id], self.ends[target_id]
        texts = (
            source.host, source.address, source.application, source_process,
            target.host, target.address, target.application, target_process,
        )  # fmt: skip
        return (
            *map(cleaned, texts),
            port,
            cleaned(protocol),
            held.connections,
            cleaned(held.bytes_total),
            held.first,
            held.last,
            self.relation if held.oriented else TALKS_WITH,
            held.lines,
        )


class Evidence:
    """What a reader of one file gathers: connections, rejects, and counts of what was left out and why."""

    def __init__(self, head: FileHead, relation: str = CONNECTS_TO) -> None:
        self.head = head
        self.connections = Connections(relation)
        self.rejects: list[Reject] = []
        self.counts: Counter[str] = Counter()

    def reject(self, line: int, code: str, reason: str, value: str) -> None:
        """Leave a damaged line out.

        Raises:
            FileRejected: so many lines are damaged that the reading of the file must be wrong.
        """
        message = f"{reason}; the line was left out. Correct it and upload it again."
        shown = KEPT_BACK if is_secret_value(value) else value[:500]
        self.rejects.append(Reject(Place(self.head.name, row=line), f"line.{code}", message, shown))
        tables.check_rejects(Place(self.head.name), self.rejects)

    def read(self, format_name: str, **traits: str) -> FileRead:
        """What was read; a sheet without rows where everything was understood and left out.

        Raises:
            FileRejected: nothing of the file could be understood.
        """
        sheet = self.connections.sheet()
        if not sheet.rows and not any(count and name not in READ for name, count in self.counts.items()):
            raise self.nothing()
        counted = {name: str(count) for name, count in self.counts.items()}
        return FileRead(format_name, (sheet,), tuple(self.rejects), {**traits, **counted}, self.head.name)

    def nothing(self) -> FileRejected:
        """The refusal of a file without a connection."""
        why = f": {len(self.rejects)} lines were damaged" if self.rejects else ""
        message = f"The file tells of no connection between two ends{why}."
        hint = "Export a longer period, or upload the file of another machine."
        return FileRejected(Place(self.head.name), message, hint=hint, code="no_connections")


def asks_by_ports(seen: Observation) -> bool | None:
    """Whether the source asks, by the kinds of both ports; None when they are of one kind."""
    if seen.source_port is None or seen.target_port is None:
        return True
    near, far = rank(seen.source_port), rank(seen.target_port)
    return None if near == far else near > far


def rank(port: int) -> int:
    """How little a port looks like a service: 0 for a service's usual one, then ever more likely lent."""
    if port < WELL_KNOWN or port in SERVICES:
        return 0
    return 1 + (port >= PRIVILEGED) + (port >= LENT_BY_LINUX) + (port >= LENT)


@lru_cache(maxsize=1_000)
def protocol_of(text: str) -> str | None:
    """A protocol by name, from its IANA number or name; "" and "-" are none."""
    lowered = text.strip().casefold()
    if lowered.isascii() and lowered.isdigit():
        return PROTOCOLS.get(int(lowered[:9]), lowered[:9])
    return None if lowered in ("", "-") else lowered


def port_of(text: object, protocol: str | None = None) -> int | None:
    """A port as a number; None where there is none, or where the protocol knows none.

    Raises:
        ValueError: the text is no port.
    """
    if text in (None, "", "-", "*") or protocol in WITHOUT_PORTS:
        return None
    number = int(str(text))
    if not 0 <= number <= MAX_PORT:
        raise ValueError(text)
    return number or None


@lru_cache(maxsize=200_000)
def moment_at(seconds: float) -> datetime:
    """The moment so many seconds after 1970, in UTC.

    Raises:
        ValueError: no calendar has it.
    """
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(seconds) from error


def added(left: int | None, right: int | None) -> int | None:
    """The sum; an unknown part adds nothing, and nothing known stays unknown."""
    if left is None or right is None:
        return left if right is None else right
    return left + right


def min_of(left: datetime | None, right: datetime | None) -> datetime | None:
    """The earlier moment that is known."""
    if left is None or right is None:
        return left if right is None else right
    return min(left, right)


def max_of(left: Known | None, right: Known | None) -> Known | None:
    """The larger value that is known."""
    if left is None or right is None:
        return left if right is None else right
    return max(left, right)


def flags_say(flags: int) -> bool | None:
    """Whether TCP flags of a flow show that its source opened it: SYN alone asks, SYN with ACK answers."""
    if not flags & 2:
        return None
    return not flags & 16
