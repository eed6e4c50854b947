"""What every engine has to do, whichever it is."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pydantic import BaseModel

from masterflow.db.status import FlowStatus
from masterflow.db.tables.tenancy import engagements
from masterflow.errors import (
    Conflict,
    InputMissing,
    InvalidInput,
    MissingInput,
    NotFound,
    PhaseFailed,
    PhaseWaiting,
    Unavailable,
)
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.types import Flow, GateStatus, Verdict
from masterflow.spec import Gate, PhaseContext, Problem, Stores
from masterflow.spec.phase import RetryPolicies, RetryPolicy
from masterflow.testing import Nothing, empty_flow, eventually, toy_flow, toy_phase
from tests.engines.conftest import House, Open, engine_memory

SOON = RetryPolicies(transient=RetryPolicy(attempts=3, first_delay=timedelta(milliseconds=10)))


class Count(BaseModel):
    count: int


class Doubled(BaseModel):
    doubled: int


class Config(BaseModel):
    count: int | None = None


async def double(ctx: PhaseContext, given: Count) -> Doubled:
    return Doubled(doubled=given.count * 2)


async def put_back(ctx: PhaseContext, given: Doubled) -> Count:
    return Count(count=given.doubled)


DOUBLING = toy_phase("doubling", double, takes=Count, gives=Doubled)


def raising(*errors: Exception, then: Callable[[PhaseContext, Any], Awaitable[Any]] | None = None):
    """A body that raises these errors, one each time, and then succeeds."""
    left = list(errors)
    attempts: list[int] = []

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        attempts.append(ctx.attempt)
        if left:
            raise left.pop(0)
        return Nothing()

    return run, attempts


class Held:
    """A body that tells when it began and goes on when told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun, self.may_end, self.stopped = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.runs = 0
        self.error = error

    async def __call__(self, ctx: PhaseContext, given: Nothing) -> Nothing:
        self.runs += 1
        self.begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.stopped.set()
            raise
        if self.error:
            raise self.error
        return Nothing()


async def create(house: House, name: str = "toy", config: dict[str, Any] | None = None, **more: Any) -> Flow:
    return await house.orchestrator.create_flow(house.cast.lead, name, config or {}, **more)


async def the_gate(house: House, flow: Flow, status: GateStatus = GateStatus.OPEN):
    [gate] = await house.orchestrator.gates(house.cast.lead, flow_id=flow.flow_id, status=status)
    return gate


async def test_a_flow_runs_through_its_phases(house: Open) -> None:
    home = await house(toy_flow(DOUBLING, toy_phase("back", put_back, takes=Doubled, gives=Count), config=Config))
    flow = await home.settled(await create(home, config={"count": 4}))
    assert (flow.status, flow.phase_index, flow.current_phase, flow.last_error) == (FlowStatus.COMPLETED, 2, None, None)
    assert [result.output for result in await home.orchestrator.results(home.cast.lead, flow.flow_id)] == [
        {"doubled": 8},
        {"count": 8},
    ]
    assert await home.kinds(flow) == ["flow_created", "phase_completed", "phase_completed"]
    assert flow.version == 3
    assert flow.memory_usage_metrics["worker_peak_rss_mib"] > 0


async def test_an_approved_gate_lets_the_flow_go_on(house: Open) -> None:
    home = await house(toy_flow(toy_phase("first", gate=Gate(asks="Right?")), toy_phase("second")))
    flow = await home.settled(await create(home))
    assert (flow.status, flow.current_phase) == (FlowStatus.WAITING_FOR_APPROVAL, "first")
    gate = await the_gate(home, flow)
    await home.orchestrator.decide(home.cast.approver, gate.id, Verdict.APPROVE, content_hash=gate.content_hash)
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED
    decided = await the_gate(home, flow, GateStatus.APPROVED)
    assert decided.decided_by == home.cast.approver.email
    assert await home.kinds(flow) == ["flow_created", "phase_completed", "gate_approved", "phase_completed"]


async def test_the_approval_of_the_last_gate_completes_the_flow(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", gate=Gate(asks="Right?"))))
    flow = await home.settled(await create(home))
    await home.orchestrator.decide(home.cast.approver, (await the_gate(home, flow)).id, Verdict.APPROVE)
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED
    assert await home.kinds(flow) == ["flow_created", "phase_completed", "gate_approved", "flow_completed"]


async def test_a_gate_that_has_nothing_to_ask_is_not_opened_and_its_phase_publishes_at_once(house: Open) -> None:
    published: list[int] = []

    async def publish(stores: Stores, output: Doubled) -> None:
        published.append(output.doubled)

    gate = Gate(asks="So much?", needed=lambda output: output.doubled > 10)
    phase = toy_phase("doubling", double, takes=Count, gives=Doubled, gate=gate, publish=publish)
    home = await house(toy_flow(phase, config=Config))
    small = await home.settled(await create(home, config={"count": 5}))
    assert (small.status, published) == (FlowStatus.COMPLETED, [10])
    large = await home.settled(await create(home, config={"count": 6}))
    assert (large.status, published) == (FlowStatus.WAITING_FOR_APPROVAL, [10])


async def test_a_rejected_gate_sends_the_flow_back_to_the_phase_it_names(house: Open) -> None:
    run, attempts = raising()
    home = await house(
        toy_flow(toy_phase("first", run), toy_phase("second", gate=Gate(asks="Right?", rejects_to="first")))
    )
    flow = await home.settled(await create(home))
    gate = await the_gate(home, flow)
    await home.orchestrator.decide(home.cast.approver, gate.id, Verdict.REJECT, reason="look again")
    flow = await home.settled(flow)
    assert (flow.status, flow.iteration, attempts) == (FlowStatus.WAITING_FOR_APPROVAL, 2, [1, 1])
    assert (await the_gate(home, flow)).id != gate.id
    assert "gate_rejected" in await home.kinds(flow)


async def test_a_rejected_gate_without_a_way_back_waits_for_input(house: Open) -> None:
    home = await house(
        toy_flow(toy_phase("only", double, takes=Count, gives=Doubled, gate=Gate(asks="?")), config=Config)
    )
    flow = await home.settled(await create(home, config={"count": 1}))
    gate = await the_gate(home, flow)
    await home.orchestrator.decide(home.cast.approver, gate.id, Verdict.REJECT, reason="too small")
    flow = await home.settled(flow)
    assert flow.status is FlowStatus.WAITING_FOR_INPUT
    assert flow.last_error is not None
    assert "too small" in flow.last_error.message
    await home.orchestrator.supply_input(home.cast.lead, flow.flow_id, {"count": 5})
    flow = await home.settled(flow)
    assert (await the_gate(home, flow)).output == {"doubled": 10}


async def test_an_edited_output_replaces_the_computed_one(house: Open) -> None:
    back = toy_phase("back", put_back, takes=Doubled, gives=Count)
    gated = toy_phase("doubling", double, takes=Count, gives=Doubled, gate=Gate(asks="Right?"))
    home = await house(toy_flow(gated, back, config=Config))
    flow = await home.settled(await create(home, config={"count": 4}))
    gate = await the_gate(home, flow)
    await home.orchestrator.decide(home.cast.approver, gate.id, Verdict.APPROVE, edited_output={"doubled": 9})
    flow = await home.settled(flow)
    results = await home.orchestrator.results(home.cast.lead, flow.flow_id)
    assert [(result.output, result.edited) for result in results] == [({"doubled": 9}, True), ({"count": 9}, False)]


async def test_a_missing_field_is_asked_for_by_name(house: Open) -> None:
    home = await house(toy_flow(DOUBLING, config=Config))
    flow = await home.settled(await create(home))
    assert flow.status is FlowStatus.WAITING_FOR_INPUT
    assert flow.last_error is not None
    assert [missing["field"] for missing in flow.last_error.missing] == ["count"]
    await home.orchestrator.supply_input(home.cast.lead, flow.flow_id, {"count": 3})
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED


async def test_a_body_can_ask_for_input_too(house: Open) -> None:
    run, _ = raising(InputMissing([MissingInput("columns", "two columns are called 'name'")]))
    home = await house(toy_flow(toy_phase("only", run)))
    flow = await home.settled(await create(home))
    assert flow.status is FlowStatus.WAITING_FOR_INPUT
    await home.orchestrator.supply_input(home.cast.lead, flow.flow_id, {})
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED


async def test_a_pause_is_honoured_at_the_phase_boundary(house: Open) -> None:
    held = Held()
    home = await house(toy_flow(toy_phase("first", held), toy_phase("second")))
    flow = await create(home)
    await held.begun.wait()
    asked = await home.orchestrator.pause(home.cast.lead, flow.flow_id)
    assert (asked.status, asked.pause_requested) == (FlowStatus.RUNNING, True)
    held.may_end.set()
    paused = await home.settled(flow)
    assert (paused.status, paused.phase_index, paused.pause_requested) == (FlowStatus.PAUSED, 1, False)
    await home.orchestrator.resume(home.cast.lead, flow.flow_id)
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED


async def test_a_pause_is_honoured_at_a_checkpoint(house: Open) -> None:
    begun, runs = asyncio.Event(), []

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        runs.append(ctx.attempt)
        begun.set()
        while len(runs) == 1:
            await ctx.checkpoint()
        return Nothing()

    home = await house(toy_flow(toy_phase("only", run)))
    flow = await create(home)
    await begun.wait()
    await home.orchestrator.pause(home.cast.lead, flow.flow_id)
    paused = await home.settled(flow)
    assert (paused.status, paused.phase_index) == (FlowStatus.PAUSED, 0)
    await home.orchestrator.resume(home.cast.lead, flow.flow_id)
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED
    assert runs == [1, 1]


async def test_a_pause_asked_for_before_a_gate_opens_is_honoured_after_the_decision(house: Open) -> None:
    held = Held()
    home = await house(toy_flow(toy_phase("first", held, gate=Gate(asks="?")), toy_phase("second")))
    flow = await create(home)
    await held.begun.wait()
    await home.orchestrator.pause(home.cast.lead, flow.flow_id)
    held.may_end.set()
    flow = await home.settled(flow)
    assert (flow.status, flow.pause_requested) == (FlowStatus.WAITING_FOR_APPROVAL, True)
    with pytest.raises(Conflict, match="The flow is waiting for approval, so it cannot pause"):
        await home.orchestrator.pause(home.cast.lead, flow.flow_id)
    await home.orchestrator.decide(home.cast.approver, (await the_gate(home, flow)).id, Verdict.APPROVE)
    flow = await home.settled(flow)
    assert (flow.status, flow.phase_index) == (FlowStatus.PAUSED, 1)
    await home.orchestrator.resume(home.cast.lead, flow.flow_id)
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED


async def test_a_pause_of_a_flow_that_will_be_tried_again_stops_it_before_its_rest(house: Open) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        begun.set()
        await may_end.wait()
        raise Unavailable("away")

    home = await house(
        toy_flow(toy_phase("only", run, retry=RetryPolicies(transient=RetryPolicy(first_delay=timedelta(hours=1)))))
    )
    flow = await create(home)
    await begun.wait()
    await home.orchestrator.pause(home.cast.lead, flow.flow_id)
    may_end.set()
    assert (await home.settled(flow)).status is FlowStatus.PAUSED
    assert await engine_memory(home, flow.flow_id) in ([], ["PENDING"])


async def test_optional_phases_can_be_skipped(house: Open) -> None:
    ran: list[str] = []

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        ran.append(ctx.phase)
        return Nothing()

    home = await house(toy_flow(toy_phase("extra", run, optional=True), toy_phase("last", run)))
    flow = await create(home, start=False)
    with pytest.raises(InvalidInput, match="Skipping extra needs a reason"):
        await home.orchestrator.execute(home.cast.lead, flow.flow_id, phase="last")
    await home.orchestrator.execute(home.cast.lead, flow.flow_id, phase="last", reason="no time")
    flow = await home.settled(flow)
    assert (flow.status, ran) == (FlowStatus.COMPLETED, ["last"])
    started = (await home.orchestrator.history(home.cast.lead, flow.flow_id))[1]
    assert (started.kind, started.reason, started.data["skipped"]) == ("flow_started", "no time", ["extra"])


async def test_a_pause_at_once_stops_the_body(house: Open) -> None:
    held = Held()
    home = await house(toy_flow(toy_phase("only", held)))
    flow = await create(home)
    await held.begun.wait()
    paused = await home.orchestrator.pause(home.cast.lead, flow.flow_id, at_once=True)
    assert paused.status is FlowStatus.PAUSED
    await asyncio.wait_for(held.stopped.wait(), 10)


async def test_a_cancel_reaches_a_running_body(house: Open) -> None:
    held = Held()
    home = await house(toy_flow(toy_phase("only", held)))
    flow = await create(home)
    await held.begun.wait()
    await home.orchestrator.cancel(home.cast.lead, flow.flow_id, reason="not needed")
    await asyncio.wait_for(held.stopped.wait(), 10)
    assert (await home.settled(flow)).status is FlowStatus.CANCELLED
    assert await home.orchestrator.results(home.cast.lead, flow.flow_id) == []


@pytest.mark.parametrize("error", [PhaseFailed("busy", permanent=False), Unavailable("away"), OSError("broken pipe")])
async def test_what_fails_for_the_moment_is_tried_again(house: Open, error: Exception) -> None:
    run, attempts = raising(error, error)
    home = await house(toy_flow(toy_phase("only", run, retry=SOON)))
    flow = await home.settled(await create(home))
    assert (flow.status, flow.attempts, attempts) == (FlowStatus.COMPLETED, 0, [1, 2, 3])
    assert await home.kinds(flow) == ["flow_created", "phase_retried", "phase_retried", "phase_completed"]


async def test_attempts_are_used_up_in_the_end(house: Open) -> None:
    run, attempts = raising(*[Unavailable("away")] * 3)
    home = await house(toy_flow(toy_phase("only", run, retry=SOON)))
    flow = await home.settled(await create(home))
    assert (flow.status, attempts) == (FlowStatus.FAILED, [1, 2, 3])
    assert flow.last_error is not None
    assert (flow.last_error.message, flow.last_error.attempt, flow.last_error.permanent) == ("away", 3, False)
    await home.orchestrator.retry(home.cast.lead, flow.flow_id)
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED


async def test_a_permanent_failure_is_not_tried_again(house: Open) -> None:
    run, attempts = raising(PhaseFailed("row 7 has no name", hint="Correct the file."))
    home = await house(toy_flow(toy_phase("only", run, retry=SOON)))
    flow = await home.settled(await create(home))
    assert (flow.status, attempts) == (FlowStatus.FAILED, [1])
    assert flow.last_error is not None
    assert (flow.last_error.message, flow.last_error.hint, flow.last_error.phase) == (
        "row 7 has no name",
        "Correct the file.",
        "only",
    )


async def test_a_bug_fails_the_flow_with_a_reference(house: Open, caplog: pytest.LogCaptureFixture) -> None:
    run, _ = raising(ZeroDivisionError("secret details"))
    home = await house(toy_flow(toy_phase("only", run)))
    flow = await home.settled(await create(home))
    assert flow.status is FlowStatus.FAILED
    assert flow.last_error is not None
    assert flow.last_error.code == "phase.bug"
    assert "reference" in flow.last_error.message
    assert "secret details" not in flow.last_error.message


async def test_a_failed_check_fails_the_phase(house: Open) -> None:
    checked = toy_phase(
        "doubling", double, takes=Count, gives=Doubled, checks=[lambda out: [Problem("odd", f"{out.doubled} is even")]]
    )
    home = await house(toy_flow(checked, config=Config))
    flow = await home.settled(await create(home, config={"count": 2}))
    assert flow.status is FlowStatus.FAILED
    assert flow.last_error is not None
    assert "4 is even" in flow.last_error.message


async def test_a_phase_that_gives_another_type_fails(house: Open) -> None:
    async def run(ctx: PhaseContext, given: Nothing) -> Any:
        return Count(count=1)

    home = await house(toy_flow(toy_phase("only", run, gives=Doubled)))
    flow = await home.settled(await create(home))
    assert flow.last_error is not None
    assert flow.last_error.code == "phase.bug"


async def test_a_phase_that_waits_runs_again_at_its_moment(house: Open) -> None:
    run, attempts = raising(PhaseWaiting("the file is still being read", until=datetime.now(UTC)))
    home = await house(toy_flow(toy_phase("only", run)))
    flow = await home.settled(await create(home))
    assert (flow.status, attempts) == (FlowStatus.COMPLETED, [1, 1])
    assert await home.kinds(flow) == ["flow_created", "phase_waits", "phase_completed"]


async def test_a_flow_that_waits_for_a_moment_can_be_paused_and_cancelled_at_once(house: Open) -> None:
    run, _ = raising(PhaseWaiting("tomorrow", until=datetime.now(UTC) + timedelta(days=1)))
    home = await house(toy_flow(toy_phase("only", run)))
    flow = await home.until(await create(home), lambda now: now.version == 2)
    assert flow.status is FlowStatus.RUNNING
    await eventually(lambda: _has_memory(home, flow, ["DELAYED"], ["queued"]))
    paused = await home.orchestrator.pause(home.cast.lead, flow.flow_id)
    assert paused.status is FlowStatus.PAUSED
    assert await engine_memory(home, flow.flow_id) == []
    assert (await home.orchestrator.cancel(home.cast.lead, flow.flow_id)).status is FlowStatus.CANCELLED


async def _has_memory(home: House, flow: Flow, *either: list[str]) -> bool:
    return await engine_memory(home, flow.flow_id) in either


async def test_a_phase_over_its_time_limit_is_stopped(house: Open) -> None:
    held = Held()
    home = await house(
        toy_flow(
            toy_phase(
                "only",
                held,
                time_limit=timedelta(milliseconds=50),
                retry=RetryPolicies(transient=RetryPolicy(attempts=1)),
            )
        )
    )
    flow = await home.settled(await create(home))
    assert flow.status is FlowStatus.FAILED
    assert held.stopped.is_set()
    assert flow.last_error is not None
    assert "time limit" in flow.last_error.message


def publishing(name: str, *, fails: bool = False):
    async def publish(stores: Stores, output: Nothing) -> None:
        row = {**stores.session.stamp(engagements), "name": name}
        await stores.session.execute(sa.insert(engagements), [row])
        if fails:
            raise PhaseFailed("the store refuses")

    return publish


async def names(home: House) -> set[str]:
    async with home.database.transaction(home.cast.tenant) as session:
        return set((await session.execute(sa.select(engagements.c.name))).scalars()) - {"programme"}


async def test_what_a_phase_publishes_commits_with_its_end(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", publish=publishing("published"))))
    flow = await home.settled(await create(home))
    assert flow.status is FlowStatus.COMPLETED
    assert await names(home) == {"published"}


async def test_a_publication_that_fails_leaves_nothing_behind(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", publish=publishing("half", fails=True))))
    flow = await home.settled(await create(home))
    assert (flow.status, flow.phase_index) == (FlowStatus.FAILED, 0)
    assert await names(home) == set()
    assert await home.orchestrator.results(home.cast.lead, flow.flow_id) == []


async def test_what_is_gated_is_published_with_the_approval(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", gate=Gate(asks="?"), publish=publishing("approved"))))
    flow = await home.settled(await create(home))
    assert await names(home) == set()
    await home.orchestrator.decide(home.cast.approver, (await the_gate(home, flow)).id, Verdict.APPROVE)
    assert await names(home) == {"approved"}


async def test_an_approval_whose_publication_fails_is_no_approval(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", gate=Gate(asks="?"), publish=publishing("half", fails=True))))
    flow = await home.settled(await create(home))
    gate = await the_gate(home, flow)
    with pytest.raises(PhaseFailed):
        await home.orchestrator.decide(home.cast.approver, gate.id, Verdict.APPROVE)
    assert (await home.settled(flow)).status is FlowStatus.WAITING_FOR_APPROVAL
    assert (await the_gate(home, flow)).id == gate.id
    assert await names(home) == set()


ENDINGS = [None, ZeroDivisionError(), PhaseFailed("no"), Unavailable("away"), InputMissing([MissingInput("a", "b")])]


@pytest.mark.parametrize("error", ENDINGS, ids=lambda error: type(error).__name__)
async def test_an_execution_that_lost_the_row_writes_nothing(house: Open, error: Exception | None) -> None:
    held = Held(error)
    home = await house(toy_flow(toy_phase("only", held, publish=publishing("stale"))))
    stop_looking(home)
    flow = await create(home)
    await held.begun.wait()
    async with home.database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET run_token = $2 WHERE flow_id = $1", flow.flow_id, uuid4())
        held.may_end.set()
        await eventually(lambda: _idle(home))
        assert await connection.fetchval("SELECT count(*) FROM phase_results WHERE flow_id = $1", flow.flow_id) == 0
        assert await connection.fetchval("SELECT count(*) FROM flow_events WHERE flow_id = $1", flow.flow_id) == 1
        assert await connection.fetchval(f"SELECT phase_index FROM {FLOWS} WHERE flow_id = $1", flow.flow_id) == 0
    assert await names(home) == set()


def stop_looking(home: House) -> None:
    """Let the worker not notice what it lost, so that only the fences hold."""
    for task in home.worker._tasks:
        task.cancel()


async def _idle(home: House) -> bool:
    return home.worker.runner.busy == 0


async def test_a_segment_delivered_twice_commits_each_phase_once(house: Open) -> None:
    held = Held()
    home = await house(toy_flow(toy_phase("first", held), toy_phase("second")))
    flow = await create(home)
    await held.begun.wait()
    twin = asyncio.create_task(home.worker.runner.run(Segment(flow.flow_id, 1)))
    await eventually(lambda: _runs(held, 2))
    held.may_end.set()
    await twin
    flow = await home.settled(flow)
    await eventually(lambda: _idle(home))
    assert flow.status is FlowStatus.COMPLETED
    assert await home.kinds(flow) == ["flow_created", "phase_completed", "phase_completed"]


async def _runs(held: Held, runs: int) -> bool:
    return held.runs == runs


async def test_a_segment_of_an_older_epoch_is_void(house: Open) -> None:
    home = await house(empty_flow(1))
    flow = await home.settled(await create(home, "empty"))
    elsewhere = await home.orchestrator.register_flow(home.cast.lead, flow_type="empty", configuration={})
    for segment in (Segment(flow.flow_id, 1), Segment(flow.flow_id, 0), Segment(elsewhere.flow_id, 0)):
        await home.worker.runner.run(segment)
    assert await home.kinds(flow) == ["flow_created", "phase_completed"]
    assert await home.kinds(elsewhere) == ["flow_registered"]
    async with home.database.moving() as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {FLOWS} WHERE run_token IS NOT NULL") == 0


async def test_a_segment_of_an_older_epoch_does_not_take_a_running_flow_away(house: Open) -> None:
    held = Held()
    home = await house(toy_flow(toy_phase("only", held)))
    flow = await create(home)
    await held.begun.wait()
    await home.worker.runner.run(Segment(flow.flow_id, 0))
    held.may_end.set()
    assert (await home.settled(flow)).status is FlowStatus.COMPLETED
    assert held.runs == 1


async def test_two_tenants_in_one_batch_both_arrive_and_see_only_their_own(house: Open) -> None:
    home = await house(empty_flow(3))
    actors = [home.cast.lead, home.cast.outsider] * 10
    flows = [await home.orchestrator.create_flow(actor, "empty", {}, start=False) for actor in actors]
    await asyncio.gather(
        *(home.orchestrator.execute(actor, flow.flow_id) for actor, flow in zip(actors, flows, strict=True))
    )
    done = [await home.settled(flow) for flow in flows]
    assert {flow.status for flow in done} == {FlowStatus.COMPLETED}
    for actor, other in ((home.cast.lead, home.cast.outsider), (home.cast.outsider, home.cast.lead)):
        page = await home.orchestrator.list(actor, limit=100)
        assert {flow.tenant for flow in page.flows} == {actor.tenant}
        assert len(page.flows) == 10
        for flow in page.flows:
            with pytest.raises(NotFound, match=r"There is no such flow\."):
                await home.orchestrator.get(other, flow.flow_id)


async def test_of_twenty_executes_at_once_one_counts_and_no_event_is_lost(house: Open) -> None:
    run, attempts = raising()
    home = await house(toy_flow(toy_phase("first", run), toy_phase("second", run)))
    flow = await create(home, start=False)
    answers = await asyncio.gather(
        *(home.orchestrator.execute(home.cast.lead, flow.flow_id) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(answer, Flow) for answer in answers) == 1
    assert all(isinstance(answer, Flow | Conflict) for answer in answers)
    flow = await home.settled(flow)
    assert flow.status is FlowStatus.COMPLETED
    assert len(attempts) == 2
    assert await home.kinds(flow) == ["flow_created", "flow_started", "phase_completed", "phase_completed"]


async def test_commands_at_once_leave_a_history_without_holes(house: Open) -> None:
    held = Held()
    home = await house(toy_flow(toy_phase("only", held)))
    flow = await create(home)
    await held.begun.wait()
    commands = [home.orchestrator.pause, home.orchestrator.resume, home.orchestrator.cancel] * 7
    answers = await asyncio.gather(
        *(command(home.cast.lead, flow.flow_id) for command in commands), return_exceptions=True
    )
    accepted = sum(isinstance(answer, Flow) for answer in answers)
    flow = await home.settled(flow)
    assert len(await home.kinds(flow)) == flow.version == accepted + 1


async def test_waiting_flows_leave_no_memory_in_the_engine(house: Open) -> None:
    home = await house(
        toy_flow(toy_phase("only", gate=Gate(asks="?")), name="asking"),
        toy_flow(DOUBLING, name="missing", config=Config),
    )
    for name in ("asking", "missing"):
        flow = await home.settled(await create(home, name))
        await eventually(lambda flow=flow: _has_memory(home, flow, []))


async def test_progress_is_seen_while_the_phase_runs_and_gone_after(house: Open) -> None:
    told, may_end = asyncio.Event(), asyncio.Event()

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        await ctx.progress(3, 10, "reading")
        told.set()
        await may_end.wait()
        return Nothing()

    home = await house(toy_flow(toy_phase("only", run)))
    flow = await create(home)
    await told.wait()
    seen = await home.until(flow, lambda now: now.progress is not None)
    assert seen.progress is not None
    assert (seen.progress.phase, seen.progress.done, seen.progress.total, seen.progress.what) == (
        "only",
        3,
        10,
        "reading",
    )
    assert seen.version == flow.version
    may_end.set()
    assert (await home.settled(flow)).progress is None


async def test_an_execution_that_lost_the_row_tells_no_progress(house: Open) -> None:
    told, may_end = asyncio.Event(), asyncio.Event()

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        told.set()
        await may_end.wait()
        await ctx.progress(1, 2, "stale")
        await asyncio.Event().wait()
        return Nothing()

    home = await house(toy_flow(toy_phase("only", run)))
    flow = await create(home)
    await told.wait()
    stop_looking(home)
    async with home.database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET run_token = $2 WHERE flow_id = $1", flow.flow_id, uuid4())
    may_end.set()
    await asyncio.sleep(0)
    await home.worker.runner.refresh()
    assert (await home.orchestrator.get(home.cast.lead, flow.flow_id)).progress is None


async def test_a_phase_that_blocks_the_loop_is_found_out(house: Open) -> None:
    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        end = asyncio.get_running_loop().time() + 0.12
        while asyncio.get_running_loop().time() < end:
            pass
        return Nothing()

    home = await house(toy_flow(toy_phase("busy", run)))
    await home.settled(await create(home))
    assert [(block.flow_type, block.phase) for block in home.blocks] == [("toy", "busy")]
    assert home.blocks[0].took >= timedelta(milliseconds=100)


async def test_a_worker_that_shuts_down_gives_its_flows_back(house: Open) -> None:
    held = Held()
    home = await house(toy_flow(toy_phase("only", held)))
    flow = await create(home)
    await held.begun.wait()
    await home.worker.stop()
    assert held.stopped.is_set()
    flow = await home.orchestrator.get(home.cast.lead, flow.flow_id)
    assert (flow.status, flow.attempts) == (FlowStatus.RUNNING, 0)
    assert await home.kinds(flow) == ["flow_created", "flow_released"]
    assert await engine_memory(home, flow.flow_id) in (["ENQUEUED"], ["queued"])


async def test_a_flow_type_that_a_worker_does_not_know_fails_after_some_tries(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await house(empty_flow(1))
    monkeypatch.setattr("masterflow.orchestrator.segments.runner.RetryPolicies", lambda: SOON)
    flow = await create(home, "empty", start=False)
    async with home.database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET flow_type = 'other' WHERE flow_id = $1", flow.flow_id)
    with pytest.raises(Exception, match="There is no flow type 'other'"):
        await home.orchestrator.execute(home.cast.lead, flow.flow_id)
    await _start_by_hand(home, flow)
    flow = await home.settled(flow)
    assert flow.status is FlowStatus.FAILED
    assert flow.last_error is not None
    assert "does not know the flow type 'other'" in flow.last_error.message


async def test_a_flow_whose_definition_changed_under_it_fails_with_that_reason(house: Open) -> None:
    home = await house(empty_flow(2))
    flow = await create(home, "empty", start=False)
    async with home.database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET current_phase = 'gone' WHERE flow_id = $1", flow.flow_id)
    await _start_by_hand(home, flow)
    flow = await home.settled(flow)
    assert flow.last_error is not None
    assert flow.last_error.code == "flow.definition_changed"
    assert "'gone'" in flow.last_error.message


async def _start_by_hand(home: House, flow: Flow) -> None:
    segment = Segment(flow.flow_id, 1)
    async with home.database.moving_together() as connection:
        await connection.execute(
            f"UPDATE {FLOWS} SET flow_status = 'running', run_epoch = 1 WHERE flow_id = $1", flow.flow_id
        )
        await home.engine.enqueue(connection, segment)
    home.engine.committed(segment)
