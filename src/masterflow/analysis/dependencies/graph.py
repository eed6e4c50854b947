"""The graph of one or more dependency tables: ends, edges, what was set aside, circles."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from masterflow.analysis.dependencies.hubs import hubs_of
from masterflow.analysis.dependencies.mirrors import undirected
from masterflow.analysis.dependencies.noise import Aside, Noise, SetAside
from masterflow.analysis.dependencies.talk import CALLS, Talk, confidence_of, kind_of, scale_of, weight_of
from masterflow.analysis.estate.flows import FlowRow
from masterflow.inventory.circles import circles
from masterflow.inventory.types import DependencyKind

NAME, ADDRESS, APPLICATION = "name", "address", "application"
UNDIRECTED_CONFIDENCE = 0.3  # nobody says who needs whom


@dataclass(frozen=True, slots=True)
class Node:
    """One end by its `id`: the host name where a row gives one, else the address, else the application.

    `kind` tells which. `roles` are among client, server (it asks, it is asked), shared_service, scanner, external;
    `degree` counts distinct neighbours in the edges.
    """

    id: str
    kind: str
    addresses: tuple[str, ...]
    applications: tuple[str, ...]
    roles: tuple[str, ...]
    degree: int


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` needs `target` on a port: hard or soft, with weight and confidence as `talk` states them.

    `directed` is False where the list has no direction. `talk` has what was added up.
    """

    source: str
    target: str
    kind: DependencyKind
    weight: float
    confidence: float
    directed: bool
    talk: Talk


@dataclass(frozen=True, slots=True)
class MoveGroup:
    """Ends that need each other in a circle of hard edges: they move together. `edges` are those of the circle."""

    members: tuple[str, ...]
    edges: int


@dataclass(frozen=True, slots=True)
class DependencyGraph:
    """What tables of who talked to whom amount to.

    Nodes stand in the order of their degree, edges in that of their weight, the largest first. Every row read is in an
    edge (its `talk.rows`) or set aside. `undirected` where some list had no direction.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    set_aside: tuple[SetAside, ...]
    groups: tuple[MoveGroup, ...]
    rows: int
    undirected: bool


@dataclass(slots=True)
class _Ends:
    """The ends of rows by one spelling each."""

    id_of: dict[str, str] = field(default_factory=dict)
    kind: dict[str, str] = field(default_factory=dict)
    addresses: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    applications: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    host_of: dict[str, str] = field(default_factory=dict)

    def of(self, address: str | None, host: str | None, application: str | None) -> str:
        """The id of an end; an address that only one host goes by is that host."""
        name = host or (self.host_of.get(address) if address else None)
        text = name or address or application or ""
        kind = NAME if name else ADDRESS if address else APPLICATION
        end = self.id_of.setdefault(text.casefold(), text)
        self.kind.setdefault(end, kind)
        if address:
            self.addresses[end].add(address)
        if application:
            self.applications[end].add(application)
        return end


def infer(rows: Sequence[FlowRow], *, others: Sequence[FlowRow] = ()) -> DependencyGraph:
    """Set aside what binds nothing, add up the rest to edges, and find the circles in them.

    `others` are relations that need nothing, as `relations_of` tells them apart: they are counted and set aside.
    """
    ends = _Ends(host_of=_hosts_by_address(rows))
    placed = [
        (
            row,
            ends.of(row.source, row.source_hostname, row.source_application),
            ends.of(row.target, row.target_hostname, row.target_application),
        )
        for row in rows
    ]
    sorter = _Sorter(placed)
    for row in others:
        sorter.aside.add("no_dependency", row)
    talks: dict[tuple[str, str, int | None, str | None], Talk] = {}
    for row, source, target in placed:
        lines = sorter.lines(row, source, target)
        if lines:
            key = (source, target, row.port, row.protocol)
            talks.setdefault(key, Talk(row.port, row.protocol)).add(row, lines=lines)
    edges = _edges(talks, sorter, scale_of(rows))
    return DependencyGraph(
        nodes=_nodes(ends, edges, sorter),
        edges=edges,
        set_aside=sorter.aside.listed(),
        groups=_groups(edges),
        rows=sum(row.observations for row in (*rows, *others)),
        undirected=bool(sorter.undirected),
    )


class _Sorter:
    """Decides for one row after the other whether it counts, and sets it aside where it does not."""

    def __init__(self, placed: Sequence[tuple[FlowRow, str, str]]) -> None:
        self.aside = Aside()
        self.noise = Noise([row for row, _, _ in placed])
        self.hubs = hubs_of((source, target, row.port) for row, source, target in placed if source != target)
        self.undirected = undirected(placed)
        self.unordered: set[tuple[str, str]] = set()
        self._said: set[tuple[object, ...]] = set()

    def lines(self, row: FlowRow, source: str, target: str) -> int:
        """How many lines of a row count; the others are set aside here."""
        reason = self._reason(row, source, target)
        if reason is not None:
            self.aside.add(reason, row)
            return 0
        if not _bare(row):
            return row.observations
        if row.observations > 1:
            self.aside.add("duplicate", row, lines=row.observations - 1)
        return 1

    def _reason(self, row: FlowRow, source: str, target: str) -> str | None:
        if source == target:
            return "self_loop"
        noise = self.noise.reason(row)
        if noise is not None:
            return noise
        if row.port is not None and ((source, row.port) in self.hubs or (target, row.port) in self.hubs):
            return "shared_service"
        if (row.place.file, row.place.sheet) in self.undirected:
            if (target, source) in self.unordered:
                return "mirrored"
            self.unordered.add((source, target))
        return "duplicate" if self._is_repeated(row, source, target) else None

    def _is_repeated(self, row: FlowRow, source: str, target: str) -> bool:
        """Whether an earlier row of the same sheet says exactly the same; a count without a time may be another's."""
        if not _bare(row) and (row.first_seen is None or row.last_seen is None):
            return False
        book = (row.place.file, row.place.sheet)
        figures = (row.connections, row.bytes_total, row.first_seen, row.last_seen)
        processes = (row.source_process, row.target_process, row.source_application, row.target_application)
        said = (book, source, target, row.port, row.protocol, *figures, *processes)
        repeated = said in self._said
        self._said.add(said)
        return repeated


def _bare(row: FlowRow) -> bool:
    """Whether a row names two ends and nothing that could add up; a count of its lines is no measure."""
    counted = row.connections is not None and row.connections != row.observations
    measured = counted or row.bytes_total is not None or row.first_seen is not None or row.last_seen is not None
    return not measured and (row.connections is None or (row.port is None and row.origin not in CALLS))


def _hosts_by_address(rows: Sequence[FlowRow]) -> dict[str, str]:
    """The host of every address that goes by one host name only."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        for address, host in ((row.source, row.source_hostname), (row.target, row.target_hostname)):
            if address and host:
                found[address].setdefault(host.casefold(), host)
    return {address: next(iter(hosts.values())) for address, hosts in found.items() if len(hosts) == 1}


def _edges(
    talks: Mapping[tuple[str, str, int | None, str | None], Talk], sorter: _Sorter, scale: float
) -> tuple[Edge, ...]:
    edges = [_edge(source, target, talk, scale, sorter) for (source, target, _, _), talk in talks.items()]
    return tuple(sorted(edges, key=lambda e: (-e.weight, e.source, e.target, e.talk.port or 0, e.talk.protocol or "")))


def _edge(source: str, target: str, talk: Talk, scale: float, sorter: _Sorter) -> Edge:
    directed = (source, target) not in sorter.unordered
    if not directed:
        return Edge(source, target, DependencyKind.SOFT, weight_of(talk), UNDIRECTED_CONFIDENCE, False, talk)
    return Edge(source, target, kind_of(talk, scale), weight_of(talk), confidence_of(talk), True, talk)


def _nodes(ends: _Ends, edges: Sequence[Edge], sorter: _Sorter) -> tuple[Node, ...]:
    neighbours: dict[str, set[str]] = defaultdict(set)
    asks: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for edge in edges:
        neighbours[edge.source].add(edge.target)
        neighbours[edge.target].add(edge.source)
        if edge.directed:
            asks[edge.source] += 1
            answers[edge.target] += 1
    hubs = {end for end, _ in sorter.hubs}
    nodes = []
    for end in (end for end in ends.kind if not sorter.noise.is_broadcast(end)):
        addresses = tuple(sorted(ends.addresses.get(end, ())))
        roles = {
            "client": asks[end] > 0,
            "server": answers[end] > 0,
            "shared_service": end in hubs,
            "scanner": end in sorter.noise.scanners or any(a in sorter.noise.scanners for a in addresses),
            "external": any(_is_public(address) for address in addresses),
        }
        held = tuple(role for role, has in roles.items() if has)
        applications = tuple(sorted(ends.applications.get(end, ())))
        nodes.append(Node(end, ends.kind[end], addresses, applications, held, len(neighbours[end])))
    return tuple(sorted(nodes, key=lambda n: (-n.degree, n.id)))


def _is_public(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def _groups(edges: Sequence[Edge]) -> tuple[MoveGroup, ...]:
    hard = [(edge.source, edge.target) for edge in edges if edge.kind is DependencyKind.HARD and edge.directed]
    found = circles(hard)
    group_of = {end: index for index, members in enumerate(found) for end in members}
    inside = Counter(group_of[s] for s, t in set(hard) if s in group_of and group_of[s] == group_of.get(t))
    return tuple(MoveGroup(tuple(sorted(members)), inside[index]) for index, members in enumerate(found))
