"""CPU-bound work runs in other processes."""

import gc
import os
import signal
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import pytest

from masterflow.orchestrator.segments.compute import ComputePool


@pytest.fixture
def pool() -> Iterator[ComputePool]:
    pool = ComputePool(1)
    yield pool
    pool.close()


async def test_it_runs_elsewhere_with_its_arguments(pool: ComputePool) -> None:
    assert await pool.run(divmod, 7, 2) == (3, 1)
    assert await pool.run(int, "ff", base=16) == 255
    assert await pool.run(os.getpid) != os.getpid()


async def test_its_errors_come_back(pool: ComputePool) -> None:
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0)


async def test_after_a_killed_process_the_next_call_starts_anew(pool: ComputePool) -> None:
    process = await pool.run(os.getpid)
    with pytest.raises(BrokenProcessPool):
        await pool.run(os.kill, process, signal.SIGKILL)
    assert await pool.run(os.getpid) != process


def test_a_pool_that_was_never_used_closes_too() -> None:
    ComputePool(1).close()


async def test_millions_of_values_are_not_walked_over_and_over(pool: ComputePool) -> None:
    young, *_ = await pool.run(gc.get_threshold)
    assert young > gc.get_threshold()[0]
    assert await pool.run(gc.isenabled)
