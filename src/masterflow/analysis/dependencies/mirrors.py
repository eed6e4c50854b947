"""Lists without a direction: every edge stands there twice, once each way round."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from masterflow.analysis.estate.flows import FlowRow

LEAST_PAIRS = 3  # two edges that are each other's mirror may be a circle

Book = tuple[str, str | None]  # file and sheet
Said = tuple[int | None, int | None]  # connections and bytes
End = TypeVar("End", bound=Hashable)


def undirected(rows: Iterable[tuple[FlowRow, End, End]]) -> frozenset[Book]:
    """The sheets that list every edge in both directions, with the same figures and without ports.

    A single edge without its mirror speaks against it, and so does a port: that is a conversation seen from both ends.
    """
    edges: dict[Book, dict[tuple[End, End], Said]] = {}
    directed: set[Book] = set()
    for row, source, target in rows:
        book = (row.place.file, row.place.sheet)
        if book in directed:
            continue
        if row.port is not None:
            directed.add(book)
            edges.pop(book, None)
        elif source != target:
            edges.setdefault(book, {})[(source, target)] = (row.connections, row.bytes_total)
    return frozenset(book for book, found in edges.items() if len(found) >= 2 * LEAST_PAIRS and _mirrored(found))


def _mirrored(edges: Mapping[tuple[End, End], Said]) -> bool:
    nothing = object()
    return all(edges.get((target, source), nothing) == said for (source, target), said in edges.items())
