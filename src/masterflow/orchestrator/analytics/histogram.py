"""Durations as counts in buckets that grow by a factor: any quantile within five per cent. Pure."""

from collections.abc import Mapping
from math import ceil, log

RELATIVE_ERROR = 0.05  # of a quantile, for durations above a millisecond; shorter ones count as zero
SMALLEST_US = 1_000

_FACTOR = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_STEP = log(_FACTOR)


def bucket_of(microseconds: int) -> int:
    """The bucket of a duration: 0 up to a millisecond, then bucket n ends at a millisecond times the n-th power."""
    return 0 if microseconds <= SMALLEST_US else max(1, ceil(log(microseconds / SMALLEST_US) / _STEP))


def seconds_of(bucket: int) -> float:
    """The duration that stands for a bucket; it is at most `RELATIVE_ERROR` away from each in it."""
    return 0.0 if bucket == 0 else 2 * _FACTOR**bucket / (_FACTOR + 1) * SMALLEST_US / 1e6


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """The duration in seconds that `share` (0 to 1) of all are not above, by nearest rank; None of none."""
    rank = ceil(share * sum(buckets.values()))
    for bucket in sorted(buckets):
        rank -= buckets[bucket]
        if rank <= 0:
            return seconds_of(bucket)
    return None
