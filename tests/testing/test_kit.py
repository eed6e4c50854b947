"""The kit for people who write flow types."""

import asyncio
from datetime import timedelta

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.spec import PhaseContext
from masterflow.testing import Nothing, empty_flow, eventually, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast


async def test_flows_run_in_the_tests_own_loop(database: Database, cast: Cast) -> None:
    async with running_orchestrator(database, [empty_flow(3)]) as kit:
        flow = await kit.orchestrator.create_flow(cast.lead, "empty", {})
        assert (await kit.settled(cast.lead, flow.flow_id)).status is FlowStatus.COMPLETED
        assert kit.blocks == []


async def test_it_tells_which_phase_blocked_the_loop(database: Database, cast: Cast) -> None:
    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        end = asyncio.get_running_loop().time() + 0.12
        while asyncio.get_running_loop().time() < end:
            pass
        return Nothing()

    async with running_orchestrator(database, [toy_flow(toy_phase("busy", run))]) as kit:
        flow = await kit.orchestrator.create_flow(cast.lead, "toy", {})
        await kit.settled(cast.lead, flow.flow_id)
        assert [(block.flow_type, block.phase) for block in kit.blocks] == [("toy", "busy")]


async def test_a_body_computes_in_another_process_and_opens_its_stores(database: Database, cast: Cast) -> None:
    seen = []

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        seen.append(await ctx.compute(divmod, 7, 2))
        async with ctx.stores() as stores:
            seen.append((stores.flow_id == ctx.flow_id, stores.session.tenant))
        return Nothing()

    async with running_orchestrator(database, [toy_flow(toy_phase("only", run))]) as kit:
        flow = await kit.orchestrator.create_flow(cast.lead, "toy", {})
        await kit.settled(cast.lead, flow.flow_id)
    assert seen == [(3, 1), (True, cast.tenant)]


async def test_a_flow_that_never_settles_is_not_waited_for_ever(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masterflow.testing.kit.PATIENCE", timedelta(milliseconds=50))

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        await asyncio.Event().wait()
        return Nothing()

    async with running_orchestrator(database, [toy_flow(toy_phase("only", run))]) as kit:
        flow = await kit.orchestrator.create_flow(cast.lead, "toy", {})
        with pytest.raises(TimeoutError):
            await kit.settled(cast.lead, flow.flow_id)


async def test_a_condition_that_never_holds_is_not_waited_for_ever() -> None:
    async def never() -> bool:
        return False

    with pytest.raises(TimeoutError):
        await eventually(never, within=timedelta(milliseconds=20))
