"""Flows that run elsewhere are moved from outside, under the same rules."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pydantic import BaseModel
from structlog.contextvars import bound_contextvars

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.tables.tenancy import engagements
from masterflow.errors import (
    ConfigurationInvalid,
    Conflict,
    EditRejected,
    ErrorClass,
    InputMissing,
    InvalidInput,
    MissingInput,
    NotAllowed,
    NotFound,
    PhaseFailed,
    PhaseWaiting,
    Unavailable,
)
from masterflow.orchestrator import MasterFlowOrchestrator, MultiTenantFlowManager
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.types import Failure, Flow, Verdict
from masterflow.spec import Gate, Problem, Stores
from masterflow.spec.phase import RetryPolicies, RetryPolicy
from masterflow.tenancy.roles import Role
from masterflow.testing import Nothing, make_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast


class Found(BaseModel):
    servers: int


def some(output: Found) -> list[Problem]:
    return [] if output.servers else [Problem("none", "no server was found")]


async def publish(stores: Stores, output: Nothing) -> None:
    await stores.session.execute(
        sa.insert(engagements), [{**stores.session.stamp(engagements), "name": "published from elsewhere"}]
    )


QUICK = RetryPolicies(transient=RetryPolicy(attempts=3, first_delay=timedelta(milliseconds=1)))
KINDS = [
    toy_flow(toy_phase("scan", gives=Found, checks=[some], retry=QUICK), toy_phase("report"), name="scanning"),
    toy_flow(toy_phase("ask", gate=Gate(asks="?")), name="asking"),
    toy_flow(toy_phase("write", publish=publish), name="writing"),
]


@pytest.fixture
def orchestrator(database: Database) -> MasterFlowOrchestrator:
    return make_orchestrator(database, KINDS)


@pytest.fixture
def mine(orchestrator: MasterFlowOrchestrator, cast: Cast) -> MultiTenantFlowManager:
    return MultiTenantFlowManager(orchestrator, cast.lead)


async def join(mine: MultiTenantFlowManager, name: str = "scanning") -> Flow:
    return await mine.register_flow(flow_type=name, configuration={}, flow_id=uuid4())


async def kinds(mine: MultiTenantFlowManager, flow: Flow) -> list[str]:
    return [event.kind for event in await mine.history(flow.flow_id)]


async def test_a_flow_joins_under_its_own_id_and_runs_at_once(mine: MultiTenantFlowManager) -> None:
    flow_id = uuid4()
    flow = await mine.register_flow(flow_id=str(flow_id), flow_type="scanning", configuration={}, name="Theirs")
    assert (flow.flow_id, flow.status, flow.runs_here) == (flow_id, FlowStatus.RUNNING, False)
    assert await kinds(mine, flow) == ["flow_registered"]
    assert (await mine.register_flow(flow_type="scanning", configuration={})).flow_id != flow_id


async def test_an_id_joins_once_whoever_has_it(mine: MultiTenantFlowManager, orchestrator, cast: Cast) -> None:
    flow = await join(mine)
    for actor in (cast.lead, cast.outsider):
        with pytest.raises(Conflict, match=f"The flow id {flow.flow_id} is taken"):
            await orchestrator.register_flow(actor, flow_id=flow.flow_id, flow_type="scanning", configuration={})


async def test_phases_are_recorded_one_after_another(mine: MultiTenantFlowManager) -> None:
    flow = await join(mine)
    state = mine.get_state_manager(flow.flow_id)
    begun = datetime.now(UTC) - timedelta(seconds=5)
    after = await state.update_phase("scan", {"servers": 9}, started_at=begun)
    assert (after.current_phase, after.phase_index, after.version) == ("report", 1, 2)
    assert after.phase_execution_times["scan"] >= 5
    ended = await state.update_phase("report", {})
    assert (ended.status, ended.current_phase) == (FlowStatus.COMPLETED, None)
    assert "report" not in ended.phase_execution_times
    assert [result.output for result in await mine.results(flow.flow_id)] == [{"servers": 9}, {}]
    assert await kinds(mine, flow) == ["flow_registered", "phase_completed", "phase_completed"]


@pytest.mark.parametrize(
    ("phase", "data", "error", "sentence"),
    [
        ("scan", {"servers": "many"}, EditRejected, "servers"),
        ("scan", {"servers": 0}, EditRejected, "no server was found"),
        ("report", {}, Conflict, "The flow is at 'scan', not at 'report'"),
        ("scna", {}, InvalidInput, "Did you mean 'scan'"),
    ],
)
async def test_what_is_no_result_of_the_next_phase_is_refused(
    mine: MultiTenantFlowManager, phase: str, data: dict, error: type[Exception], sentence: str
) -> None:
    flow = await join(mine)
    with pytest.raises(error, match=sentence):
        await mine.get_state_manager(flow.flow_id).update_phase(phase, data)
    assert (await mine.get(flow.flow_id)).version == 1


async def test_of_two_records_of_one_phase_one_counts(mine: MultiTenantFlowManager) -> None:
    flow = await join(mine)
    state = mine.get_state_manager(flow.flow_id)
    answers = await asyncio.gather(
        *(state.update_phase("scan", {"servers": number}) for number in (1, 2, 3)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "Flow"]
    assert await kinds(mine, flow) == ["flow_registered", "phase_completed"]


async def test_a_gate_opens_for_a_flow_that_runs_elsewhere_too(orchestrator, mine, cast: Cast) -> None:
    flow = await join(mine, "asking")
    waiting = await mine.get_state_manager(flow.flow_id).update_phase("ask", {})
    assert waiting.status is FlowStatus.WAITING_FOR_APPROVAL
    [gate] = await mine.gates()
    done = await orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE)
    assert done.status is FlowStatus.COMPLETED


async def test_a_pause_is_at_once_and_a_paused_flow_records_nothing(mine: MultiTenantFlowManager) -> None:
    flow = await join(mine)
    assert (await mine.pause(flow.flow_id)).status is FlowStatus.PAUSED
    with pytest.raises(Conflict, match="The flow is paused, so it cannot record a phase"):
        await mine.get_state_manager(flow.flow_id).update_phase("scan", {"servers": 1})
    assert (await mine.resume(flow.flow_id)).status is FlowStatus.RUNNING


async def test_no_worker_is_asked_to_run_it(mine: MultiTenantFlowManager, orchestrator) -> None:
    flow = await join(mine)
    await mine.pause(flow.flow_id)
    resumed = await mine.resume(flow.flow_id)
    segments = [Segment(flow.flow_id, epoch) for epoch in range(resumed.version + 1)]
    assert await orchestrator._mover._engine.live(segments, workers=[]) == set()


async def test_what_a_phase_publishes_is_published_from_elsewhere_too(mine, database: Database, cast: Cast) -> None:
    flow = await join(mine, "writing")
    await mine.get_state_manager(flow.flow_id).update_phase("write", {})
    async with database.transaction(cast.tenant) as session:
        names = set((await session.execute(sa.select(engagements.c.name))).scalars())
    assert "published from elsewhere" in names


async def test_a_flow_of_the_worker_is_not_moved_from_outside(mine: MultiTenantFlowManager) -> None:
    flow = await mine.create_flow("scanning", {})
    state = mine.get_state_manager(flow.flow_id)
    with pytest.raises(Conflict, match="This flow is run by the worker"):
        await state.update_phase("scan", {"servers": 1})
    with pytest.raises(Conflict, match="This flow is run by the worker"):
        await state.guard(nothing)


async def nothing() -> None: ...


async def test_another_tenants_flow_is_not_there(orchestrator, mine, cast: Cast) -> None:
    flow = await join(mine)
    for state in (
        orchestrator.get_state_manager(cast.outsider, flow.flow_id),
        mine.get_state_manager(uuid4()),
    ):
        for call in (state.flow(), state.update_phase("scan", {"servers": 1}), state.guard(nothing)):
            with pytest.raises(NotFound, match=r"There is no such flow\."):
                await call
    with pytest.raises(NotFound, match="A flow id is a UUID"):
        mine.get_state_manager("seven")


async def test_who_only_looks_records_nothing(orchestrator, mine, cast: Cast) -> None:
    flow = await join(mine)
    viewer = orchestrator.get_state_manager(
        type(cast.lead)(cast.lead.user_id, "v@x.example", cast.tenant, frozenset({Role.VIEWER})), flow.flow_id
    )
    assert (await viewer.flow()).flow_id == flow.flow_id
    with pytest.raises(NotAllowed):
        await viewer.update_phase("scan", {"servers": 1})


class Service:
    """A program of the user's that runs phases elsewhere."""

    def __init__(self, mine: MultiTenantFlowManager, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.execute_phase = mine.handle_errors(self._execute_phase)

    async def _execute_phase(self, flow_id: str, phase: str) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


async def test_what_may_pass_is_tried_again_and_recorded(mine: MultiTenantFlowManager) -> None:
    flow = await join(mine)
    service = Service(mine, Unavailable("away"), OSError("reset"))
    assert await service.execute_phase(str(flow.flow_id), "scan") == "done"
    assert service.calls == 3
    assert await kinds(mine, flow) == ["flow_registered", "phase_retried", "phase_retried"]
    assert (await mine.get(flow.flow_id)).attempts == 2


async def test_attempts_of_the_phases_own_policy_are_used_up(mine: MultiTenantFlowManager) -> None:
    flow = await join(mine)
    service = Service(mine, *[Unavailable("away")] * 3)
    with pytest.raises(Unavailable):
        await service.execute_phase(str(flow.flow_id), phase="scan")
    failed = await mine.get(flow.flow_id)
    assert (failed.status, service.calls) == (FlowStatus.FAILED, 3)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (PhaseFailed("torn"), FlowStatus.FAILED, "phase.failed"),
        (InputMissing([MissingInput("site", "unknown")]), FlowStatus.WAITING_FOR_INPUT, "phase.input_missing"),
        (ZeroDivisionError(), FlowStatus.FAILED, "phase.bug"),
    ],
)
async def test_what_a_body_raises_reaches_the_row_and_the_caller(
    mine: MultiTenantFlowManager, error: Exception, status: FlowStatus, code: str
) -> None:
    flow = await join(mine)
    with pytest.raises(type(error)):
        await Service(mine, error).execute_phase(flow_id=flow.flow_id, phase="scan")
    moved = await mine.get(flow.flow_id)
    assert moved.last_error is not None
    assert (moved.status, moved.last_error.code) == (status, code)


async def test_errors_elsewhere_carry_one_id_and_reach_the_hooks(mine: MultiTenantFlowManager, orchestrator) -> None:
    told: list[Failure] = []

    @mine.on_error
    async def hear(failure: Failure, flow: Flow) -> None:
        assert (await mine.get(flow.flow_id)).last_error == failure
        told.append(failure)

    with bound_contextvars(request_id="request-8"):
        flow = await join(mine)
    with pytest.raises(PhaseFailed):
        await Service(mine, Unavailable("away"), PhaseFailed("torn")).execute_phase(flow.flow_id, "scan")
    assert [(f.error_class, f.correlation_id, f.phase, f.attempt) for f in told] == [
        (ErrorClass.TRANSIENT, "request-8", "scan", 1),
        (ErrorClass.PERMANENT, "request-8", "scan", 2),
    ]
    events = await mine.history(flow.flow_id)
    assert [event.data.get("correlation_id") for event in events] == ["request-8"] * 3


async def test_a_body_that_waits_for_a_moment_changes_nothing(mine: MultiTenantFlowManager) -> None:
    flow = await join(mine)
    with pytest.raises(PhaseWaiting):
        await Service(mine, PhaseWaiting("later", until=datetime.now(UTC))).execute_phase(flow.flow_id, "scan")
    assert (await mine.get(flow.flow_id)).version == 1


async def test_a_flow_that_was_cancelled_meanwhile_stays_cancelled(mine: MultiTenantFlowManager) -> None:
    flow = await join(mine)

    async def cancelled() -> None:
        await mine.cancel(flow.flow_id)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await mine.get_state_manager(flow.flow_id).guard(cancelled)
    assert (await mine.get(flow.flow_id)).status is FlowStatus.CANCELLED


async def test_a_function_that_names_no_flow_cannot_be_decorated(mine: MultiTenantFlowManager) -> None:
    with pytest.raises(ConfigurationInvalid, match="nothing has no parameter 'flow_id'"):
        mine.handle_errors(nothing)
