"""What only the inline engine has to show: its memory is the process's own."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from masterflow.errors import Conflict
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.engine_inline import InlineEngine

NOBODY = None  # the inline engine needs no connection


class Runs:
    """Counts what is handed to it, and holds it until told."""

    def __init__(self) -> None:
        self.begun: list[Segment] = []
        self.may_end = asyncio.Event()

    async def __call__(self, segment: Segment) -> None:
        self.begun.append(segment)
        await self.may_end.wait()


async def queue(engine: InlineEngine, *segments: Segment, delay: timedelta | None = None) -> None:
    for segment in segments:
        await engine.enqueue(NOBODY, segment, delay=delay)
        engine.committed(segment)
    await asyncio.sleep(0)


async def started(runs: Runs, concurrency: int = 10) -> InlineEngine:
    engine = InlineEngine()
    await engine.start(runs, worker_id=uuid4(), concurrency=concurrency)
    return engine


def some(count: int) -> list[Segment]:
    return [Segment(uuid4(), 1) for _ in range(count)]


async def test_nothing_begins_before_its_transaction_has_committed() -> None:
    runs, [segment] = Runs(), some(1)
    engine = await started(runs)
    await engine.enqueue(NOBODY, segment)
    await queue(engine, *some(1))
    assert segment not in runs.begun
    engine.committed(segment)
    await asyncio.sleep(0)
    assert segment in runs.begun
    runs.may_end.set()
    await engine.idle()


async def test_what_was_never_enqueued_does_not_begin() -> None:
    runs = Runs()
    engine = await started(runs)
    engine.committed(some(1)[0])
    await asyncio.sleep(0)
    assert runs.begun == []


async def test_no_more_run_at_a_time_than_it_was_told() -> None:
    runs, segments = Runs(), some(5)
    engine = await started(runs, concurrency=2)
    await queue(engine, *segments)
    assert len(runs.begun) == 2
    runs.may_end.set()
    await engine.idle()
    assert sorted(runs.begun, key=str) == sorted(segments, key=str)


async def test_what_was_queued_before_the_start_is_begun_at_the_start() -> None:
    runs, segments, engine = Runs(), some(2), InlineEngine()
    await queue(engine, *segments)
    await engine.start(runs, worker_id=uuid4(), concurrency=10)
    await asyncio.sleep(0)
    assert runs.begun == segments
    runs.may_end.set()
    await engine.idle()


async def test_delayed_segments_begin_in_the_order_of_their_moments() -> None:
    runs, [late, soon] = Runs(), some(2)
    runs.may_end.set()
    engine = await started(runs)
    await queue(engine, late, delay=timedelta(milliseconds=40))
    await queue(engine, soon, delay=timedelta(milliseconds=10))
    async with asyncio.timeout(10):
        while len(runs.begun) < 2:  # noqa: ASYNC110  timers of the engine
            await asyncio.sleep(0.005)
    assert runs.begun == [soon, late]


async def test_it_stops_what_runs_when_time_is_up() -> None:
    runs = Runs()
    engine = await started(runs)
    await queue(engine, *some(2))
    await engine.stop(within=timedelta(0))
    assert engine._running == {}
    await engine.stop(within=timedelta(0))
    with_another = await started(runs)
    with pytest.raises(Conflict):
        await with_another.start(runs, worker_id=uuid4(), concurrency=1)


async def test_it_knows_what_is_alive() -> None:
    runs, [running, queued, forgotten] = Runs(), some(3)
    engine = await started(runs, concurrency=1)
    await queue(engine, running, queued, forgotten)
    mine = engine._worker_id
    assert mine is not None
    assert await engine.live([running, queued], workers=[mine]) == {running, queued}
    assert await engine.live([running, queued], workers=[]) == {queued}
    assert (await engine.held_by(mine), await engine.held_by(uuid4())) == ([running], [])
    await engine.forget([forgotten])
    await engine.withdraw(NOBODY, queued)
    assert await engine.live([queued, forgotten], workers=[mine]) == set()
    assert await engine.tidy(older_than=timedelta(0)) == 0
    runs.may_end.set()
    await engine.idle()
