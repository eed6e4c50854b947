"""What flows left staged goes when they can never publish it, and not before."""

from datetime import timedelta

import pytest

from masterflow.db.session import Database
from masterflow.inventory.staging.store import StagedUnder, StagingStore
from masterflow.orchestrator import MasterFlowOrchestrator
from masterflow.orchestrator.types import Flow
from masterflow.tenancy.types import Principal
from masterflow.worker import store as module
from masterflow.worker.store import WorkerStore
from tests.conftest import Cast
from tests.worker.conftest import Table


async def staged(database: Database, actor: Principal, flow: Flow, chunks: int = 3) -> None:
    async with database.transaction(actor.tenant) as session:
        for chunk in range(chunks):
            await StagingStore(session, StagedUnder(flow.flow_id, 1, "building")).put("assets", chunk, [{"n": chunk}])


def left(table: Table) -> dict[str, int]:
    return dict(table.execute("SELECT flow_id::text, count(*) FROM staged_chunks GROUP BY 1"))


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_chunks_of_a_flow_that_ended_are_cleared_for_every_tenant(
    orchestrator: MasterFlowOrchestrator,
    database: Database,
    cast: Cast,
    table: Table,
    status: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "STAGED_AT_ONCE", 2)
    for actor in (cast.lead, cast.outsider):
        flow = await orchestrator.create_flow(actor, "empty", {}, start=False)
        await staged(database, actor, flow)
    table.execute("UPDATE crewai_flow_state_extensions SET flow_status = %s", status)
    store = WorkerStore(database)
    assert await store.clear_staged(older_than=timedelta(hours=1)) == 0
    table.execute("UPDATE crewai_flow_state_extensions SET status_changed_at = now() - interval '61 minutes'")
    assert await store.clear_staged(older_than=timedelta(hours=1)) == 6
    assert left(table) == {}


@pytest.mark.parametrize("status", ["running", "waiting_for_approval", "paused", "failed"])
async def test_chunks_that_may_still_be_published_stay(
    orchestrator: MasterFlowOrchestrator, database: Database, cast: Cast, table: Table, status: str
) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    await staged(database, cast.lead, flow)
    table.execute(
        "UPDATE crewai_flow_state_extensions SET flow_status = %s, status_changed_at = now() - interval '1 year'",
        status,
    )
    assert await WorkerStore(database).clear_staged(older_than=timedelta(0)) == 0
    assert left(table) == {str(flow.flow_id): 3}
