"""The statement that ends a phase writes all or nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.orchestrator import MasterFlowOrchestrator
from masterflow.orchestrator.checkpoint import FLOWS, PhaseDone, commit_phase
from masterflow.spec import Gate
from masterflow.testing import make_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast

KIND = toy_flow(toy_phase("first"), toy_phase("second", gate=Gate(asks="?")), toy_phase("third"))


@pytest.fixture
def orchestrator(database: Database) -> MasterFlowOrchestrator:
    return make_orchestrator(database, [KIND])


@pytest.fixture
async def held(orchestrator: MasterFlowOrchestrator, database: Database, cast: Cast) -> PhaseDone:
    """A flow that is held under a token, and the end of its first phase."""
    flow = await orchestrator.create_flow(cast.lead, "toy", {})
    token = uuid4()
    async with database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET run_token = $2 WHERE flow_id = $1", flow.flow_id, token)
    return done(cast, flow.flow_id, token)


def done(cast: Cast, flow_id: UUID, token: UUID | None) -> PhaseDone:
    return PhaseDone(
        client_account_id=cast.tenant.client_account_id,
        flow_id=flow_id,
        token=token,
        phase_index=0,
        output="{}",
        attempt=1,
        started_at=datetime.now(UTC),
        seconds=1.2345,
        actor="engine",
        asks=False,
        memory='{"worker_peak_rss_mib": 100}',
    )


async def commit(database: Database, ended: PhaseDone) -> FlowStatus | None:
    async with database.moving() as connection:
        return await commit_phase(connection, KIND, ended)


async def written(database: Database, flow_id: UUID) -> tuple[int, int, int]:
    async with database.moving() as connection:
        return (
            await connection.fetchval(f"SELECT phase_index FROM {FLOWS} WHERE flow_id = $1", flow_id),
            await connection.fetchval("SELECT count(*) FROM phase_results WHERE flow_id = $1", flow_id),
            await connection.fetchval("SELECT count(*) FROM flow_events WHERE flow_id = $1", flow_id),
        )


async def test_it_moves_the_row_and_writes_result_and_event(database: Database, held: PhaseDone) -> None:
    assert await commit(database, held) is FlowStatus.RUNNING
    assert await written(database, held.flow_id) == (1, 1, 2)


async def test_it_opens_the_gate_in_the_same_statement(database: Database, held: PhaseDone, orchestrator, cast) -> None:
    await commit(database, held)
    assert await commit(database, replace(held, phase_index=1, asks=True)) is FlowStatus.WAITING_FOR_APPROVAL
    [gate] = await orchestrator.gates(cast.lead)
    assert (gate.phase, gate.asks) == ("second", "?")
    flow = await orchestrator.get(cast.lead, held.flow_id)
    assert flow.phase_execution_times == {"first": 1.235, "second": 1.235}
    assert flow.memory_usage_metrics == {"worker_peak_rss_mib": 100}


@pytest.mark.parametrize(
    "change",
    [
        {"token": UUID(int=0)},
        {"phase_index": 1},
        {"client_account_id": UUID(int=0)},
        {"flow_id": UUID(int=0)},
        {"token": None},
    ],
)
async def test_who_does_not_hold_the_row_writes_nothing(database: Database, held: PhaseDone, change: dict) -> None:
    assert await commit(database, replace(held, **change)) is None
    assert await written(database, held.flow_id) == (0, 0, 1)


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_a_flow_that_runs_no_more_takes_no_result(
    database: Database, held: PhaseDone, orchestrator, cast: Cast, elsewhere: bool
) -> None:
    if elsewhere:
        flow = await orchestrator.register_flow(cast.lead, flow_type="toy", configuration={})
        held = done(cast, flow.flow_id, None)
    async with database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET flow_status = 'paused' WHERE flow_id = $1", held.flow_id)
    assert await commit(database, held) is None
    assert await written(database, held.flow_id) == (0, 0, 1)


async def test_times_under_half_a_millisecond_and_unknown_ones_are_not_kept(
    database: Database, held: PhaseDone, orchestrator, cast: Cast
) -> None:
    await commit(database, replace(held, seconds=0.0004))
    await commit(database, replace(held, phase_index=1, seconds=None, memory=None))
    flow = await orchestrator.get(cast.lead, held.flow_id)
    assert (flow.phase_execution_times, flow.memory_usage_metrics) == ({}, {})
