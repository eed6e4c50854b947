"""Edge lists: two ends a line, between spaces, tabs or commas, with or without a weight, a header and "#" comments.

A list without header is told by its comments (SNAP's "# Nodes: … Edges: …"), by its name (.edges, .edgelist), or by
ends that stand on both sides; and Doop's CallGraphEdge facts by the shape of each line. Self loops and both directions
of one edge are kept as they stand.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from masterflow.inventory.fields import squashed
from masterflow.inventory.files.connections import (
    ALIASES,
    CALLS,
    DEPENDS_ON,
    UNITS,
    End,
    Evidence,
    Observation,
    address_of,
)
from masterflow.inventory.files.records import first_lines, is_json, numbered_lines
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
COMMENTS = ("#", "%", "//")
SEPARATORS = ("\t", ",", ";", None)  # None: any white space
COMMENT_OF_GRAPH = re.compile(
    r"(?i)^[#%].*\b(nodes?|edges?|vertices|src|source|from\w*)\b.*\b(edges?|to\w*|dst\w*|target)\b"
)
SUFFIXES = (".edges", ".edgelist", ".el", ".ncol")
SOURCE_NAMES = frozenset(
    {"source", "src", "from", "fromnode", "fromnodeid", "srcnid", "caller", "client", "node1", "u"}
)
TARGET_NAMES = frozenset(
    {"target", "dst", "dest", "destination", "to", "tonode", "tonodeid", "dstnid", "callee", "server", "node2", "v"}
)
NAME = re.compile(r"[\w.:@/+-]{1,200}")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
MIN_LINES = 3  # fewer say nothing about what a list is
MIN_SHARED = 0.02  # share of one column's ends that also stand in the other; the head of a large list shows few
DIGITS = re.compile(r"\d+")
FACT = re.compile(r"\[.*\]\t<(?P<caller>.+)>/[^\t]*\t\[.*\]\t<(?P<called>.+)>")
MAX_WEIGHT = 10**15


@dataclass(frozen=True, slots=True)
class Layout:
    """How an edge list is written; `width` counts the cells of a line, `header` says that the first line names them."""

    separator: str | None
    width: int
    header: bool = False


def recognises(head: FileHead) -> float:
    """Lines of two ends, and a sign that they are edges of a graph."""
    return KNOWS if layout_of(head) or is_fact_table(head) else 0.0


def layout_of(head: FileHead) -> Layout | None:
    """How the list is written; None when the file is none, or cannot be told from another table."""
    if is_json(head):
        return None
    lines = first_lines(head, 5_000)
    data = [line for line in lines if not line.startswith(COMMENTS)]
    for separator in SEPARATORS:
        rows = [cells_of(line, separator) for line in data]
        widths = {len(row) for row in rows}
        if (
            len(rows) < MIN_LINES
            or len(widths) != 1
            or not widths <= {2, 3}
            or (separator and separator not in data[0])
        ):
            continue
        layout = judged(rows, Layout(separator, widths.pop()), lines, head.name)
        if layout:
            return layout
    return None


def judged(rows: Sequence[Sequence[str]], layout: Layout, lines: Sequence[str], name: str) -> Layout | None:
    """The layout when the rows are edges; None when they may be anything."""
    header = squashed(rows[0][0]) in SOURCE_NAMES and squashed(rows[0][1]) in TARGET_NAMES
    body = rows[1:] if header else rows
    if not all(NAME.fullmatch(cell) for row in body for cell in row[:2]):
        return None
    if any(len(row) == 3 and not NUMBER.fullmatch(row[2]) for row in body):
        return None
    told = header and layout.separator is None
    told |= name.lower().endswith(SUFFIXES)
    told |= any(COMMENT_OF_GRAPH.match(line) for line in lines if line.startswith(COMMENTS))
    if told or (not header and ends_are_shared(body)):
        return Layout(layout.separator, layout.width, header)
    return None


def ends_are_shared(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the two columns hold the same kind of thing: whole numbers or names, some of them in both.

    A first row that looks like no other may be a header of anything.
    """
    shapes = {DIGITS.sub("0", cell) for row in rows[1:] for cell in row[:2]}
    if not all(DIGITS.sub("0", cell) in shapes for cell in rows[0][:2]):
        return False
    sources, targets = {row[0] for row in rows}, {row[1] for row in rows}
    both = {*sources, *targets}
    if len(both) < MIN_LINES or any("." in one and NUMBER.fullmatch(one) for one in both):
        return False
    return len(sources & targets) >= max(1, MIN_SHARED * min(len(sources), len(targets)))


def is_fact_table(head: FileHead) -> bool:
    """Whether every line is an edge of a call graph as Doop writes it."""
    lines = first_lines(head, 50)
    return bool(lines) and all(FACT.fullmatch(line) for line in lines)


def reads(head: FileHead) -> FileRead:
    """One row for each directed pair of ends.

    Raises:
        FileRejected: no line has two ends.
    """
    layout = layout_of(head)
    evidence = Evidence(head, DEPENDS_ON if layout else CALLS)
    for number, edge in edges_of(evidence, layout) if layout else facts_of(evidence):
        evidence.connections.add(
            Observation(line=number, source=edge.source, target=edge.target, asked=True, connections=edge.weight)
        )
        if edge.source == edge.target:
            evidence.counts["self_loops"] += 1
    return evidence.read("edge_list")


@dataclass(frozen=True, slots=True)
class Edge:
    """One line of the list."""

    source: End
    target: End
    weight: int | None = None


def edges_of(evidence: Evidence, layout: Layout) -> Iterator[tuple[int, Edge]]:
    """The edges of a list with the numbers of their lines."""
    header = layout.header
    for number, line in numbered_lines(evidence.head):
        if line.startswith(COMMENTS):
            evidence.counts["comments"] += 1
            continue
        if header:
            header = False
            continue
        evidence.counts["lines"] += 1
        cells = cells_of(line, layout.separator)
        if len(cells) != layout.width or not cells[0] or not cells[1]:
            reason = f"The line has {len(cells)} of {layout.width} values"
            evidence.reject(number, "truncated", reason, line)
            continue
        weight = weight_of(cells[2]) if layout.width == 3 else None
        yield number, Edge(named(cells[0]), named(cells[1]), weight)


def facts_of(evidence: Evidence) -> Iterator[tuple[int, Edge]]:
    """The calls of a fact table, between the classes of both methods."""
    for number, line in numbered_lines(evidence.head):
        evidence.counts["lines"] += 1
        found = FACT.fullmatch(line)
        if found is None:
            evidence.reject(number, "truncated", "The line is no edge of a call graph", line)
            continue
        yield number, Edge(End(application=found["caller"]), End(application=found["called"]))


def cells_of(line: str, separator: str | None) -> list[str]:
    """The values of a line."""
    return [cell.strip().strip('"') for cell in line.split(separator)]


def named(text: str) -> End:
    """The end of this name or address."""
    return address_of(text) or End(host=text)


def weight_of(text: str) -> int | None:
    """A weight as a count; None for a fraction."""
    if not NUMBER.fullmatch(text) or not 0 <= float(text) < MAX_WEIGHT or not float(text).is_integer():
        return None
    return int(float(text))


IMPORTER = Importer(
    name="edge_list",
    title="Edge lists of graphs (.txt, .csv, .edges)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
