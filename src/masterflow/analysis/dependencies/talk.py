"""What is said between two ends on one port, added up, and what it weighs.

    weight      (1 + log10(1 + connections) + ½ log10(1 + KiB)), times 0.6 for transfers, queues and administration
    confidence  0.30
                + 0.20 × log10(1 + connections) / 4      full at 10,000 connections
                + 0.05 × log10(1 + bytes) / 9            full at 1 GB
                + 0.10 × (1 − 1 / sightings)             rows that say so
                + 0.05 where it was seen for more than a day
                + 0.15 where listening, a trace or a statement tells the serving end, 0.10 where a known port does
                + 0.15 for a database's or request's port, 0.12 for a queue's or transfer's
                at most 0.99

Where connections are not counted, rows stand for them in the weight and nothing does in the confidence.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from masterflow.analysis.dependencies.ports import PortClass, class_of
from masterflow.analysis.estate.flows import FlowRow, window_of
from masterflow.inventory.types import DependencyKind

HARD_CONNECTIONS = 2_000  # between two machines in 35 days, about 57 a day
HARD_WINDOW = timedelta(days=35)
USUAL_SHARE = 0.25  # of HARD_CONNECTIONS: fewer requests than that are occasional
SHORT = timedelta(days=1)
ASYNCHRONOUS_SHARE = 0.6
MOST_SURE = 0.99
RELATION = "relation"  # the `origin` of rows that somebody stated and nobody saw
CALLS = frozenset({"traces", "kiali", "service_graph"})  # `origin` of rows that tell of calls, which wait for an answer
WAITING = frozenset({PortClass.DATABASE, PortClass.REQUEST})
MAY_WAIT = WAITING | {PortClass.OTHER}
LOOSE = frozenset({PortClass.TRANSFER, PortClass.QUEUE})
REQUEST_PROTOCOLS = frozenset({"http", "https", "http2", "grpc", "thrift", "rest", "soap", "sql", "mongo", "redis"})
QUEUE_PROTOCOLS = frozenset({"amqp", "kafka", "mqtt", "jms", "nats", "messaging"})


@dataclass(slots=True)
class Talk:
    """One end asking another on one port, while rows are added up; what no row counts is None.

    `rows` are lines of files. `observed` where at least one row is traffic, `stated` where one is a statement, `called`
    where one tells of calls rather than connections.
    """

    port: int | None = None
    protocol: str | None = None
    connections: int | None = None
    bytes_total: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    rows: int = 0
    oriented: bool = False
    observed: bool = False
    stated: bool = False
    called: bool = False

    def add(self, row: FlowRow, *, lines: int | None = None) -> None:
        """Add a row, which counts as `lines` of its file."""
        self.count(row.connections, row.bytes_total)
        self.span(row.first_seen, row.last_seen)
        self.rows += row.observations if lines is None else lines
        self.oriented |= row.oriented
        self.stated |= row.origin == RELATION
        self.observed |= row.origin != RELATION
        self.called |= row.origin in CALLS

    def count(self, connections: int | None, bytes_total: int | None) -> None:
        """Add figures; what is not counted adds nothing."""
        if connections is not None:
            self.connections = (self.connections or 0) + connections
        if bytes_total is not None:
            self.bytes_total = (self.bytes_total or 0) + bytes_total

    def span(self, first: datetime | None, last: datetime | None) -> None:
        """Widen the time in which it was seen."""
        if first is not None and (self.first_seen is None or first < self.first_seen):
            self.first_seen = first
        if last is not None and (self.last_seen is None or last > self.last_seen):
            self.last_seen = last

    @property
    def synchronous(self) -> bool:
        """Whether the asking end waits for the answer: by the port, else by the protocol, else because calls are told.

        A port of no known class counts as one of requests.
        """
        if self.port is not None:
            return class_of(self.port) in MAY_WAIT
        if self.protocol in QUEUE_PROTOCOLS:
            return False
        return self.protocol in REQUEST_PROTOCOLS or self.called


def total(talks: Iterable[Talk]) -> Talk:
    """Several talks as one, with the port and protocol of the one with the most connections.

    Raises:
        ValueError: there is none.
    """
    parts = list(talks)
    if len(parts) == 1:
        return parts[0]
    main = max(parts, key=lambda t: (t.connections or 0, t.rows, -(t.port or 0)))
    whole = Talk(main.port, main.protocol)
    for talk in parts:
        whole.count(talk.connections, talk.bytes_total)
        whole.span(talk.first_seen, talk.last_seen)
        whole.rows += talk.rows
        whole.oriented |= talk.oriented
        whole.observed |= talk.observed
        whole.stated |= talk.stated
        whole.called |= talk.called
    return whole


def scale_of(rows: Iterable[FlowRow]) -> float:
    """The observed window as a share of the one that HARD_CONNECTIONS is stated for; at least a day."""
    window = window_of([row for row in rows if row.first_seen is not None or row.last_seen is not None])
    if window is None:
        return 1.0
    return max(window[1] - window[0], SHORT) / HARD_WINDOW


def kind_of(talk: Talk, scale: float) -> DependencyKind:
    """Hard for requests and database connections that happen all the time, soft for what is rare or need not wait.

    `scale` is the observed window as `scale_of` gives it. Sockets of one moment and sampled calls are not counted
    over a window: there the kind of talk decides alone.
    """
    if not talk.synchronous:
        return DependencyKind.SOFT
    moment = talk.oriented and talk.first_seen is None
    if talk.connections is None or talk.port is None or moment:
        return DependencyKind.HARD
    rare = talk.connections < USUAL_SHARE * HARD_CONNECTIONS * scale
    return DependencyKind.SOFT if rare else DependencyKind.HARD


def weight_of(talk: Talk) -> float:
    """How much is said; the formula stands above. At least 0.6, without an upper bound, comparable within one table."""
    count = talk.rows if talk.connections is None else talk.connections
    amount = math.log10(1 + count) if talk.connections is not None else math.log10(max(1, count))
    said = 1 + amount + math.log10(1 + (talk.bytes_total or 0) / 1024) / 2
    return round(said * (1.0 if talk.synchronous or talk.port is None else ASYNCHRONOUS_SHARE), 3)


def confidence_of(talk: Talk) -> float:
    """How sure it is that the one end needs the other, 0 to 1; the formula stands above."""
    known = class_of(talk.port) if talk.port is not None else PortClass.OTHER
    found = 0.30
    found += 0.20 * min(1.0, math.log10(1 + (talk.connections or 0)) / 4)
    found += 0.05 * min(1.0, math.log10(1 + (talk.bytes_total or 0)) / 9)
    found += 0.10 * (1 - 1 / max(1, talk.rows))
    found += 0.05 if _lasted(talk) else 0
    found += 0.15 if talk.oriented else 0.10 if known is not PortClass.OTHER else 0
    found += 0.15 if known in WAITING or (talk.port is None and talk.synchronous) else 0.12 if known in LOOSE else 0
    return round(min(found, MOST_SURE), 2)


def _lasted(talk: Talk) -> bool:
    return talk.first_seen is not None and talk.last_seen is not None and talk.last_seen - talk.first_seen > SHORT
