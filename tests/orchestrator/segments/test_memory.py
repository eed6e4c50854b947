"""The memory of phases is measured, each for itself, and kept small."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from masterflow.db.session import Database
from masterflow.orchestrator.segments import memory as module
from masterflow.orchestrator.segments.compute import ComputePool
from masterflow.orchestrator.segments.memory import (
    MOST_BYTES,
    SHORTEST,
    WORKER_PEAK,
    PhaseMemory,
    peak_mib,
    rss_mib,
    summary,
)
from masterflow.spec import PhaseContext
from masterflow.testing import Nothing, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast

LONG = SHORTEST * 2
SIZE_MIB = 150


def fill(size_mib: int) -> int:
    """Take memory, touch it, and give it back."""
    return len(bytearray(b"x") * (size_mib * 1024 * 1024))


@pytest.fixture
def pool() -> Iterator[ComputePool]:
    pool = ComputePool(1)
    yield pool
    pool.close()


async def test_the_peak_of_a_computing_process_is_that_of_this_call_alone(pool: ComputePool) -> None:
    _, idle = await pool.measured(len, "")
    filled, high = await pool.measured(fill, SIZE_MIB)
    _, after = await pool.measured(len, "")
    assert filled == SIZE_MIB * 1024 * 1024
    assert high >= idle + SIZE_MIB * 0.9
    assert after < idle + SIZE_MIB * 0.5, "the peak of an earlier call is forgotten"


def test_a_new_high_between_two_looks_is_seen() -> None:
    seen = PhaseMemory()
    size = peak_mib() - rss_mib() + SIZE_MIB
    fill(size)
    figures = seen.figures(LONG)
    assert figures is not None
    assert figures["peak_mib"] >= figures["before_mib"] + SIZE_MIB * 0.9
    assert figures["after_mib"] < figures["peak_mib"]


def test_without_a_new_high_the_highest_look_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "peak_mib", lambda: 5_000)
    monkeypatch.setattr(module, "rss_mib", lambda: 100)
    seen = PhaseMemory()
    seen.look(300)
    seen.look(200)
    assert seen.figures(LONG) == {"before_mib": 100, "after_mib": 100, "peak_mib": 300}


def test_a_short_phase_is_told_of_only_when_it_computed() -> None:
    assert PhaseMemory().figures(timedelta(0)) is None
    seen = PhaseMemory()
    seen.computed(70)
    seen.computed(60)
    figures = seen.figures(timedelta(0))
    assert figures is not None
    assert figures["compute_peak_mib"] == 70


def test_the_figures_of_many_phases_stay_within_4_kb_and_keep_the_largest() -> None:
    few = {f"{'p' * 55}{n}": {"before_mib": 9, "after_mib": 9, "peak_mib": n, "compute_peak_mib": n} for n in range(25)}
    assert set(json.loads(summary(few))) == {WORKER_PEAK, *few}
    many = {f"{'p' * 55}{n}": {"before_mib": 9, "after_mib": 9, "peak_mib": 10_000 + n} for n in range(200)}
    kept = json.loads(summary(many))
    assert len(summary(many)) <= MOST_BYTES
    assert f"{'p' * 55}199" in kept
    assert f"{'p' * 55}0" not in kept


async def test_a_flow_keeps_the_memory_of_its_phases_over_its_waits(database: Database, cast: Cast) -> None:
    async def computes(ctx: PhaseContext, given: Nothing) -> Nothing:
        await ctx.compute(fill, SIZE_MIB)
        return Nothing()

    async def waits(ctx: PhaseContext, given: Nothing) -> Nothing:
        await asyncio.sleep(SHORTEST.total_seconds())
        return Nothing()

    kind = toy_flow(toy_phase("heavy", computes), toy_phase("empty"), toy_phase("slow", waits))
    async with running_orchestrator(database, [kind]) as kit:
        flow = await kit.orchestrator.create_flow(cast.lead, "toy", {})
        flow = await kit.settled(cast.lead, flow.flow_id)
    assert set(flow.memory_usage_metrics) == {WORKER_PEAK, "heavy", "slow"}
    assert flow.memory_usage_metrics["heavy"]["compute_peak_mib"] >= SIZE_MIB
    assert set(flow.memory_usage_metrics["slow"]) == {"before_mib", "after_mib", "peak_mib"}
