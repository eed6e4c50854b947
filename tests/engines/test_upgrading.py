"""Flows that were started under one version of their type finish under the next, whichever engine runs them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, PhaseFailed
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.types import Flow, GateStatus, Verdict
from masterflow.spec import FlowType, Gate, PhaseContext, Upgrade
from masterflow.testing import Nothing, toy_flow, toy_phase
from masterflow.worker.worker import Worker
from tests.engines.conftest import QUICK, House, Open

LIVE = 4  # of each kind: at a gate, running, paused, failed, waiting for input


class Old(BaseModel):
    count: int = 1
    ask: int | None = None


class New(BaseModel):
    amount: int = 1
    ask: int | None = None
    checked: bool


class Count(BaseModel):
    count: int


class Amount(BaseModel):
    amount: int


class Doubled(BaseModel):
    doubled: int


class Asked(BaseModel):
    ask: int


class Shown(BaseModel):
    doubled: int
    checked: bool = False


class Site:
    """One flow type in two versions, and what holds its phases."""

    def __init__(self) -> None:
        self.may_end, self.broken = asyncio.Event(), True
        self.begun = 0
        self.shown: list[tuple[int, bool]] = []

    async def double(self, ctx: PhaseContext, given: Count) -> Doubled:
        return Doubled(doubled=given.count * 2)

    async def double_amount(self, ctx: PhaseContext, given: Amount) -> Doubled:
        return Doubled(doubled=given.amount * 2)

    async def hold(self, ctx: PhaseContext, given: Nothing) -> Nothing:
        self.begun += 1
        await self.may_end.wait()
        return Nothing()

    async def fail(self, ctx: PhaseContext, given: Nothing) -> Nothing:
        if self.broken:
            raise PhaseFailed("not yet")
        return Nothing()

    async def ask(self, ctx: PhaseContext, given: Asked) -> Nothing:
        return Nothing()

    async def show(self, ctx: PhaseContext, given: Shown) -> Shown:
        self.shown.append((given.doubled, given.checked))
        return given

    def old(self, name: str) -> FlowType:
        middle = {
            "gated": toy_phase("middle", gate=Gate(asks="?")),
            "held": toy_phase("middle", self.hold),
            "failing": toy_phase("middle", self.fail),
            "asking": toy_phase("middle", self.ask, takes=Asked),
        }[name]
        doubling = toy_phase("doubling", self.double, takes=Count, gives=Doubled)
        showing = toy_phase("showing", self.show, takes=Shown, gives=Shown)
        return toy_flow(doubling, middle, showing, name=name, config=Old)

    def new(self, name: str) -> FlowType:
        """Two phases before, the middle one under another name, one more behind, and another configuration."""
        middle = {
            "gated": toy_phase("centre", gate=Gate(asks="?")),
            "held": toy_phase("centre", self.hold),
            "failing": toy_phase("centre", self.fail),
            "asking": toy_phase("centre", self.ask, takes=Asked),
        }[name]
        return toy_flow(
            toy_phase("reading"),
            toy_phase("checking"),
            toy_phase("doubling", self.double_amount, takes=Amount, gives=Doubled),
            middle,
            toy_phase("showing", self.show, takes=Shown, gives=Shown),
            toy_phase("telling"),
            name=name,
            config=New,
            version=2,
            upgrades={1: Upgrade(phases={"middle": "centre"}, configuration=to_amount)},
        )


def to_amount(old: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"amount": old["count"], "ask": old["ask"], "checked": True}


NAMES = ("gated", "held", "failing", "asking")


async def upgraded(home: House, *kinds: FlowType) -> House:
    """The same database under a newer release: its worker and orchestrator know these types instead."""
    await home.worker.stop()
    engine = type(home.engine)(home.database.urls) if home.engine.__class__.__name__ == "DbosEngine" else home.engine
    registry = FlowTypeRegistry(kinds)
    worker = Worker(home.database, registry, engine, concurrency=50, processes=1, periods=QUICK)
    orchestrator = MasterFlowOrchestrator(home.database, registry, engine)
    home.worker, home.engine, home.orchestrator = worker, engine, orchestrator
    await worker.start()
    return home


async def test_twenty_of_twenty_flows_in_every_state_finish_under_the_next_version(house: Open) -> None:
    site = Site()
    home = await house(*(site.old(name) for name in NAMES))
    people = [home.cast.lead, home.cast.outsider] * 2
    flows: dict[str, list[Flow]] = {}
    for name in NAMES:
        flows[name] = [await home.orchestrator.create_flow(who, name, {"count": 2}) for who in people]
    flows["paused"] = [await home.orchestrator.create_flow(who, "held", {"count": 2}) for who in people]
    for name in ("gated", "failing", "asking"):
        flows[name] = [await home.settled(flow) for flow in flows[name]]
    await home.until(flows["held"][0], lambda _: site.begun == 2 * LIVE)
    for who, flow in zip(people, flows["paused"], strict=True):
        await home.orchestrator.pause(who, flow.flow_id, at_once=True)
    flows["paused"] = [await home.settled(flow) for flow in flows["paused"]]
    assert [flows[name][0].status for name in ("gated", "failing", "asking", "paused")] == [
        FlowStatus.WAITING_FOR_APPROVAL,
        FlowStatus.FAILED,
        FlowStatus.WAITING_FOR_INPUT,
        FlowStatus.PAUSED,
    ]
    site.broken = False
    await upgraded(home, *(site.new(name) for name in NAMES))
    site.may_end.set()
    commands = home.orchestrator
    for index, who in enumerate(people):
        [gate] = await commands.gates(who, flow_id=flows["gated"][index].flow_id, status=GateStatus.OPEN)
        decider = home.cast.approver if who == home.cast.lead else who
        await commands.decide(decider, gate.id, Verdict.APPROVE)
        await commands.retry(who, flows["failing"][index].flow_id)
        await commands.supply_input(who, flows["asking"][index].flow_id, {"ask": 1})
        await commands.resume(who, flows["paused"][index].flow_id)
    done = [await home.settled(flow) for kind in flows.values() for flow in kind]
    assert [flow.status for flow in done].count(FlowStatus.COMPLETED) == len(done) == 20
    assert {(flow.definition_version, flow.configuration["amount"]) for flow in done} == {(2, 2)}
    assert site.shown == [(4, True)] * 20
    for flow in done:
        who = home.cast.lead if flow.tenant == home.cast.tenant else home.cast.outsider
        results = await commands.results(who, flow.flow_id)
        assert [result.phase for result in results] == ["doubling", "centre", "showing", "telling"]
        assert [result.phase_index for result in results] == [2, 3, 4, 5]
        assert (await home.kinds(flow)).count("flow_upgraded") == 1


async def test_phases_that_are_added_ahead_need_no_rule(house: Open) -> None:
    held = asyncio.Event()

    async def hold(ctx: PhaseContext, given: Nothing) -> Nothing:
        await held.wait()
        return Nothing()

    home = await house(toy_flow(toy_phase("first"), toy_phase("second", hold)))
    flow = await home.orchestrator.create_flow(home.cast.lead, "toy", {})
    await home.until(flow, lambda now: now.phase_index == 1)
    await upgraded(home, toy_flow(toy_phase("first"), toy_phase("second", hold), toy_phase("third"), version=2))
    held.set()
    flow = await home.settled(flow)
    assert (flow.status, flow.iteration) == (FlowStatus.COMPLETED, 1)
    assert [r.phase for r in await home.orchestrator.results(home.cast.lead, flow.flow_id)] == [
        "first",
        "second",
        "third",
    ]


async def test_without_a_rule_a_flow_whose_phase_is_no_more_fails_with_that_reason(house: Open) -> None:
    home = await house(toy_flow(toy_phase("first"), toy_phase("second", gate=Gate(asks="?")), toy_phase("third")))
    paused = await home.orchestrator.create_flow(home.cast.lead, "toy", {}, start=False)
    gated = await home.settled(await home.orchestrator.create_flow(home.cast.lead, "toy", {}))
    await upgraded(home, toy_flow(toy_phase("other"), toy_phase("third"), version=2))
    with pytest.raises(Conflict, match="version 2 has another phase there"):
        await home.orchestrator.execute(home.cast.lead, paused.flow_id)
    [gate] = await home.orchestrator.gates(home.cast.lead, flow_id=gated.flow_id)
    with pytest.raises(Conflict, match="version 2 has another phase there"):
        await home.orchestrator.decide(home.cast.approver, gate.id, Verdict.APPROVE)
    assert (await home.orchestrator.gate(home.cast.lead, gate.id)).status is GateStatus.OPEN


async def test_a_rule_that_does_not_work_fails_the_flow_with_its_reason(house: Open) -> None:
    def broken(old: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"amount": old["no_such_field"]}

    home = await house(toy_flow(toy_phase("first")))
    flow = await home.orchestrator.create_flow(home.cast.lead, "toy", {}, start=False)
    await upgraded(home, toy_flow(toy_phase("first"), version=2, upgrades={1: Upgrade(configuration=broken)}))
    async with home.database.moving_together() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET flow_status = 'running', run_epoch = 1")
        await home.engine.enqueue(connection, home.segment(flow, 1))
    home.engine.committed(home.segment(flow, 1))
    flow = await home.settled(flow)
    assert flow.last_error is not None
    assert (flow.status, flow.last_error.code) == (FlowStatus.FAILED, "flow.definition_changed")
    assert "no_such_field" in flow.last_error.message


async def test_an_edit_at_a_gate_of_the_old_version_counts_in_the_new_one(house: Open) -> None:
    site = Site()
    gated = toy_phase("doubling", site.double, takes=Count, gives=Doubled, gate=Gate(asks="?"))
    showing = toy_phase("showing", site.show, takes=Shown, gives=Shown)
    home = await house(toy_flow(gated, showing, config=Old))
    flow = await home.settled(await home.orchestrator.create_flow(home.cast.lead, "toy", {"count": 2}))
    await upgraded(
        home,
        toy_flow(toy_phase("reading"), gated, showing, config=Old, version=2, upgrades={1: Upgrade()}),
    )
    [gate] = await home.orchestrator.gates(home.cast.lead, flow_id=flow.flow_id)
    await home.orchestrator.decide(home.cast.approver, gate.id, Verdict.APPROVE, edited_output={"doubled": 9})
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED
    assert site.shown == [(9, False)]


async def test_a_flow_that_runs_elsewhere_is_upgraded_too(house: Open) -> None:
    home = await house(toy_flow(toy_phase("first"), toy_phase("second")))
    flow = await home.orchestrator.register_flow(home.cast.lead, flow_type="toy", configuration={})
    await home.orchestrator.get_state_manager(home.cast.lead, flow.flow_id).update_phase("first", {})
    later = toy_flow(
        toy_phase("zeroth"),
        toy_phase("first"),
        toy_phase("last"),
        version=2,
        upgrades={1: Upgrade(phases={"second": "last"})},
    )
    await upgraded(home, later)
    state = home.orchestrator.get_state_manager(home.cast.lead, flow.flow_id)
    done = await state.update_phase("last", {})
    assert (done.status, done.phase_index, done.definition_version) == (FlowStatus.COMPLETED, 3, 2)


async def test_a_worker_of_an_older_release_does_not_touch_what_has_gone_on(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only")))
    flow = await home.orchestrator.create_flow(home.cast.lead, "toy", {}, start=False)
    async with home.database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET definition_version = 7")
    with pytest.raises(Conflict, match="version 7 of 'toy'; here is version 1"):
        await home.orchestrator.execute(home.cast.lead, flow.flow_id)
    async with home.database.moving_together() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET flow_status = 'running', run_epoch = 1")
        await home.engine.enqueue(connection, home.segment(flow, 1))
    home.engine.committed(home.segment(flow, 1))
    flow = await home.until(flow, lambda now: now.last_error is not None)
    assert flow.last_error is not None
    assert (flow.status, flow.phase_index) == (FlowStatus.RUNNING, 0)
    assert "gone on under version 7" in flow.last_error.message
