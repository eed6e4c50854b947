"""Bodies are driven step by step."""

import asyncio
from datetime import timedelta

import pytest

from masterflow.orchestrator.segments import stepping
from masterflow.orchestrator.segments.stepping import stepped


class Clock:
    """A clock that jumps as told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(stepping, "perf_counter", clock)
    return clock


async def test_a_step_that_keeps_the_loop_is_told_with_its_length(clock: Clock) -> None:
    told: list[timedelta] = []

    async def body() -> int:
        clock.now += 0.05
        await asyncio.sleep(0)
        clock.now += 0.3
        await asyncio.sleep(0)
        clock.now += 0.1
        return 7

    assert await stepped(body(), told.append) == 7
    assert told == [timedelta(seconds=0.3)]


async def test_time_spent_waiting_is_not_the_bodys(clock: Clock) -> None:
    told: list[timedelta] = []

    async def body() -> None:
        waiting = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(later, waiting)
        await waiting

    def later(waiting: asyncio.Future) -> None:
        clock.now += 5
        waiting.set_result(None)

    await stepped(body(), told.append)
    assert told == []


async def test_errors_come_through(clock: Clock) -> None:
    told: list[timedelta] = []

    async def body() -> None:
        clock.now += 1
        raise KeyError("x")

    with pytest.raises(KeyError):
        await stepped(body(), told.append)
    assert told == [timedelta(seconds=1)]


async def test_a_cancellation_reaches_the_body_which_may_clean_up() -> None:
    begun, cleaned = asyncio.Event(), []

    async def body() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    async def run() -> None:
        await stepped(body(), lambda _: None)

    task = asyncio.create_task(run())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == [True]
