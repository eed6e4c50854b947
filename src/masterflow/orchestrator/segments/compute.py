"""CPU-bound work of phases in other processes, so that the event loop stays free."""

import asyncio
import ctypes
import gc
import multiprocessing
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import ParamSpec, TypeVar

from masterflow.orchestrator.segments.memory import measured

P = ParamSpec("P")
T = TypeVar("T")

_PR_SET_PDEATHSIG = 1
# The objects of an estate are millions of values without circles; the usual thresholds walk them over and over, which
# takes a quarter of the time. Young circles are still found.
_GC_THRESHOLDS = (200_000, 20, 100)


class ComputePool:
    """Up to `processes` processes, started when the first is needed. Spawned, not forked: a worker has threads."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in another process.

        Raises:
            BrokenProcessPool: that process was killed, by the kernel for memory for example; the next call starts anew.
        """
        return (await self.measured(function, *args, **kwargs))[0]

    async def measured(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, int]:
        """Call `function` in another process, and answer also the most memory that it had meanwhile, in MiB.

        Raises:
            BrokenProcessPool: as of `run`.
        """
        pool = self._pool or self._start()
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, partial(measured, function, *args, **kwargs))
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = None
            pool.shutdown(wait=False, cancel_futures=True)
            raise

    def close(self) -> None:
        """End the processes; what they compute is lost."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _start(self) -> ProcessPoolExecutor:
        self._pool = ProcessPoolExecutor(
            self._processes, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare
        )
        return self._pool


def _prepare() -> None:
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    _end_with_parent()


def _end_with_parent() -> None:
    """Ask the kernel to end this process when its parent is killed: it would wait for work for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
