"""Move groups: ends that need each other in a circle of hard edges and cannot move one after the other."""

from collections.abc import Hashable, Iterable
from typing import TypeVar

import networkx as nx

End = TypeVar("End", bound=Hashable)


def circles(edges: Iterable[tuple[End, End]]) -> list[frozenset[End]]:
    """The strongly connected components of more than one end, the largest first."""
    graph: nx.DiGraph[End] = nx.DiGraph()
    graph.add_edges_from(edges)
    found = [frozenset(members) for members in nx.strongly_connected_components(graph) if len(members) > 1]
    return sorted(found, key=lambda members: (-len(members), min(map(str, members))))
