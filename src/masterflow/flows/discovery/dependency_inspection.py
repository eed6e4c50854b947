"""Looking at files that tell who talks to whom before anything is imported: the graph they amount to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from masterflow.analysis.dependencies.communities import Proposal, Tie, propose_applications
from masterflow.analysis.dependencies.graph import DependencyGraph, Edge, MoveGroup, Node, infer
from masterflow.analysis.dependencies.noise import SetAside
from masterflow.analysis.dependencies.relations import Relations, columns_of, relations_of
from masterflow.analysis.estate.flows import FlowRow
from masterflow.errors import FileRejected, Place
from masterflow.flows.discovery.flow_rows import flow_rows_of
from masterflow.flows.discovery.inspection import InspectedReject, inspected_reject, proposal
from masterflow.flows.discovery.relation_rows import relation_rows
from masterflow.inventory.fields import squashed
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import importer_of, read_by
from masterflow.inventory.reading import MAX_FILE_BYTES, FileRead, Importer, Reject, Sheet

RELATION_HEADERS = {"parent": "relation_parent", "type": "relation_type", "child": "relation_child"}
MOST_TIES = 100_000  # edges between distinct ends up to which communities are looked for: seconds, not minutes


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """One file and what it was read as; `rows` are lines that could be used."""

    file: str
    format: str
    rows: int


@dataclass(frozen=True, slots=True)
class InspectedEdge:
    """`source` needs `target` on `port`. `evidence` counts the lines that say so, times are aware UTC."""

    source: str
    target: str
    port: int | None
    protocol: str | None
    kind: str
    weight: float
    confidence: float
    connections: int | None
    bytes: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    evidence: int
    oriented: bool
    directed: bool


@dataclass(frozen=True, slots=True)
class InspectedExample:
    """The first row that was set aside for a reason, and where it stands."""

    file: str
    row: int | None
    source: str | None
    target: str | None
    port: int | None


@dataclass(frozen=True, slots=True)
class InspectedSetAside:
    """Rows that give no edge, and why."""

    reason: str
    message: str
    rows: int
    connections: int
    example: InspectedExample


@dataclass(frozen=True, slots=True)
class InspectedGroup:
    """Ends that belong together.

    `kind` is "move_group" for a circle of hard edges, which moves together, and "application_proposal" for ends that
    talk among themselves; then `application` is the one proposed, or None for a group without a name.
    """

    kind: str
    members: tuple[str, ...]
    application: str | None
    confidence: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DependencyInspection:
    """The graph of some files. `rows` are lines read and used: every one is in an edge or set aside.

    `file` and `format` are those of a single file, and None for several that differ. `undirected` where a list named
    every edge both ways round.
    """

    file: str | None
    format: str | None
    files: tuple[InspectedFile, ...]
    rows: int
    undirected: bool
    nodes: tuple[Node, ...]
    edges: tuple[InspectedEdge, ...]
    set_aside: tuple[InspectedSetAside, ...]
    groups: tuple[InspectedGroup, ...]
    reject_count: int
    rejects: tuple[InspectedReject, ...]
    notes: tuple[str, ...]


def inspect_dependencies(paths: Sequence[Path], *, max_bytes: int = MAX_FILE_BYTES) -> DependencyInspection:
    """The graph that files of connections amount to. Nothing is written.

    Raises:
        FileRejected: a file cannot be read at all, or holds no connections.
    """
    files: list[InspectedFile] = []
    rows: list[FlowRow] = []
    others: list[FlowRow] = []
    rejects: list[Reject] = []
    for path in paths:
        read, found = _read(path, max_bytes)
        lines = sum(row.observations for row in (*found.rows, *found.others))
        files.append(InspectedFile(read.file, read.format, lines))
        rows += found.rows
        others += found.others
        rejects += (*read.rejects, *(reject for reject in found.rejects if reject not in read.rejects))
    graph = infer(rows, others=others)
    groups, notes = _groups(graph)
    formats = {one.format for one in files}
    return DependencyInspection(
        file=files[0].file if len(files) == 1 else None,
        format=formats.pop() if len(formats) == 1 else None,
        files=tuple(files),
        rows=graph.rows,
        undirected=graph.undirected,
        nodes=graph.nodes,
        edges=tuple(map(_edge, graph.edges)),
        set_aside=tuple(map(_aside, graph.set_aside)),
        groups=groups,
        reject_count=len(rejects),
        rejects=tuple(map(inspected_reject, rejects)),
        notes=notes,
    )


def _read(path: Path, max_bytes: int) -> tuple[FileRead, Relations]:
    head = head_of(path, max_bytes=max_bytes)
    importer = importer_of(head)
    read = read_by(importer, head)
    relations = [(sheet, columns) for sheet in read.sheets if (columns := _relation_columns(sheet, importer))]
    if relations:
        rows = (row for sheet, columns in relations for row in relation_rows(read.file, sheet, columns))
        return read, relations_of(rows)
    try:
        flows = flow_rows_of(read)
        return read, Relations(flows.rows, (), flows.rejects)
    except FileRejected as error:
        if error.reason != "no_ends":
            raise
        raise _no_connections(read, importer) from error


def _relation_columns(sheet: Sheet, importer: Importer) -> tuple[int, int, int] | None:
    """Where a CMDB's relations stand, by the proposed mapping or by the names that ServiceNow's own table gives."""
    if importer.tells_dependencies:
        return None
    by_name = [RELATION_HEADERS.get(squashed(header)) for header in sheet.headers]
    return columns_of(by_name) or columns_of([match.field for match in proposal(sheet, importer)])


def _no_connections(read: FileRead, importer: Importer) -> FileRejected:
    headers = ", ".join(" ".join(h.split()) for h in read.sheets[0].headers[:8]) if read.sheets else "none"
    return FileRejected(
        Place(read.file),
        f"This file holds no connections: no sheet names both ends of one. It is read as {importer.title} "
        f"(columns: {headers}).",
        hint=f'For an inventory use "masterflow inventory inspect {read.file}"; for connections bring a table with '
        "source, destination and port.",
        code="no_ends",
    )


def _groups(graph: DependencyGraph) -> tuple[tuple[InspectedGroup, ...], tuple[str, ...]]:
    if not graph.rows:
        return (), ("No row names two ends: there is nothing to draw a graph of.",)
    circles = tuple(map(_circle, graph.groups))
    if graph.undirected or len(graph.edges) > MOST_TIES:
        why = "the list has no direction and no names" if graph.undirected else f"more than {MOST_TIES:,} edges"
        return circles, (f"No applications were proposed from who talks to whom: {why}.",)
    hubs = frozenset(node.id for node in graph.nodes if {"shared_service", "scanner", "external"} & set(node.roles))
    stated = {node.id: node.applications[0] for node in graph.nodes if len(node.applications) == 1}
    ties = (Tie(edge.source, edge.target, edge.weight) for edge in graph.edges)
    return (*circles, *map(_proposed, propose_applications(ties, stated, hubs=hubs))), ()


def _circle(group: MoveGroup) -> InspectedGroup:
    reason = f"{len(group.members)} ends need each other in a circle of {group.edges} hard edges"
    return InspectedGroup("move_group", group.members, None, None, (reason,))


def _proposed(found: Proposal) -> InspectedGroup:
    return InspectedGroup("application_proposal", found.members, found.application, found.confidence, found.reasons)


def _edge(edge: Edge) -> InspectedEdge:
    talk = edge.talk
    return InspectedEdge(
        source=edge.source,
        target=edge.target,
        port=talk.port,
        protocol=talk.protocol,
        kind=str(edge.kind),
        weight=edge.weight,
        confidence=edge.confidence,
        connections=talk.connections,
        bytes=talk.bytes_total,
        first_seen=talk.first_seen,
        last_seen=talk.last_seen,
        evidence=talk.rows,
        oriented=talk.oriented and edge.directed,
        directed=edge.directed,
    )


def _aside(one: SetAside) -> InspectedSetAside:
    row = one.example
    example = InspectedExample(
        file=row.place.file,
        row=row.place.row,
        source=row.source_hostname or row.source or row.source_application,
        target=row.target_hostname or row.target or row.target_application,
        port=row.port,
    )
    return InspectedSetAside(one.reason, one.message, one.rows, one.connections, example)
