"""Flows that nobody runs are found and put back."""

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import ErrorClass
from masterflow.orchestrator import MasterFlowOrchestrator
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.engine_inline import InlineEngine
from masterflow.orchestrator.hooks import ErrorHooks
from masterflow.orchestrator.segments.rescue import MOST_LOSSES, MOST_RESCUES, rescue
from masterflow.orchestrator.segments.store import SegmentStore
from masterflow.orchestrator.types import Failure, Flow
from masterflow.worker.periods import Periods
from masterflow.worker.store import SWEEP_LOCK, WorkerStore
from masterflow.worker.upkeep import Upkeep
from tests.conftest import Cast
from tests.worker.conftest import Table


class Memory(InlineEngine):
    """An engine that says what it is told to say about dead workers."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[UUID, list[Segment]] = {}
        self.forgotten: list[Segment] = []

    async def held_by(self, worker_id: UUID) -> list[Segment]:
        return self.held.get(worker_id, [])

    async def forget(self, segments) -> None:
        self.forgotten += segments
        await super().forget(segments)


@pytest.fixture
def engine() -> Memory:
    return Memory()


@pytest.fixture
def upkeep(database: Database, orchestrator: MasterFlowOrchestrator, engine: Memory) -> Upkeep:
    store = SegmentStore(database, orchestrator.registry, engine)
    return Upkeep(database, engine, store, WorkerStore(database), Periods(lost_after=timedelta(0)))


async def claimed(orchestrator: MasterFlowOrchestrator, upkeep: Upkeep, actor, worker_id: UUID) -> Segment:
    flow = await orchestrator.create_flow(actor, "empty", {})
    segment = Segment(flow.flow_id, 1)
    await upkeep._engine.forget([segment])
    [done] = (await upkeep._segments.claim([segment], worker_id=worker_id)).values()
    assert done.flow.flow_id == flow.flow_id
    return segment


async def test_the_flows_of_a_dead_worker_are_queued_under_a_new_epoch(
    orchestrator, upkeep: Upkeep, engine: Memory, cast: Cast, table: Table, urls: DatabaseUrls
) -> None:
    dead, alive, key = uuid4(), uuid4(), 1 << 62 | 4321
    table.put(dead)
    table.put(alive, lock_key=key)
    lost = [await claimed(orchestrator, upkeep, actor, dead) for actor in (cast.lead, cast.outsider)]
    kept = await claimed(orchestrator, upkeep, cast.lead, alive)
    with psycopg.connect(urls.engine.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (key,))
        assert await upkeep.sweep() == 2
        assert await upkeep.sweep() == 0
    for segment in lost:
        assert await engine.live([Segment(segment.flow_id, 2)], workers=[]) != set()
    assert await engine.live([Segment(kept.flow_id, 2)], workers=[]) == set()
    events = await orchestrator.history(cast.lead, lost[0].flow_id)
    assert [(event.kind, event.actor) for event in events[1:]] == [("flow_rescued", "engine")]
    assert (await orchestrator.get(cast.lead, lost[0].flow_id)).attempts == 1
    assert table.execute("SELECT worker_id FROM workers") == [(alive,)]


async def test_a_segment_that_a_dead_worker_took_but_never_claimed_is_queued_again(
    orchestrator, upkeep: Upkeep, engine: Memory, cast: Cast, table: Table
) -> None:
    dead = uuid4()
    table.put(dead)
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    taken, void = Segment(flow.flow_id, 1), Segment(flow.flow_id, 0)
    engine.held[dead] = [taken, void]
    assert await upkeep.sweep() == 1
    assert engine.forgotten == [taken, void]
    assert await engine.live([Segment(flow.flow_id, 2)], workers=[]) != set()


@pytest.mark.parametrize(
    ("age", "locked", "lost"),
    [("0 seconds", True, False), ("29 seconds", True, False), ("0 seconds", False, True), ("31 seconds", True, True)],
)
async def test_dead_is_who_lost_its_lock_and_frozen_who_stopped_beating(
    upkeep: Upkeep, table: Table, urls: DatabaseUrls, age: str, locked: bool, lost: bool
) -> None:
    worker_id, key = uuid4(), 1 << 62 | 12345
    table.put(worker_id, age=age, lock_key=key)
    with psycopg.connect(urls.engine.render_as_string(hide_password=False), autocommit=True) as connection:
        if locked:
            connection.execute("SELECT pg_advisory_lock(%s)", (key,))
        await upkeep.sweep()
    assert (table.execute("SELECT worker_id FROM workers") == []) is lost


async def test_who_looks_dead_for_a_moment_only_is_left_alone(
    upkeep: Upkeep, table: Table, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("masterflow.worker.upkeep.monotonic", lambda: now[0])
    upkeep._periods = Periods()
    cut, dead, key = uuid4(), uuid4(), 1 << 62 | 999
    table.put(cut, lock_key=key)
    table.put(dead)
    await upkeep.sweep()
    with psycopg.connect(urls.engine.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (key,))
        now[0] += 2.9
        await upkeep.sweep()
        assert len(table.execute("SELECT 1 FROM workers")) == 2
        now[0] += 0.2
        await upkeep.sweep()
        assert table.execute("SELECT worker_id FROM workers") == [(cut,)]
    now[0] += 2.9
    await upkeep.sweep()
    assert table.execute("SELECT worker_id FROM workers") == [(cut,)]


async def test_one_worker_sweeps_at_a_time(
    orchestrator, upkeep: Upkeep, cast: Cast, table: Table, urls: DatabaseUrls
) -> None:
    dead = uuid4()
    table.put(dead)
    segment = await claimed(orchestrator, upkeep, cast.lead, dead)
    with psycopg.connect(urls.engine.render_as_string(hide_password=False), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (SWEEP_LOCK,))
        assert (await upkeep.sweep(), await upkeep.reconcile()) == (0, 0)
        other.execute("SELECT pg_advisory_unlock(%s)", (SWEEP_LOCK,))
    assert (await upkeep.sweep(), segment.epoch) == (1, 1)


async def test_what_the_engine_lost_is_queued_again(orchestrator, upkeep: Upkeep, engine: Memory, cast: Cast) -> None:
    lost = await orchestrator.create_flow(cast.lead, "empty", {})
    queued = await orchestrator.create_flow(cast.lead, "empty", {})
    elsewhere = await orchestrator.register_flow(cast.lead, flow_type="empty", configuration={})
    paused = await orchestrator.create_flow(cast.lead, "empty", {})
    await orchestrator.pause(cast.lead, paused.flow_id)
    await engine.forget([Segment(lost.flow_id, 1)])
    assert await upkeep.reconcile() == 1
    assert await engine.live([Segment(lost.flow_id, 2), Segment(queued.flow_id, 1)], workers=[]) == {
        Segment(lost.flow_id, 2),
        Segment(queued.flow_id, 1),
    }
    for untouched in (queued, elsewhere):
        assert (await orchestrator.get(cast.lead, untouched.flow_id)).version == 1
    assert await upkeep.reconcile() == 0


async def test_a_flow_that_the_engine_loses_again_and_again_fails_in_the_end(
    orchestrator, upkeep: Upkeep, engine: Memory, cast: Cast
) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    for epoch in range(1, MOST_RESCUES + 1):
        await engine.forget([Segment(flow.flow_id, epoch)])
        await upkeep.reconcile()
    flow = await orchestrator.get(cast.lead, flow.flow_id)
    assert flow.status is FlowStatus.FAILED
    assert flow.last_error is not None
    assert flow.last_error.message == "'phase_1' was begun 10 times and never ended: the engine lost it."
    assert await engine.live([Segment(flow.flow_id, epoch) for epoch in range(12)], workers=[]) == set()
    assert (await orchestrator.retry(cast.lead, flow.flow_id)).attempts == 0


async def test_a_flow_waits_for_a_worker_only_if_it_could_run_now(
    orchestrator, upkeep: Upkeep, database: Database, cast: Cast
) -> None:
    store, home, away = upkeep._segments, cast.tenant.client_account_id, cast.outsider.tenant.client_account_id
    assert not await store.others_wait(home)
    await orchestrator.create_flow(cast.outsider, "empty", {})
    assert (await store.others_wait(home), await store.others_wait(away)) == (True, False)
    async with database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET run_after = now() + interval '1 hour'")
        assert not await store.others_wait(home)
        await connection.execute(f"UPDATE {FLOWS} SET run_after = now() - interval '1 hour'")
        assert await store.others_wait(home)
        await connection.execute(f"UPDATE {FLOWS} SET run_token = gen_random_uuid()")
        assert not await store.others_wait(home)


async def die_with(upkeep: Upkeep, table: Table, segments: list[Segment]) -> None:
    """A worker claims these flows and dies."""
    dead = uuid4()
    table.put(dead)
    await upkeep._engine.forget(segments)
    assert len(await upkeep._segments.claim(segments, worker_id=dead)) == len(segments)
    await upkeep.sweep()


async def test_a_phase_that_kills_three_workers_is_blamed_and_hooks_are_told(
    orchestrator, upkeep: Upkeep, cast: Cast, table: Table
) -> None:
    told: list[tuple[str, FlowStatus]] = []

    async def hear(failure: Failure, flow: Flow) -> None:
        told.append((failure.code, flow.status))

    upkeep._hooks = ErrorHooks([hear])
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    for losses in range(1, MOST_LOSSES + 1):
        await die_with(upkeep, table, [Segment(flow.flow_id, losses)])
        now = await orchestrator.get(cast.lead, flow.flow_id)
        assert (now.losses, now.status) == (losses if losses < MOST_LOSSES else MOST_LOSSES - 1, now.status)
    assert now.status is FlowStatus.FAILED
    assert now.last_error is not None
    assert (now.last_error.code, now.last_error.error_class) == ("phase.killed_its_worker", ErrorClass.BUG)
    assert told == [("phase.killed_its_worker", FlowStatus.FAILED)]
    retried = await orchestrator.retry(cast.lead, flow.flow_id)
    assert (retried.losses, retried.attempts) == (0, 0)


async def test_a_flow_that_was_only_taken_from_the_queue_is_not_blamed(
    orchestrator, upkeep: Upkeep, engine: Memory, cast: Cast, table: Table
) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    for epoch in range(1, MOST_LOSSES + 2):
        dead = uuid4()
        table.put(dead)
        engine.held[dead] = [Segment(flow.flow_id, epoch)]
        await upkeep.sweep()
    now = await orchestrator.get(cast.lead, flow.flow_id)
    assert (now.status, now.losses) == (FlowStatus.RUNNING, 0)


async def test_a_flow_that_moved_meanwhile_is_left_alone(orchestrator, upkeep: Upkeep, cast: Cast) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {})
    [stranded] = await upkeep._segments.running()
    await orchestrator.pause(cast.lead, flow.flow_id)
    await orchestrator.resume(cast.lead, flow.flow_id)
    assert await rescue(upkeep._segments, stranded, reason="late", died=True) is False
    assert (await orchestrator.get(cast.lead, flow.flow_id)).version == 3


async def test_the_engines_memory_is_tidied(upkeep: Upkeep) -> None:
    assert await upkeep.tidy() == 0
    assert Periods().keep_ended > timedelta(0)


async def test_a_worker_clears_what_was_left_staged(upkeep: Upkeep, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await upkeep.clear_staged() == 0

    async def two(_: WorkerStore, *, older_than: timedelta) -> int:
        assert older_than == Periods().keep_staged
        return 2

    monkeypatch.setattr(WorkerStore, "clear_staged", two)
    assert await upkeep.clear_staged() == 2
