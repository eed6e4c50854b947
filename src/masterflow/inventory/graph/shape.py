"""From counted nodes and edges to what is shown: circles, and what a search leaves."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from masterflow.inventory.circles import circles
from masterflow.inventory.graph.types import Cycle, Graph, GraphEdge, GraphNode, Hidden, Named, NodeKind
from masterflow.inventory.types import DependencyKind

MOST_NAMED = 3  # applications in the sentence of a circle


def with_cycles(graph: Graph, hard: Iterable[tuple[UUID, UUID]], applications: Mapping[UUID, str]) -> Graph:
    """The graph with the circles of all `hard` edges, shown or not; what is inside an expanded node counts as it."""
    whole = {node.id: node.parent for node in graph.nodes if node.parent is not None}
    pairs = {(whole.get(source, source), whole.get(target, target)) for source, target in hard}
    every = circles(pair for pair in pairs if pair[0] != pair[1])
    found = [members for members in every if len(members & applications.keys()) > 1]
    number_of = {end: number for number, members in enumerate(found, 1) for end in members}

    def closes(edge: GraphEdge) -> bool:
        source, target = whole.get(edge.source, edge.source), whole.get(edge.target, edge.target)
        together = source != target and number_of.get(source, 0) == number_of.get(target, -1)
        return together and edge.kinds[DependencyKind.HARD] > 0

    nodes = tuple(replace(node, cycle=number_of[node.id]) if node.id in number_of else node for node in graph.nodes)
    edges = tuple(replace(edge, within_cycle=True) if closes(edge) else edge for edge in graph.edges)
    cycles = tuple(_cycle(number, members, applications) for number, members in enumerate(found, 1))
    return replace(graph, nodes=nodes, edges=edges, cycles=cycles)


def _cycle(number: int, members: Collection[UUID], applications: Mapping[UUID, str]) -> Cycle:
    named = sorted((Named(one, applications[one]) for one in members if one in applications), key=lambda n: n.name)
    first = [one.name for one in named[:MOST_NAMED]]
    more = len(named) - len(first)
    told = f"{', '.join(first)} and {more} more" if more else f"{', '.join(first[:-1])} and {first[-1]}"
    sentence = f"{told} need each other in a circle of hard dependencies: none can move before the others."
    return Cycle(number, tuple(named), sentence)


def meant_by(search: str, nodes: Sequence[GraphNode]) -> set[UUID]:
    """The nodes that a search names, by a part of a name in any case."""
    text = search.casefold()
    return {node.id for node in nodes if text in node.name.casefold()}


def around(graph: Graph, meant: Collection[UUID]) -> Graph:
    """Some nodes with their neighbours: the ends of the edges that are shown, and what they are inside of."""
    shown = set(meant) | {end for edge in graph.edges for end in (edge.source, edge.target)}
    shown |= {node.parent for node in graph.nodes if node.id in shown and node.parent is not None}
    nodes = tuple(node for node in graph.nodes if node.id in shown)
    left_out = graph.hidden.nodes + len(graph.nodes) - len(nodes)
    return replace(graph, nodes=nodes, hidden=Hidden(left_out, graph.hidden.edges))


def without_empty_shells(graph: Graph, expanded: Collection[UUID]) -> Graph:
    """The graph without expanded nodes at which no edge ends: their machines stand for them."""
    ends = {end for edge in graph.edges for end in (edge.source, edge.target)}
    nodes = (n for n in graph.nodes if n.id not in expanded or n.id in ends or n.kind is NodeKind.ASSET)
    return replace(graph, nodes=tuple(nodes))
