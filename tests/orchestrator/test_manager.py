"""The orchestrator for one verified person."""

import inspect

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, InvalidInput, NotFound
from masterflow.orchestrator import MasterFlowOrchestrator, MultiTenantFlowManager
from masterflow.orchestrator.types import Verdict
from masterflow.spec import Gate
from masterflow.testing import make_orchestrator, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast

INSIDE = {"create_within", "committed"}  # for parts of the orchestrator that share its transaction


def public(cls: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(member)
        for name, member in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_")
    }


def test_every_command_is_there_with_the_same_arguments_but_the_actor() -> None:
    bound, unbound = public(MultiTenantFlowManager), public(MasterFlowOrchestrator)
    assert set(bound) == set(unbound) - INSIDE
    for name, signature in unbound.items():
        if name in INSIDE:
            continue
        expected = [parameter for parameter in signature.parameters if parameter not in ("actor", "edited")]
        given = [parameter for parameter in bound[name].parameters if parameter != "workbook"]
        assert given == expected, name


async def test_a_bound_orchestrator_moves_the_flows_of_its_tenant_only(database: Database, cast: Cast) -> None:
    kinds = [toy_flow(toy_phase("first", gate=Gate(asks="?")), toy_phase("last"))]
    async with running_orchestrator(database, kinds) as kit:
        lead, approver, outsider = (
            MultiTenantFlowManager(kit.orchestrator, person) for person in (cast.lead, cast.approver, cast.outsider)
        )
        flow = await lead.create_flow("toy", {}, start=False)
        await lead.execute(flow.flow_id)
        await kit.settled(cast.lead, flow.flow_id)
        [gate] = await lead.gates()
        assert await lead.gate(gate.id) == gate
        await approver.decide(gate.id, Verdict.APPROVE)
        done = await kit.settled(cast.lead, flow.flow_id)
        assert done.status is FlowStatus.COMPLETED
        assert [(one.flow_id, one.status) for one in (await lead.list()).flows] == [(done.flow_id, done.status)]
        assert len(await lead.history(flow.flow_id)) == done.version
        assert len(await lead.results(flow.flow_id)) == 2
        assert (await outsider.list()).flows == ()
        with pytest.raises(NotFound):
            await outsider.get(flow.flow_id)
        assert (await lead.delete(flow.flow_id)).deleted_at is not None
        assert (await lead.restore(flow.flow_id)).deleted_at is None
        assert (await lead.redo(flow.flow_id, "last")).reused == ("first",)
        rolled = await lead.roll_back(flow.flow_id, "last", reason="look again")
        assert (rolled.status, rolled.iteration) == (FlowStatus.RUNNING, 2)
        with pytest.raises(Conflict, match="cannot skip its phase"):
            await lead.skip((await kit.settled(cast.lead, flow.flow_id)).flow_id, reason="no need")


async def test_the_other_commands_reach_the_orchestrator_too(database: Database, cast: Cast) -> None:
    async with running_orchestrator(database, [toy_flow(toy_phase("only"))]) as kit:
        lead = MultiTenantFlowManager(kit.orchestrator, cast.lead)
        elsewhere = await lead.register_flow(flow_type="toy", configuration={})
        assert (await lead.pause(elsewhere.flow_id)).status is FlowStatus.PAUSED
        assert (await lead.resume(elsewhere.flow_id)).status is FlowStatus.RUNNING
        state = lead.get_state_manager(elsewhere.flow_id)
        with pytest.raises(ZeroDivisionError):
            await state.guard(_broken)
        assert (await lead.retry(elsewhere.flow_id)).status is FlowStatus.RUNNING
        assert (await lead.cancel(elsewhere.flow_id)).status is FlowStatus.CANCELLED


async def test_input_and_workbooks_reach_the_orchestrator_too(database: Database, cast: Cast) -> None:
    async with running_orchestrator(database, [toy_flow(toy_phase("only", gate=Gate(asks="?")))]) as kit:
        lead = MultiTenantFlowManager(kit.orchestrator, cast.lead)
        flow = await lead.create_flow("toy", {})
        await kit.settled(cast.lead, flow.flow_id)
        [gate] = await lead.gates()
        for ask in (lead.export_gate(gate.id), lead.read_edited_gate(gate.id, b"")):
            with pytest.raises(InvalidInput, match="has no table form"):
                await ask
        await lead.decide(gate.id, Verdict.REJECT, reason="no")
        assert (await lead.supply_input(flow.flow_id, {})).status is FlowStatus.RUNNING


async def test_errors_are_handled_for_an_actor_too(database: Database, cast: Cast) -> None:
    orchestrator = make_orchestrator(database, [toy_flow(toy_phase("only"))])
    flow = await orchestrator.register_flow(cast.lead, flow_type="toy", configuration={})

    async def execute_phase(flow_id: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await orchestrator.handle_errors(cast.lead, execute_phase)(str(flow.flow_id))
    assert (await orchestrator.get(cast.lead, flow.flow_id)).status is FlowStatus.FAILED


async def _broken() -> None:
    raise ZeroDivisionError
