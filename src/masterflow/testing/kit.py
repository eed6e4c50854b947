"""An orchestrator that runs flows in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.inventory.filestore import FileStore
from masterflow.orchestrator.engine_inline import InlineEngine
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.segments.compute import ComputePool
from masterflow.orchestrator.segments.runner import SegmentRunner
from masterflow.orchestrator.service import MasterFlowOrchestrator
from masterflow.orchestrator.types import Flow
from masterflow.spec import FlowType
from masterflow.tenancy.types import Principal

LOOK = timedelta(milliseconds=20)  # at the rows of what runs, so that a pause or a cancel is seen at once
PATIENCE = timedelta(seconds=30)  # before a test that waits for a flow gives up


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch in which a phase kept the event loop to itself for more than 100 ms."""

    flow_type: str
    phase: str
    took: timedelta


@dataclass(slots=True)
class Kit:
    """An orchestrator whose flows run here. `blocks` lists what stalled the loop: a test of a flow type asserts that it
    is empty."""

    orchestrator: MasterFlowOrchestrator
    engine: InlineEngine
    runner: SegmentRunner
    blocks: list[Block] = field(default_factory=list)

    async def settled(self, actor: Principal, flow_id: UUID) -> Flow:
        """The flow, once it runs no more: it ended, waits for somebody, or is paused.

        Raises:
            TimeoutError: it still runs after half a minute.
        """
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while True:
                await self.engine.idle()
                flow = await self.orchestrator.get(actor, flow_id)
                if flow.status is not FlowStatus.RUNNING:
                    return flow
                await asyncio.sleep(LOOK.total_seconds())


def make_orchestrator(database: Database, flow_types: Iterable[FlowType]) -> MasterFlowOrchestrator:
    """An orchestrator on an inline engine that nobody has started: commands work, flows stay queued."""
    return MasterFlowOrchestrator(database, FlowTypeRegistry(flow_types), InlineEngine())


@asynccontextmanager
async def running_orchestrator(
    database: Database,
    flow_types: Iterable[FlowType],
    *,
    concurrency: int = 20,
    processes: int = 1,
    files: FileStore | None = None,
    compute: ComputePool | None = None,
) -> AsyncIterator[Kit]:
    """An orchestrator that runs its flows in this event loop until the block ends.

    `compute` shares processes between tests: the first call of each takes seconds to import what it runs.
    """
    registry, engine, worker_id = FlowTypeRegistry(flow_types), InlineEngine(), uuid4()
    pool = compute or ComputePool(processes)
    blocks: list[Block] = []
    orchestrator = MasterFlowOrchestrator(database, registry, engine)
    runner = SegmentRunner(
        database,
        registry,
        engine,
        worker_id=worker_id,
        pool=pool,
        files=files,
        blocked=lambda flow_type, phase, took: blocks.append(Block(flow_type, phase, took)),
        hooks=orchestrator.hooks,
        concurrency=concurrency,
    )
    await engine.start(runner.run, worker_id=worker_id, concurrency=concurrency)
    looking = asyncio.create_task(_look(runner))
    try:
        yield Kit(orchestrator, engine, runner, blocks)
    finally:
        runner.release()
        await engine.stop(within=timedelta(seconds=5))
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        if compute is None:
            pool.close()


async def _look(runner: SegmentRunner) -> None:
    while True:
        await runner.refresh()
        await asyncio.sleep(LOOK.total_seconds())
