"""Whose traffic a table of connections would have shown: needed to tell what is missing from what was not looked at.

A sensor in the network sees every end. The flow log of a few machines sees only what these say: each row has one of
them at an end. So where a few ends cover all rows, only they were watched.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

COVER_SHARE = 0.25  # of all ends: where so few cover every row, they are the ones that were watched
LEAST_WINDOW = timedelta(days=7)  # a shorter look proves nothing missing

End = TypeVar("End", bound=Hashable)
Sighting = tuple[str, End, End, datetime | None, datetime | None]  # file, source, target, first and last seen


def watched_ends(sightings: Iterable[Sighting[End]]) -> frozenset[End]:
    """Ends whose connections would have been seen by a table that spans at least a week."""
    talk: dict[str, dict[End, set[End]]] = defaultdict(lambda: defaultdict(set))
    spans: dict[str, list[datetime]] = defaultdict(list)
    for file, source, target, first, last in sightings:
        if source != target:
            talk[file][source].add(target)
            talk[file][target].add(source)
        spans[file] += [moment for moment in (first, last) if moment is not None]
    long = [file for file, moments in spans.items() if moments and max(moments) - min(moments) >= LEAST_WINDOW]
    return frozenset(end for file in long for end in _watched(talk[file]))


def _watched(talk: Mapping[End, set[End]]) -> frozenset[End]:
    cover: set[End] = set()
    for end in sorted(talk, key=lambda e: (-len(talk[e]), str(e))):
        if not talk[end] <= cover:
            cover.add(end)
    return frozenset(cover if len(cover) <= COVER_SHARE * len(talk) else talk)
