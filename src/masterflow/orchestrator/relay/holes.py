"""Which ids are missing, and what is left of holes when some of their ids appear: pure."""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from masterflow.orchestrator.relay.types import Hole


def gaps(after: int, ids: Sequence[int]) -> list[tuple[int, int]]:
    """The ranges between `after` and the last of `ids` (rising) that `ids` lacks."""
    edges = [after, *ids]
    return [(low + 1, high - 1) for low, high in pairwise(edges) if high - low > 1]


def without(holes: Sequence[Hole], appeared: Collection[int]) -> tuple[Hole, ...]:
    """What is left of `holes` once the ids `appeared` are no longer missing."""
    return tuple(left for hole in holes for left in _split(hole, appeared))


def still_open(holes: Sequence[Hole], *, oldest_running: int) -> tuple[Hole, ...]:
    """The holes that a running transaction may still fill; `oldest_running` is the oldest of these."""
    return tuple(hole for hole in holes if hole.horizon > oldest_running)


def _split(hole: Hole, appeared: Collection[int]) -> Iterator[Hole]:
    inside = sorted(number for number in appeared if hole.low <= number <= hole.high)
    for low, high in gaps(hole.low - 1, [*inside, hole.high + 1]):
        yield Hole(low, high, hole.horizon)
