"""Ends that serve, or watch, a good part of an estate: directories, name servers, backup, monitoring."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from masterflow.analysis.dependencies.ports import serves_everybody

HUB_PEERS = 5  # ends, at least, and HUB_SHARE of all that were seen, though never more than HUB_ENOUGH
HUB_SHARE = 0.08
HUB_ENOUGH = 50

End = TypeVar("End", bound=Hashable)


def hubs_of(talks: Iterable[tuple[End, End, int | None]]) -> Mapping[tuple[End, int], frozenset[End]]:
    """End and port with the peers, where a service's port joins one end to a good part of all ends.

    `talks` are source, target and port. It does not matter who asks: a backup server calls, a name server is called.
    """
    peers: dict[tuple[End, int], set[End]] = defaultdict(set)
    seen: set[End] = set()
    for source, target, port in talks:
        seen.add(source)
        seen.add(target)
        if port is not None and serves_everybody(port):
            peers[(source, port)].add(target)
            peers[(target, port)].add(source)
    enough = max(HUB_PEERS, min(HUB_SHARE * len(seen), HUB_ENOUGH))
    return {key: frozenset(found) for key, found in peers.items() if len(found) >= enough}
