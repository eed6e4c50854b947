"""A flow that waits for a person holds nothing in the engine: weeks of waiting cost no process and no queue row."""

import pytest

from masterflow.db.status import FlowStatus
from masterflow.errors import InputMissing, MissingInput
from masterflow.spec import Gate, PhaseContext
from masterflow.tenancy.roles import Role
from masterflow.testing import Nothing, eventually, toy_flow, toy_phase
from tests.engines.conftest import House, Open, engine_memory

GATED = toy_flow(toy_phase("proposal", gate=Gate(asks="Right?", approver_roles=(Role.APPROVER,))), name="gated")


async def misses(ctx: PhaseContext, given: Nothing) -> Nothing:
    raise InputMissing([MissingInput("centre", "which one is left?")])


async def holds_nothing(home: House, flow) -> bool:
    async def look() -> bool:
        return await engine_memory(home, flow.flow_id) == []

    return await eventually(look)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (GATED, FlowStatus.WAITING_FOR_APPROVAL),
        (toy_flow(toy_phase("asking", misses), name="asking"), FlowStatus.WAITING_FOR_INPUT),
        (toy_flow(toy_phase("only"), name="ended"), FlowStatus.COMPLETED),
    ],
    ids=lambda value: str(getattr(value, "name", value)),
)
async def test_a_flow_that_waits_or_ended_holds_no_live_engine_row(house: Open, kind, status: FlowStatus) -> None:
    home = await house(kind)
    flow = await home.settled(await home.orchestrator.create_flow(home.cast.lead, kind.name, {}))
    assert flow.status is status
    assert await holds_nothing(home, flow)


async def test_a_cancelled_flow_holds_none_either(house: Open) -> None:
    home = await house(GATED)
    flow = await home.settled(await home.orchestrator.create_flow(home.cast.lead, "gated", {}))
    await home.orchestrator.cancel(home.cast.lead, flow.flow_id)
    assert await holds_nothing(home, flow)
