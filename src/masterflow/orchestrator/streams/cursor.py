"""A place in the stream of an engagement: pure.

Ids of events appear out of order, so one number cannot say what was seen: a cursor names the highest id and the ranges
below it that were missing. As text: `100.90.95-97`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

Range = tuple[int, int]

LONGEST = 6_000  # characters; a header holds no more
_TEXT = re.compile(r"\d{1,18}(?:\.\d{1,18}(?:-\d{1,18})?)*")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Every id up to `last` was seen or never existed, but those in `holes`: rising ranges, ends included."""

    last: int
    holes: tuple[Range, ...] = ()

    def __str__(self) -> str:
        return ".".join([str(self.last), *(_spelled(hole) for hole in self.holes)])

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The cursor that `text` spells, None if it spells none."""
        if len(text) > LONGEST or not _TEXT.fullmatch(text):
            return None
        last, *parts = text.split(".")
        holes = [_range(part) for part in parts]
        edges = [edge for hole in holes for edge in hole]
        rising = edges == sorted(edges) and all(low[1] < high[0] for low, high in pairwise(holes))
        return cls(int(last), tuple(holes)) if rising and all(edge < int(last) for edge in edges) else None


def between(since: Cursor, until: Cursor) -> list[Range]:
    """The ids that `until` has seen and `since` has not."""
    unseen = [*since.holes, (since.last + 1, until.last)]
    return [part for one in unseen for part in _less(one, until.holes)]


def midway(since: Cursor, until: Cursor, seen: int) -> Cursor:
    """Where somebody stands who goes from `since` to `until` in order of id and has come as far as `seen`."""
    before = [(low, min(high, seen)) for low, high in until.holes if low <= seen]
    behind = [(max(low, seen + 1), high) for low, high in since.holes if high > seen]
    return Cursor(max(since.last, seen), tuple(before + behind))


def _less(one: Range, others: Sequence[Range]) -> list[Range]:
    """What of the range `one` is in none of `others`, which rise."""
    low, high = one
    left: list[Range] = []
    for other_low, other_high in others:
        if other_high < low or other_low > high:
            continue
        left.append((low, other_low - 1))
        low = other_high + 1
    return [(low, high) for low, high in [*left, (low, high)] if low <= high]


def _spelled(hole: Range) -> str:
    low, high = hole
    return str(low) if low == high else f"{low}-{high}"


def _range(text: str) -> Range:
    low, _, high = text.partition("-")
    return int(low), int(high or low)
