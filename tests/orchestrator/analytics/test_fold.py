"""Whatever is done to flows, the counters say what the master table and the histories say."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.db.session import Database
from masterflow.errors import MasterflowError, Unavailable
from masterflow.orchestrator.analytics import AnalyticsFold
from masterflow.orchestrator.analytics.recount import recount
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.types import Verdict
from masterflow.tenancy.types import Principal
from masterflow.testing import Kit, running_orchestrator
from tests.conftest import Cast
from tests.orchestrator.analytics.conftest import BreakingFold, counted, moody, truth_of

Command = Callable[[Kit, Principal, UUID, str], Awaitable[Any]]


async def decide(kit: Kit, actor: Principal, flow_id: UUID, verdict: Verdict) -> None:
    approver = replace(actor, user_id=uuid4(), email="approver@any.example")
    for gate in await kit.orchestrator.gates(actor, flow_id=flow_id):
        await kit.orchestrator.decide(approver, gate.id, verdict, reason="because")


COMMANDS: dict[str, Command] = {
    "execute": lambda kit, actor, flow, end: kit.orchestrator.execute(actor, flow),
    "pause": lambda kit, actor, flow, end: kit.orchestrator.pause(actor, flow, at_once=end == "well"),
    "resume": lambda kit, actor, flow, end: kit.orchestrator.resume(actor, flow),
    "retry": lambda kit, actor, flow, end: kit.orchestrator.retry(actor, flow, values={"end": end}),
    "back": lambda kit, actor, flow, end: kit.orchestrator.roll_back(
        actor, flow, "first", reason="anew", values={"end": end}
    ),
    "skip": lambda kit, actor, flow, end: kit.orchestrator.skip(actor, flow, reason="needless"),
    "cancel": lambda kit, actor, flow, end: kit.orchestrator.cancel(actor, flow),
    "delete": lambda kit, actor, flow, end: kit.orchestrator.delete(actor, flow),
    "restore": lambda kit, actor, flow, end: kit.orchestrator.restore(actor, flow),
    "supply": lambda kit, actor, flow, end: kit.orchestrator.supply_input(actor, flow, {"end": end}),
    "approve": lambda kit, actor, flow, end: decide(kit, actor, flow, Verdict.APPROVE),
    "reject": lambda kit, actor, flow, end: decide(kit, actor, flow, Verdict.REJECT),
}

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "create_later", "relay", "break", *COMMANDS, *["approve", "supply", "delete"] * 2]),
        st.integers(0, 3),
        st.sampled_from(["well", "well", "fails", "asks", "stumbles"]),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS)
async def test_the_counters_equal_a_recount_whatever_is_done(
    database: Database, cast: Cast, steps: list[tuple[str, int, str]]
) -> None:
    people, kinds = (cast.lead, cast.outsider), [moody(), moody("other")]
    fold = BreakingFold()
    relay = Relay(database, [fold])
    flows: list[tuple[Principal, UUID]] = []
    async with running_orchestrator(database, kinds) as kit:
        for step, which, end in steps:
            if step.startswith("create"):
                actor, kind = people[which % 2], kinds[which // 2].name
                made = await kit.orchestrator.create_flow(actor, kind, {"end": end}, start=step == "create")
                flows.append((actor, made.flow_id))
            elif step == "relay":
                await relay.run_once(limit=which + 1)
            elif step == "break":
                fold.breaks = 1
                with suppress(Unavailable):
                    await relay.run_once()
            elif flows:
                with suppress(MasterflowError):
                    await COMMANDS[step](kit, *flows[which % len(flows)], end)
            await kit.engine.idle()
    fold.breaks = 0
    while await relay.run_once():
        pass
    assert await counted(database) == await truth_of(database)
    assert (await recount(database, repair=False)).differences == ()


async def test_a_relay_that_starts_anew_counts_nothing_twice(database: Database, cast: Cast) -> None:
    async with running_orchestrator(database, [moody()]) as kit:
        flow = await kit.orchestrator.create_flow(cast.lead, "moody", {"end": "fails"})
        await kit.settled(cast.lead, flow.flow_id)
    for _ in range(3):
        await Relay(database, [AnalyticsFold()]).run_once()
    told = await counted(database)
    (counts,) = told.counts.values()
    assert counts == {"created": 1, "failed": 1}
    assert told.standings == {(cast.tenant.client_account_id, cast.tenant.engagement_id): {"moody": {"failed": 1}}}


async def test_a_phase_elsewhere_counts_its_time_only_if_somebody_measured_it(database: Database, cast: Cast) -> None:
    async with running_orchestrator(database, [moody()]) as kit:
        flow = await kit.orchestrator.register_flow(cast.lead, flow_type="moody", configuration={})
        state = kit.orchestrator.get_state_manager(cast.lead, flow.flow_id)
        await state.update_phase("first", {})
        (gate,) = await kit.orchestrator.gates(cast.lead, flow_id=flow.flow_id)
        await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE)
        await state.update_phase("second", {}, started_at=datetime.now(UTC) - timedelta(seconds=100))
    await Relay(database, [AnalyticsFold()]).run_once()
    told = await counted(database)
    (phases,), (took,) = told.phases.values(), told.phase_us.values()
    assert phases == {"second": 1}
    assert 100_000_000 <= took["second"] <= 160_000_000


async def test_the_time_of_a_phase_belongs_to_its_own_iteration(database: Database, cast: Cast) -> None:
    async with running_orchestrator(database, [moody()]) as kit:
        flow = await kit.orchestrator.register_flow(cast.lead, flow_type="moody", configuration={})
        state = kit.orchestrator.get_state_manager(cast.lead, flow.flow_id)
        for seconds in (1_000, 10):
            await state.update_phase("first", {}, started_at=datetime.now(UTC) - timedelta(seconds=seconds))
            (gate,) = await kit.orchestrator.gates(cast.lead, flow_id=flow.flow_id)
            await kit.orchestrator.decide(cast.lead, gate.id, Verdict.REJECT, reason="again")
            await kit.orchestrator.supply_input(cast.lead, flow.flow_id, {"end": "well"})
    await Relay(database, [AnalyticsFold()]).run_once()
    ((took,),) = [[*((await counted(database)).phase_us.values())]]
    assert took["first"] == pytest.approx(1_010_000_000, rel=0.05)


async def test_an_event_of_a_flow_that_is_gone_is_passed_over(database: Database, cast: Cast) -> None:
    async with running_orchestrator(database, [moody()]) as kit:
        gone = await kit.orchestrator.create_flow(cast.lead, "moody", {}, start=False)
        await kit.orchestrator.create_flow(cast.lead, "moody", {}, start=False)
    async with database.moving() as connection:
        await connection.execute("DELETE FROM crewai_flow_state_extensions WHERE flow_id = $1", gone.flow_id)
    assert await Relay(database, [AnalyticsFold()]).run_once() == 2
    assert [counts["created"] for counts in (await counted(database)).counts.values()] == [1]
