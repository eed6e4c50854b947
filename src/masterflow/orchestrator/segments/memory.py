"""How much memory phases take: this process before, after and at its peak, and the process that computed for them.

Figures are MiB of resident memory. The process is shared: what runs beside a phase counts for it too; the figure of the
computing process is the phase's alone. A short phase that computed nothing leaves none.
"""

import resource
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

import orjson
import psutil

P = ParamSpec("P")
T = TypeVar("T")

MIB = 1024 * 1024
SHORTEST = timedelta(milliseconds=100)  # a phase that took less is told of only when it computed
MOST_BYTES = 4_000  # of one flow's figures; the row stays small
WORKER_PEAK = "worker_peak_rss_mib"
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"

Figures = Mapping[str, int]


class PhaseMemory:
    """What one execution of a phase is seen to take, from when this is made to `figures`."""

    def __init__(self) -> None:
        self._before = rss_mib()
        self._peak_before = peak_mib()
        self._seen = self._before
        self._computed: int | None = None

    def look(self, now_mib: int) -> None:
        """The process has this size now."""
        self._seen = max(self._seen, now_mib)

    def computed(self, peak: int) -> None:
        """A process that computed for the phase reached this size."""
        self._computed = max(self._computed or 0, peak)

    def figures(self, took: timedelta) -> Figures | None:
        """What it came to; None for a phase that is not worth telling of."""
        if took < SHORTEST and self._computed is None:
            return None
        after, peak = rss_mib(), peak_mib()
        highest = peak if peak > self._peak_before else max(self._seen, after)
        found = {"before_mib": self._before, "after_mib": after, "peak_mib": highest}
        return found if self._computed is None else found | {"compute_peak_mib": self._computed}


def summary(phases: Mapping[str, Figures]) -> str:
    """The figures of a segment's phases as JSON text of at most 4 KB: of too many, those with the least peaks go."""
    kept = dict(phases)
    while len(text := _text(kept)) > MOST_BYTES:
        del kept[min(kept, key=lambda name: max(kept[name].values()))]
    return text.decode()


def _text(phases: Mapping[str, Figures]) -> bytes:
    return orjson.dumps({WORKER_PEAK: peak_mib(), **phases})


def rss_mib() -> int:
    """Resident memory of this process now."""
    resident: int = _process().memory_info().rss
    return resident // MIB


@cache
def _process() -> psutil.Process:
    return psutil.Process()


def peak_mib() -> int:
    """The most resident memory that this process ever had."""
    units = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * units // MIB


def measured(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, int]:
    """Call `function` in this process, and answer also the most memory that it had meanwhile, in MiB."""
    _forget_peak()
    return function(*args, **kwargs), _peak_since()


def _forget_peak() -> None:
    """Let the kernel measure the peak anew: a process of the pool has worked for others before."""
    if _CLEAR.exists():
        _CLEAR.write_text(_RESET_PEAK, encoding="ascii")


def _peak_since() -> int:
    if not _CLEAR.exists():
        return peak_mib()
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024
