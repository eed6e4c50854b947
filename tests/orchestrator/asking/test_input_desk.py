"""Reading and answering what a flow waits for, against the database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, Field

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, InputRejected, NotAllowed, NotFound, VersionConflict
from masterflow.orchestrator import MultiTenantFlowManager
from masterflow.orchestrator.types import Verdict
from masterflow.spec import Gate, PhaseContext
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Tenant
from masterflow.testing import Kit, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast


class Config(BaseModel):
    servers: int | None = Field(None, ge=1, description="How many move")
    note: str | None = None


class Needed(BaseModel):
    servers: int


async def same(ctx: PhaseContext, given: Needed) -> Needed:
    return Needed(servers=given.servers)


@pytest.fixture
async def kit(database: Database) -> AsyncIterator[Kit]:
    kinds = [
        toy_flow(toy_phase("count", same, takes=Needed, gives=Needed), config=Config),
        toy_flow(toy_phase("only", gate=Gate(asks="?")), name="gated"),
    ]
    async with running_orchestrator(database, kinds) as kit:
        yield kit


@pytest.fixture
async def flow_id(kit: Kit, cast: Cast) -> UUID:
    """A flow that waits for its number of servers."""
    flow = await kit.orchestrator.create_flow(cast.lead, "toy", {"note": "kept"})
    await kit.settled(cast.lead, flow.flow_id)
    return flow.flow_id


async def test_a_flow_says_what_it_waits_for_and_takes_it(kit: Kit, cast: Cast, flow_id: UUID) -> None:
    lead = MultiTenantFlowManager(kit.orchestrator, cast.lead)
    asked = await lead.asked_input(flow_id)
    [field] = asked.fields
    assert (field.field, field.question, field.required, asked.also) == ("servers", "How many move", True, ("note",))
    book = await lead.input_template(flow_id)
    assert await lead.read_input(flow_id, "a.xlsx", book) == {}
    values = await lead.read_input(flow_id, "a.csv", b"field,value\nservers,4\n")
    flow = await lead.supply_input(flow_id, values)
    assert flow.configuration == {"servers": 4, "note": "kept"}
    assert (await kit.settled(cast.lead, flow_id)).status is FlowStatus.COMPLETED
    assert not (await lead.asked_input(flow_id)).waits


async def test_another_client_and_another_engagement_read_and_answer_nothing(
    kit: Kit, cast: Cast, flow_id: UUID
) -> None:
    neighbour = replace(cast.lead, tenant=Tenant(cast.tenant.client_account_id, uuid4()))
    for stranger in (cast.outsider, neighbour):
        for ask in (
            kit.orchestrator.asked_input(stranger, flow_id),
            kit.orchestrator.input_template(stranger, flow_id),
            kit.orchestrator.read_input(stranger, flow_id, "a.csv", b""),
            kit.orchestrator.supply_input(stranger, flow_id, {"servers": 1}),
        ):
            with pytest.raises(NotFound, match="There is no such flow"):
                await ask
    assert (await kit.orchestrator.get(cast.lead, flow_id)).status is FlowStatus.WAITING_FOR_INPUT


async def test_an_answer_that_is_refused_changes_nothing(kit: Kit, cast: Cast, flow_id: UUID) -> None:
    before = await kit.orchestrator.get(cast.lead, flow_id)
    for values in ({}, {"servers": 0}, {"servers": 2, "nope": 1}, {"note": "new"}):
        with pytest.raises(InputRejected):
            await kit.orchestrator.supply_input(cast.lead, flow_id, values)
    assert await kit.orchestrator.get(cast.lead, flow_id) == before


async def test_who_may_only_look_may_not_answer(kit: Kit, cast: Cast, flow_id: UUID) -> None:
    viewer = replace(cast.lead, roles=frozenset({Role.VIEWER}))
    assert (await kit.orchestrator.asked_input(viewer, flow_id)).waits
    with pytest.raises(NotAllowed):
        await kit.orchestrator.read_input(viewer, flow_id, "a.csv", b"")
    with pytest.raises(NotAllowed):
        await kit.orchestrator.supply_input(viewer, flow_id, {"servers": 1})


async def test_an_answer_to_an_older_version_or_a_second_one_is_refused(kit: Kit, cast: Cast, flow_id: UUID) -> None:
    with pytest.raises(VersionConflict):
        await kit.orchestrator.supply_input(cast.lead, flow_id, {"servers": 1}, expected_version=1)
    await kit.orchestrator.supply_input(cast.lead, flow_id, {"servers": 1})
    await kit.settled(cast.lead, flow_id)
    with pytest.raises(Conflict, match="cannot take input"):
        await kit.orchestrator.supply_input(cast.lead, flow_id, {"servers": 1})


async def test_after_a_rejection_there_is_nothing_to_fill_in_and_the_phase_runs_again(kit: Kit, cast: Cast) -> None:
    flow = await kit.orchestrator.create_flow(cast.lead, "gated", {})
    await kit.settled(cast.lead, flow.flow_id)
    [gate] = await kit.orchestrator.gates(cast.lead)
    await kit.orchestrator.decide(cast.approver, gate.id, Verdict.REJECT, reason="no")
    asked = await kit.orchestrator.asked_input(cast.lead, flow.flow_id)
    assert (asked.waits, asked.code, asked.fields, asked.schema["properties"]) == (True, "gate.rejected", (), {})
    assert "nothing to fill in" in (asked.hint or "")
    await kit.orchestrator.supply_input(cast.lead, flow.flow_id, {})
    await kit.settled(cast.lead, flow.flow_id)
    [again] = await kit.orchestrator.gates(cast.lead)
    assert again.id != gate.id
