"""One client's thousand flows do not starve another's one, whichever engine runs them."""

import asyncio

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.spec import PhaseContext
from masterflow.testing import Nothing, empty_flow, eventually, toy_flow, toy_phase
from tests.engines.conftest import Open


async def test_a_client_that_starts_many_flows_leaves_places_to_others(house: Open) -> None:
    begun, may_end = 0, asyncio.Event()

    async def hold(ctx: PhaseContext, given: Nothing) -> Nothing:
        nonlocal begun
        begun += 1
        await may_end.wait()
        return Nothing()

    home = await house(toy_flow(toy_phase("only", hold)), empty_flow(1), concurrency=4)
    crowd = await asyncio.gather(*(home.orchestrator.create_flow(home.cast.lead, "toy", {}) for _ in range(3)))
    await home.until(crowd[0], lambda _: begun == 3)
    crowd += await asyncio.gather(*(home.orchestrator.create_flow(home.cast.lead, "toy", {}) for _ in range(12)))
    theirs = await home.orchestrator.create_flow(home.cast.outsider, "empty", {})
    await home.until(crowd[0], lambda _: begun == 4)
    # All places are held. Those that come up next give way as long as the other client waits.
    may_end.set()
    done = await home.settled(theirs)
    assert done.status is FlowStatus.COMPLETED
    assert {(await home.settled(flow)).status for flow in crowd} == {FlowStatus.COMPLETED}


async def test_a_flow_that_gives_way_comes_again_and_its_history_tells_nothing(house: Open) -> None:
    held, may_end = asyncio.Event(), asyncio.Event()

    async def hold(ctx: PhaseContext, given: Nothing) -> Nothing:
        held.set()
        await may_end.wait()
        return Nothing()

    home = await house(toy_flow(toy_phase("only", hold)), empty_flow(1))
    suspects = [await home.orchestrator.create_flow(home.cast.lead, name, {}, start=False) for name in ("toy", "empty")]
    async with home.database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET losses = 2")
    for suspect in suspects:
        async with home.database.moving_together() as connection:
            await connection.execute(
                f"UPDATE {FLOWS} SET flow_status = 'running', run_epoch = 1 WHERE flow_id = $1", suspect.flow_id
            )
            await home.engine.enqueue(connection, home.segment(suspect, 1))
        home.engine.committed(home.segment(suspect, 1))
        await held.wait()

    async def gave_way() -> bool:
        async with home.database.moving() as connection:
            epoch = await connection.fetchval(f"SELECT run_epoch FROM {FLOWS} WHERE flow_id = $1", suspects[1].flow_id)
        return bool(epoch > 1)

    await eventually(gave_way)
    may_end.set()
    for suspect in suspects:
        assert (await home.settled(suspect)).status is FlowStatus.COMPLETED
    assert await home.kinds(suspects[1]) == ["flow_created", "phase_completed"]
