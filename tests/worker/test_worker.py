"""A worker from start to stop."""

import asyncio
import os
import signal
import threading
from datetime import timedelta

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, Unavailable
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.engine_inline import InlineEngine
from masterflow.orchestrator.segments.runner import log_blocked
from masterflow.spec import PhaseContext
from masterflow.testing import Nothing, eventually, toy_flow, toy_phase
from masterflow.worker.periods import Periods
from masterflow.worker.process import Deadline, stop_signals
from masterflow.worker.worker import Worker, _every
from tests.conftest import Cast

QUICK = Periods(beat=timedelta(milliseconds=50), look=timedelta(milliseconds=20), drain=timedelta(milliseconds=50))


class Hold:
    """A body that never ends by itself."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def __call__(self, ctx: PhaseContext, given: Nothing) -> Nothing:
        self.begun.set()
        await asyncio.Event().wait()
        return Nothing()


async def run_until_told(worker: Worker) -> None:
    """What `masterflow worker` does."""
    with stop_signals() as stop:
        stop.hurry_with(worker.runner.release)
        await worker.start()
        await stop.asked()
        await worker.stop()


def make(database: Database, hold: Hold) -> tuple[Worker, MasterFlowOrchestrator]:
    registry, engine = FlowTypeRegistry([toy_flow(toy_phase("only", hold))]), InlineEngine()
    worker = Worker(database, registry, engine, periods=QUICK, processes=1)
    return worker, MasterFlowOrchestrator(database, registry, engine)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_and_its_flows_go_back_to_the_queue(
    database: Database, cast: Cast, number: signal.Signals
) -> None:
    hold = Hold()
    worker, orchestrator = make(database, hold)
    running = asyncio.create_task(run_until_told(worker))
    flow = await orchestrator.create_flow(cast.lead, "toy", {})
    await hold.begun.wait()
    os.kill(os.getpid(), number)
    await running
    flow = await orchestrator.get(cast.lead, flow.flow_id)
    assert (flow.status, flow.version, worker.runner.busy) == (FlowStatus.RUNNING, 2, 0)


async def test_a_second_signal_ends_the_drain(database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = Hold()
    worker, orchestrator = make(database, hold)
    monkeypatch.setattr(worker, "_periods", Periods(drain=timedelta(hours=1)))
    running = asyncio.create_task(run_until_told(worker))
    await orchestrator.create_flow(cast.lead, "toy", {})
    await hold.begun.wait()
    os.kill(os.getpid(), signal.SIGINT)

    async def drains() -> bool:
        return worker.runner._draining

    await eventually(drains)
    assert worker.runner.busy == 1
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.wait_for(running, 30)
    assert worker.runner.busy == 0


async def test_a_worker_without_its_database_does_not_start(database: Database) -> None:
    worker, _ = make(database, Hold())
    worker._heartbeat._url = "postgresql://x:y@127.0.0.1:1/none"
    with pytest.raises(Unavailable):
        await worker.start()


async def test_a_worker_whose_engine_does_not_start_stops_beating(database: Database) -> None:
    worker, _ = make(database, Hold())
    await worker._engine.start(worker.runner.run, worker_id=worker.worker_id, concurrency=1)
    with pytest.raises(Conflict):
        await worker.start()
    assert worker._heartbeat._thread is not None
    assert not worker._heartbeat._thread.is_alive()


async def test_a_worker_that_thawed_looks_at_once_what_it_lost(database: Database, cast: Cast) -> None:
    hold = Hold()
    worker, orchestrator = make(database, hold)
    await worker.start()
    flow = await orchestrator.create_flow(cast.lead, "toy", {})
    await hold.begun.wait()
    async with database.moving() as connection:
        await connection.execute("UPDATE crewai_flow_state_extensions SET run_token = gen_random_uuid()")
        await connection.execute("DELETE FROM workers")

    async def idle() -> bool:
        return worker.runner.busy == 0

    await eventually(idle)
    await worker.stop()
    assert (await orchestrator.get(cast.lead, flow.flow_id)).version == 1


async def test_upkeep_goes_on_after_a_failure() -> None:
    calls, twice = [], asyncio.Event()

    async def fails() -> None:
        calls.append(1)
        if len(calls) == 2:
            twice.set()
        raise Unavailable("away")

    task = asyncio.create_task(_every(timedelta(milliseconds=1), fails))
    async with asyncio.timeout(10):
        await twice.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(calls) >= 2


def test_a_blocking_phase_is_named_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    log_blocked("discovery", "data_import", timedelta(milliseconds=250))
    said = "".join(capsys.readouterr())
    assert "phase_blocks_the_event_loop" in said
    assert "data_import" in said


def test_a_process_that_does_not_end_in_time_is_ended() -> None:
    ended: list[int] = []
    done = threading.Event()

    def end(code: int) -> None:
        ended.append(code)
        done.set()

    deadline = Deadline(timedelta(0), end=end)
    deadline.cancel()
    deadline.start()
    assert done.wait(10)
    assert ended == [1]


async def test_a_process_that_ends_by_itself_is_left_alone() -> None:
    deadline = Deadline(timedelta(hours=1), end=lambda _: pytest.fail("too early"))
    with stop_signals(deadline.start) as stop:
        stop.tell()
        await stop.asked()
    assert deadline._timer is not None
    deadline.cancel()
    deadline._timer.join(10)
    assert not deadline._timer.is_alive()
