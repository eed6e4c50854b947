"""What the engine relies on in DBOS and Postgres, each fact held by a test."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import psycopg
import pytest
from sqlalchemy.engine import URL

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, Unavailable
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.engine_dbos import DbosEngine
from masterflow.orchestrator.types import Flow
from masterflow.testing import empty_flow, eventually
from masterflow.worker.worker import Worker
from tests.conftest import Cast
from tests.engines.conftest import QUICK

KINDS = [empty_flow(2)]


@pytest.fixture
def orchestrator(database: Database) -> MasterFlowOrchestrator:
    return MasterFlowOrchestrator(database, FlowTypeRegistry(KINDS), DbosEngine(database.urls))


@pytest.fixture
async def worker(database: Database) -> AsyncIterator[Worker]:
    worker = Worker(database, FlowTypeRegistry(KINDS), DbosEngine(database.urls), concurrency=7, periods=QUICK)
    await worker.start()
    yield worker
    await worker.stop()


async def ended(orchestrator: MasterFlowOrchestrator, cast: Cast, flow: Flow) -> Flow:
    async def look() -> Flow | None:
        now = await orchestrator.get(cast.lead, flow.flow_id)
        return now if now.status is FlowStatus.COMPLETED else None

    return await eventually(look)


def read(urls: DatabaseUrls, statement: str) -> list[tuple]:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("table", ["workflow_status", "workflow_input", "queues"])
async def test_the_apps_role_has_no_right_on_the_engines_schema(database: Database, table: str) -> None:
    async with database.asking() as connection:
        for statement in (f"SELECT * FROM dbos.{table}", f"DELETE FROM dbos.{table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for schema dbos"):
                await connection.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT dbos.enqueue_workflow('masterflow_segment', 'masterflow_segments')")


@pytest.mark.parametrize("function", ["enqueue_segment", "withdraw_segment"])
async def test_the_app_reaches_the_queue_only_for_its_own_flows(
    orchestrator, database: Database, cast: Cast, function: str
) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    async with database.commanding(cast.tenant) as connection:
        await connection.execute(f"SELECT {function}($1, 5)", flow.flow_id)
    for flow_id in (flow.flow_id, uuid4()):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="is not of this tenant"):
            async with database.commanding(cast.outsider.tenant) as connection:
                await connection.execute(f"SELECT {function}($1, 5)", flow_id)
    async with database.asking() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="is not of this tenant"):
            await connection.execute(f"SELECT {function}($1, 5)", flow.flow_id)
    async with database.moving() as connection:
        await connection.execute(f"SELECT {function}($1, 6)", flow.flow_id)


async def test_a_rolled_back_command_queues_nothing(database: Database, cast: Cast, urls: DatabaseUrls) -> None:
    engine = DbosEngine(urls)
    with pytest.raises(RuntimeError):
        async with database.moving_together() as connection:
            await engine.enqueue(connection, Segment(uuid4(), 1))
            raise RuntimeError
    assert read(urls, "SELECT * FROM dbos.workflow_status") == []


async def test_the_same_epoch_is_queued_once(database: Database, urls: DatabaseUrls) -> None:
    engine, segment = DbosEngine(urls), Segment(uuid4(), 1)
    async with database.moving_together() as connection:
        await engine.enqueue(connection, segment)
        await engine.enqueue(connection, segment)
    assert read(urls, "SELECT workflow_uuid FROM dbos.workflow_status") == [(segment.key,)]


async def test_a_queued_segment_carries_what_every_worker_can_read(database: Database, urls: DatabaseUrls) -> None:
    segment = Segment(uuid4(), 3)
    async with database.moving_together() as connection:
        await DbosEngine(urls).enqueue(connection, segment, delay=timedelta(hours=1))
    [row] = read(urls, "SELECT status, application_version, serialization, queue_name, name FROM dbos.workflow_status")
    assert row == ("DELAYED", "masterflow", "portable_json", "masterflow_segments", "masterflow_segment")
    [(text,)] = read(urls, "SELECT inputs FROM dbos.workflow_input")
    assert text == f'{{"positionalArgs" : ["{segment.flow_id}",3], "namedArgs" : {{}}}}'


async def test_a_segment_can_be_withdrawn_until_somebody_has_it(database: Database, urls: DatabaseUrls) -> None:
    engine, queued, held = DbosEngine(urls), Segment(uuid4(), 1), Segment(uuid4(), 1)
    async with database.moving_together() as connection:
        await engine.enqueue(connection, queued)
        await engine.enqueue(connection, held)
        await connection.execute(
            "UPDATE dbos.workflow_status SET status = 'PENDING' WHERE workflow_uuid = $1", held.key
        )
        await engine.withdraw(connection, queued)
        await engine.withdraw(connection, held)
    assert read(urls, "SELECT workflow_uuid FROM dbos.workflow_status") == [(held.key,)]
    assert read(urls, "SELECT workflow_uuid FROM dbos.workflow_input") == [(held.key,)]


async def test_a_worker_takes_its_own_id_and_the_one_version(
    orchestrator, worker: Worker, cast: Cast, urls: DatabaseUrls
) -> None:
    await ended(orchestrator, cast, await orchestrator.create_flow(cast.lead, "empty", {}))
    [row] = read(urls, "SELECT DISTINCT executor_id, application_version FROM dbos.workflow_status")
    assert row == (str(worker.worker_id), "masterflow")


async def test_the_queue_has_a_concurrency_and_a_poll_and_no_shared_limit(worker: Worker, urls: DatabaseUrls) -> None:
    [row] = read(
        urls,
        """SELECT name, worker_concurrency, polling_interval_sec, concurrency, rate_limit_max
           FROM dbos.queues WHERE name = 'masterflow_segments'""",
    )
    assert row == ("masterflow_segments", 7, 0.05, None, None)


async def test_one_process_runs_one_engine(worker: Worker, urls: DatabaseUrls) -> None:
    with pytest.raises(Conflict, match="already runs an engine"):
        await worker._engine.start(worker.runner.run, worker_id=uuid4(), concurrency=1)


async def test_an_engine_without_its_tables_says_what_to_do(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("DROP SCHEMA dbos CASCADE")
    with pytest.raises(Unavailable, match=r"The engine does not start: .* Run `masterflow db migrate`\."):
        await DbosEngine(urls).start(_nothing, worker_id=uuid4(), concurrency=1)


async def test_an_engine_without_its_database_says_so(urls: DatabaseUrls) -> None:
    away = DatabaseUrls(urls.app, URL.create("postgresql", "x", "y", "127.0.0.1", 1, "none"), None)
    with pytest.raises(Unavailable, match="The engine does not start"):
        await DbosEngine(away).start(_nothing, worker_id=uuid4(), concurrency=1)


async def _nothing(segment: Segment) -> None: ...


async def test_it_tells_what_is_alive_and_who_holds_what(
    database: Database, worker: Worker, urls: DatabaseUrls
) -> None:
    engine, dead = worker._engine, uuid4()
    queued, delayed, held, lost = (Segment(uuid4(), 1) for _ in range(4))
    async with database.moving_together() as connection:
        for segment in (queued, delayed, held, lost):
            await engine.enqueue(connection, segment, delay=timedelta(hours=1))
        await _becomes(connection, queued, "ENQUEUED", None, version="another")
        await _becomes(connection, held, "PENDING", worker.worker_id)
        await _becomes(connection, lost, "PENDING", dead)
    everything = [queued, delayed, held, lost, Segment(uuid4(), 1)]
    assert await engine.live(everything, workers=[worker.worker_id]) == {queued, delayed, held}
    assert await engine.live([], workers=[]) == set()
    assert await engine.held_by(dead) == [lost]
    await engine.forget([lost, held])
    await engine.forget([])
    assert await engine.live(everything, workers=[worker.worker_id, dead]) == {queued, delayed}


async def _becomes(
    connection: asyncpg.Connection, segment: Segment, status: str, owner: UUID | None, version: str = "masterflow"
) -> None:
    await connection.execute(
        """UPDATE dbos.workflow_status SET status = $2, executor_id = $3, application_version = $4
           WHERE workflow_uuid = $1""",
        segment.key,
        status,
        str(owner) if owner else None,
        version,
    )


async def test_it_forgets_what_ended_a_while_ago_in_every_table(
    orchestrator, worker: Worker, cast: Cast, urls: DatabaseUrls
) -> None:
    flows = [await orchestrator.create_flow(cast.lead, "empty", {}) for _ in range(3)]
    for flow in flows:
        await ended(orchestrator, cast, flow)

    async def recorded() -> bool:
        return read(urls, "SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS'") == [(3,)]

    await eventually(recorded)
    assert await worker._engine.tidy(older_than=timedelta(hours=1)) == 0
    assert await worker._engine.tidy(older_than=timedelta(seconds=-5)) == 3
    for table in ("workflow_status", "workflow_input", "workflow_output"):
        assert read(urls, f"SELECT count(*) FROM dbos.{table}") == [(0,)]


async def test_no_idle_transaction_of_the_engine_keeps_dead_rows(
    worker: Worker, postgres: URL, urls: DatabaseUrls
) -> None:
    """The transaction that guards DBOS's background jobs is always open; it must hold no snapshot."""

    async def guarded() -> list[tuple]:
        with psycopg.connect(postgres.render_as_string(hide_password=False)) as connection:
            return connection.execute(
                """SELECT backend_xmin FROM pg_stat_activity
                   WHERE datname = %s AND state = 'idle in transaction'
                     AND query LIKE '%%pg_try_advisory_xact_lock%%'""",
                (urls.app.database,),
            ).fetchall()

    assert await eventually(guarded) == [(None,)]


async def test_a_worker_works_on_after_its_connections_were_lost(
    orchestrator, worker: Worker, cast: Cast, postgres: URL, urls: DatabaseUrls
) -> None:
    await ended(orchestrator, cast, await orchestrator.create_flow(cast.lead, "empty", {}))
    with psycopg.connect(postgres.render_as_string(hide_password=False)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (urls.app.database,)
        )

    async def created() -> Flow | None:
        try:
            return await orchestrator.create_flow(cast.lead, "empty", {})
        except Unavailable:
            return None

    flow = await eventually(created)
    assert (await ended(orchestrator, cast, flow)).status is FlowStatus.COMPLETED
    async with worker.runner.store._database.moving() as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {FLOWS} WHERE flow_status = 'running'") == 0
