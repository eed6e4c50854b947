"""One worker: an engine that takes segments, a runner that runs them, and what goes on beside them."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from masterflow.db.session import Database
from masterflow.errors import MasterflowError
from masterflow.inventory.filestore import FileStore
from masterflow.logs import get_logger
from masterflow.orchestrator.engine import Engine
from masterflow.orchestrator.hooks import ErrorHooks
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.segments.compute import ComputePool
from masterflow.orchestrator.segments.runner import Blocked, SegmentRunner, log_blocked
from masterflow.worker.heartbeat import Heartbeat
from masterflow.worker.periods import Periods
from masterflow.worker.store import WorkerStore
from masterflow.worker.upkeep import Upkeep

log = get_logger(__name__)

FLOWS_PER_CONNECTION = 10
RELEASE_GRACE = timedelta(seconds=5)  # for bodies that were told to stop, after the drain


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that a worker does again and again beside its flows: at once, and then `period` after it ended."""

    period: timedelta
    do: Callable[[], Awaitable[object]]


class Worker:
    """Runs flows from `start` to `stop`; `masterflow worker` waits in between for a signal.

    `concurrency` counts flows at a time, `processes` those for CPU-bound work; phases open files in `files`. `duties`
    are done beside the worker's own, `hooks` told of what goes wrong. The database is opened and closed by the caller;
    its engine pool should have a connection for every `FLOWS_PER_CONNECTION`.
    """

    def __init__(
        self,
        database: Database,
        registry: FlowTypeRegistry,
        engine: Engine,
        *,
        concurrency: int = 100,
        processes: int = 2,
        files: FileStore | None = None,
        version: str = "",
        periods: Periods | None = None,
        blocked: Blocked = log_blocked,
        duties: Sequence[Duty] = (),
        hooks: ErrorHooks | None = None,
    ) -> None:
        self.worker_id = uuid4()
        self._engine = engine
        self._concurrency = concurrency
        self._periods = periods or Periods()
        self._pool = ComputePool(processes)
        self.runner = SegmentRunner(
            database,
            registry,
            engine,
            worker_id=self.worker_id,
            pool=self._pool,
            files=files,
            blocked=blocked,
            hooks=hooks,
            concurrency=concurrency,
        )
        self.upkeep = Upkeep(database, engine, self.runner.store, WorkerStore(database), self._periods, hooks)
        self._heartbeat = Heartbeat(
            database.urls.engine,
            worker_id=self.worker_id,
            pid=os.getpid(),
            version=version,
            period=self._periods.beat,
            declared_dead=self._declared_dead,
        )
        self._duties = [
            Duty(self._periods.look, self.runner.refresh),
            Duty(self._periods.sweep, self.upkeep.sweep),
            Duty(self._periods.reconcile, self.upkeep.reconcile),
            Duty(self._periods.tidy, self.upkeep.tidy),
            Duty(self._periods.tidy, self.upkeep.clear_staged),
            *duties,
        ]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Register, begin to take segments, and look after the others.

        Raises:
            Unavailable: Postgres does not answer, or its engine tables are missing.
        """
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._heartbeat.start)
        try:
            await self._engine.start(self.runner.run, worker_id=self.worker_id, concurrency=self._concurrency)
        except MasterflowError:
            await asyncio.to_thread(self._heartbeat.stop)
            raise
        self._tasks = [asyncio.create_task(_every(duty.period, duty.do)) for duty in self._duties]
        log.info("worker_started", worker_id=str(self.worker_id), concurrency=self._concurrency)

    async def stop(self, *, within: timedelta | None = None) -> None:
        """Take nothing more, let running phases end for at most `within`, give the rest back, and leave."""
        grace = self._periods.drain if within is None else within
        self.runner.drain()
        release = asyncio.get_running_loop().call_later(grace.total_seconds(), self.runner.release)
        await self._engine.stop(within=grace + RELEASE_GRACE if self.runner.busy else timedelta(0))
        release.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._heartbeat.stop)
        await asyncio.to_thread(self._pool.close)
        log.info("worker_stopped", worker_id=str(self.worker_id))

    def _declared_dead(self) -> None:
        """Called in the heartbeat's thread after a freeze: find out at once what others took over."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self.runner.refresh(), self._loop)


async def _every(period: timedelta, do: Callable[[], Awaitable[object]]) -> None:
    """Do something at once and then again and again; a failure is logged and the next time tried anew."""
    while True:
        try:
            await do()
        except Exception:  # boundary: upkeep outlives a database that is away for a while
            log.exception("upkeep_failed", what=getattr(do, "__qualname__", repr(do)))
        await asyncio.sleep(period.total_seconds())
