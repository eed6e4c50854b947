"""Segments on DBOS Transact: one workflow a segment, phases are no DBOS steps. The only module that imports dbos.

DBOS is a queue and a timer here, not a second memory: recovery after a dead worker is ours, because its own would run
a segment again without raising the epoch. Details that matter, each tested: the executor's id is fresh per process,
or a second worker would re-run the first one's live segments; the application version is one constant, because a
version-less row is taken only by the latest version; arguments of a workflow enqueued in SQL arrive as text.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import asyncpg
import psycopg
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from dbos import error as dbos_error
from sqlalchemy.exc import DBAPIError

from masterflow.db.migrate import ENGINE_SCHEMA
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, Unavailable
from masterflow.orchestrator.engine import Run, Segment

WORKFLOW = "masterflow_segment"
QUEUE = "masterflow_segments"
APPLICATION = "masterflow"  # the function enqueue_segment writes the same words
POLL = timedelta(milliseconds=50)
POOL_SIZE = 8  # connections of DBOS's own: polls, outcomes of segments, its background jobs
PAGE = 500  # rows asked for or deleted at a time

_QUEUED = ("ENQUEUED", "DELAYED")
_HELD = "PENDING"
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

T = TypeVar("T")

_ENGINE_OPTIONS = {
    # No ping before each use, which is a transaction of its own: DBOS repeats what a lost connection interrupts.
    "pool_pre_ping": False,
    # Client-side binding: with server-side, the transaction that guards DBOS's background jobs keeps its last portal,
    # and so a snapshot, for a second at a time, and no dead version of any row can be pruned meanwhile.
    "connect_args": {"cursor_factory": psycopg.ClientCursor, "application_name": "masterflow-dbos"},
}


class DbosEngine:
    """The production engine. DBOS is a singleton, so one process starts at most one."""

    def __init__(self, urls: DatabaseUrls, *, poll: timedelta = POLL) -> None:
        self._url = urls.engine
        self._poll = poll
        self._started = False

    async def enqueue(
        self, connection: asyncpg.Connection, segment: Segment, *, delay: timedelta | None = None
    ) -> None:
        """Queue `segment` inside the caller's transaction, through the function that also the app's role may call."""
        await connection.fetchval("SELECT enqueue_segment($1, $2, $3)", segment.flow_id, segment.epoch, delay)

    async def withdraw(self, connection: asyncpg.Connection, segment: Segment) -> None:
        """Take back a queued segment inside the caller's transaction."""
        await connection.fetchval("SELECT withdraw_segment($1, $2)", segment.flow_id, segment.epoch)

    def committed(self, segment: Segment) -> None:
        """Nothing: the row appears in the queue with the commit, and the queue is polled often enough."""

    async def start(self, run: Run, *, worker_id: UUID, concurrency: int) -> None:
        """Launch DBOS in the running event loop and take segments.

        Raises:
            Conflict: this process has started an engine already.
            Unavailable: the engine's tables are missing or too old.
        """
        if self._started:
            raise Conflict("This process already runs an engine.", hint="Start one worker a process.")
        self._started = True
        _configure_log()

        async def masterflow_segment(flow_id: str, epoch: int) -> None:
            await run(Segment(UUID(flow_id), int(epoch)))

        try:
            # Before the launch: a queue that is registered after it is noticed only a second later.
            await _called(partial(self._register_queue, concurrency))
            DBOS(config=self._config(worker_id))
            DBOS.workflow(name=WORKFLOW)(masterflow_segment)
            DBOS.launch()
        except (dbos_error.DBOSException, DBAPIError) as error:
            await self.stop(within=timedelta(0))
            said = str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
            raise Unavailable(f"The engine does not start: {said}.", hint="Run `masterflow db migrate`.") from error

    async def stop(self, *, within: timedelta) -> None:
        """Take no more segments, wait up to `within` for those that run, and close DBOS's connections."""
        if self._started:
            self._started = False
            await asyncio.to_thread(
                DBOS.destroy, destroy_registry=True, workflow_completion_timeout_sec=math.ceil(within.total_seconds())
            )

    async def live(self, segments: Collection[Segment], *, workers: Collection[UUID]) -> set[Segment]:
        """Those of `segments` that are queued, delayed, or held by one of `workers`."""
        alive: set[Segment] = set()
        keys = [segment.key for segment in segments]
        for start in range(0, len(keys), PAGE):
            page = keys[start : start + PAGE]
            for row in await _called(partial(_list, workflow_ids=page, status=[*_QUEUED, _HELD])):
                if row.status != _HELD or row.executor_id in {str(worker) for worker in workers}:
                    alive.add(Segment.from_key(row.workflow_id))
        return alive

    async def held_by(self, worker_id: UUID) -> list[Segment]:
        """Segments that `worker_id` took and has not finished."""
        rows = await _called(partial(_list, executor_id=str(worker_id), status=[_HELD]))
        return [Segment.from_key(row.workflow_id) for row in rows]

    async def forget(self, segments: Collection[Segment]) -> None:
        """Drop the memory of void segments."""
        keys = [segment.key for segment in segments]
        if keys:
            await _called(partial(DBOS.delete_workflows, keys))

    async def tidy(self, *, older_than: timedelta) -> int:
        """Delete rows of segments that ended longer ago than `older_than`; DBOS itself keeps them for ever."""
        before = (datetime.now(UTC) - older_than).isoformat()
        deleted = 0
        while True:
            rows = await _called(partial(_list, status=list(_ENDED), completed_before=before, limit=PAGE))
            if not rows:
                return deleted
            await _called(partial(DBOS.delete_workflows, [row.workflow_id for row in rows]))
            deleted += len(rows)

    def _config(self, worker_id: UUID) -> DBOSConfig:
        return DBOSConfig(
            name=APPLICATION,
            system_database_url=self._database_url(),
            sys_db_pool_size=POOL_SIZE,
            db_engine_kwargs=_ENGINE_OPTIONS,
            dbos_system_schema=ENGINE_SCHEMA,
            application_version=APPLICATION,
            executor_id=str(worker_id),
            serializer=DBOSPortableJSONSerializer(),
            run_migrations=False,
            enable_otlp=False,
            log_level="WARNING",
        )

    def _register_queue(self, concurrency: int) -> None:
        client = DBOSClient(
            system_database_url=self._database_url(),
            dbos_system_schema=ENGINE_SCHEMA,
            application_name=APPLICATION,
            retry_connection_errors=False,
        )
        try:
            client.register_queue(
                QUEUE, worker_concurrency=concurrency, polling_interval_sec=self._poll.total_seconds()
            )
        finally:
            client.destroy()

    def _database_url(self) -> str:
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)


def _configure_log() -> None:
    """Let DBOS's warnings go where ours go, but for what it says of executions that lost their row."""
    log = logging.getLogger("dbos")
    log.setLevel(logging.WARNING)
    if not log.handlers:
        log.addHandler(logging.NullHandler())  # without a handler DBOS adds its own
        log.addFilter(_not_parked)


def _not_parked(record: logging.LogRecord) -> bool:
    """Whether a line tells more than that a void execution ended: the runner has fenced it, and nothing is wrong."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is not dbos_error.DBOSNonExistentWorkflowError and "outcome was not recorded" not in record.getMessage()


async def _called(function: Callable[[], T]) -> T:
    """Run a blocking call of DBOS in a thread; its async twins would replace the loop's own thread pool."""
    return await asyncio.to_thread(function)


_list = partial(DBOS.list_workflows, name=WORKFLOW, load_input=False, load_output=False)
