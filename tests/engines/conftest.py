"""One house for both engines: a worker with an engine, and an orchestrator that commands it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.engine import Engine, Segment
from masterflow.orchestrator.engine_dbos import DbosEngine
from masterflow.orchestrator.engine_inline import InlineEngine
from masterflow.orchestrator.quotas.types import UNLIMITED, Quotas
from masterflow.orchestrator.types import Flow
from masterflow.spec import FlowType
from masterflow.testing import Block, eventually
from masterflow.worker.periods import Periods
from masterflow.worker.worker import Worker
from tests.conftest import Cast

QUICK = Periods(
    beat=timedelta(milliseconds=200),
    look=timedelta(milliseconds=50),
    sweep=timedelta(milliseconds=200),
    reconcile=timedelta(hours=1),
    tidy=timedelta(hours=1),
    lost_after=timedelta(milliseconds=500),
    drain=timedelta(0),
)


@dataclass
class House:
    """What a test of the conformance suite works with."""

    database: Database
    cast: Cast
    engine: Engine
    worker: Worker
    orchestrator: MasterFlowOrchestrator
    blocks: list[Block] = field(default_factory=list)

    async def settled(self, flow: Flow) -> Flow:
        """The flow, once it runs no more."""
        return await self.until(flow, lambda now: now.status is not FlowStatus.RUNNING)

    async def until(self, flow: Flow, holds: Callable[[Flow], bool]) -> Flow:
        """The flow, once `holds`."""

        async def look() -> Flow | None:
            now = await self.orchestrator.get(self._reader(flow), flow.flow_id)
            return now if holds(now) else None

        return await eventually(look)

    async def kinds(self, flow: Flow) -> list[str]:
        """The kinds of a flow's events, after checking that their numbers have no hole."""
        events = await self.orchestrator.history(self._reader(flow), flow.flow_id)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        return [event.kind for event in events]

    @staticmethod
    def segment(flow: Flow, epoch: int) -> Segment:
        """The segment of a flow in an epoch."""
        return Segment(flow.flow_id, epoch)

    @staticmethod
    async def eventually_failed(connection: asyncpg.Connection, flow: Flow) -> None:
        """Wait for a row that cannot be read as a flow."""

        async def failed() -> bool:
            status = await connection.fetchval(f"SELECT flow_status FROM {FLOWS} WHERE flow_id = $1", flow.flow_id)
            return bool(status == FlowStatus.FAILED)

        await eventually(failed)

    def _reader(self, flow: Flow):
        return self.cast.lead if flow.tenant == self.cast.tenant else self.cast.outsider


Open = Callable[..., Awaitable[House]]


@pytest.fixture(params=["inline", "dbos"])
async def house(request: pytest.FixtureRequest, database: Database, cast: Cast) -> AsyncIterator[Open]:
    """Opens a house for flow types; it is closed after the test."""
    async with AsyncExitStack() as stack:

        async def opened(*flow_types: FlowType, **options: object) -> House:
            engine = InlineEngine() if request.param == "inline" else DbosEngine(database.urls)
            return await stack.enter_async_context(_opened(database, cast, engine, flow_types, **options))

        yield opened


@asynccontextmanager
async def _opened(
    database: Database,
    cast: Cast,
    engine: Engine,
    flow_types: tuple[FlowType, ...],
    concurrency: int = 50,
    quotas: Quotas = UNLIMITED,
) -> AsyncIterator[House]:
    registry = FlowTypeRegistry(flow_types)
    blocks: list[Block] = []
    orchestrator = MasterFlowOrchestrator(database, registry, engine, quotas=quotas)
    worker = Worker(
        database,
        registry,
        engine,
        hooks=orchestrator.hooks,
        concurrency=concurrency,
        processes=1,
        periods=QUICK,
        blocked=lambda *block: blocks.append(Block(*block)),
    )
    await worker.start()
    home = House(database, cast, engine, worker, orchestrator, blocks)
    try:
        yield home
    finally:
        await home.worker.stop()


async def engine_memory(house: House, flow_id: UUID) -> list[str]:
    """States of what the engine remembers as unfinished of a flow."""
    if isinstance(house.engine, InlineEngine):
        memory = {**house.engine._queued, **house.engine._running}
        return ["queued" for segment in memory if segment.flow_id == flow_id]
    async with house.database.moving() as connection:
        rows = await connection.fetch(
            """SELECT status FROM dbos.workflow_status
               WHERE workflow_uuid LIKE $1 AND status IN ('ENQUEUED', 'PENDING', 'DELAYED')""",
            f"{flow_id}:%",
        )
    return [row["status"] for row in rows]
