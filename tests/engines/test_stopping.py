"""A pause and a cancel reach a body that runs, whichever engine runs it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.types import Flow
from masterflow.spec import PhaseContext
from masterflow.testing import Nothing, eventually, toy_flow, toy_phase
from tests.engines.conftest import House, Open


class Where(BaseModel):
    folder: str = ""


class Computed(BaseModel):
    answer: int


def wait_for(folder: str) -> int:
    """Work in another process that ends when it is let go."""
    (Path(folder) / "begun").touch()
    while not (Path(folder) / "go").exists():
        time.sleep(0.01)
    (Path(folder) / "ended").touch()
    return 7


class Body:
    """A body that tells when it begins and cleans up when it is stopped."""

    def __init__(self) -> None:
        self.begun, self.cleaned = asyncio.Event(), asyncio.Event()
        self.runs = 0

    async def __call__(self, ctx: PhaseContext, given: Nothing) -> Nothing:
        self.runs += 1
        self.begun.set()
        if self.runs > 1:
            return Nothing()
        try:
            await asyncio.Event().wait()
        finally:
            self.cleaned.set()
        return Nothing()


Stop = Callable[[House, Flow], Awaitable[Flow]]


async def pause_at_once(home: House, flow: Flow) -> Flow:
    return await home.orchestrator.pause(home.cast.lead, flow.flow_id, at_once=True, reason="now")


async def cancel(home: House, flow: Flow) -> Flow:
    return await home.orchestrator.cancel(home.cast.lead, flow.flow_id)


@pytest.mark.parametrize(("stop", "leads_to"), [(pause_at_once, FlowStatus.PAUSED), (cancel, FlowStatus.CANCELLED)])
async def test_a_body_that_runs_is_stopped_and_cleans_up(house: Open, stop: Stop, leads_to: FlowStatus) -> None:
    body = Body()
    home = await house(toy_flow(toy_phase("only", body)))
    flow = await home.orchestrator.create_flow(home.cast.lead, "toy", {})
    await body.begun.wait()
    assert (await stop(home, flow)).status is leads_to
    async with asyncio.timeout(10):
        await body.cleaned.wait()
    assert (await home.settled(flow)).status is leads_to
    assert await home.orchestrator.results(home.cast.lead, flow.flow_id) == []
    if leads_to is FlowStatus.PAUSED:
        await home.orchestrator.resume(home.cast.lead, flow.flow_id)
        assert (await home.settled(flow)).status is FlowStatus.COMPLETED
        assert body.runs == 2


@pytest.mark.parametrize(("stop", "leads_to"), [(pause_at_once, FlowStatus.PAUSED), (cancel, FlowStatus.CANCELLED)])
async def test_what_another_process_computes_for_a_stopped_body_is_discarded(
    house: Open, tmp_path: Path, stop: Stop, leads_to: FlowStatus
) -> None:
    cleaned = asyncio.Event()

    async def run(ctx: PhaseContext, given: Where) -> Computed:
        try:
            return Computed(answer=await ctx.compute(wait_for, given.folder))
        finally:
            cleaned.set()

    home = await house(toy_flow(toy_phase("only", run, takes=Where, gives=Computed), config=Where))
    flow = await home.orchestrator.create_flow(home.cast.lead, "toy", {"folder": str(tmp_path)})
    await eventually(lambda: _there(tmp_path / "begun"))
    await stop(home, flow)
    async with asyncio.timeout(10):
        await cleaned.wait()
    (tmp_path / "go").touch()
    await eventually(lambda: _there(tmp_path / "ended"))
    await home.worker.runner.refresh()
    assert (await home.settled(flow)).status is leads_to
    assert await home.orchestrator.results(home.cast.lead, flow.flow_id) == []
    assert "phase_completed" not in await home.kinds(flow)


async def _there(path: Path) -> bool:
    return path.exists()  # noqa: ASYNC240  a file of this test
