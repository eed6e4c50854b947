"""What one engagement may have."""

import asyncio
from datetime import timedelta

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import QuotaExceeded
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.engine_inline import InlineEngine
from masterflow.orchestrator.quotas.service import DEFAULT, change_quotas
from masterflow.orchestrator.quotas.store import QuotaStore
from masterflow.orchestrator.quotas.types import UNLIMITED, ClientQuotas, Quotas
from masterflow.testing import empty_flow, eventually
from tests.conftest import Cast


def orchestrator(database: Database, quotas: Quotas) -> MasterFlowOrchestrator:
    """Flows stay queued: nobody has started its engine."""
    return MasterFlowOrchestrator(database, FlowTypeRegistry([empty_flow(1)]), InlineEngine(), quotas=quotas)


async def test_no_more_flows_run_than_may_and_the_other_tenant_has_its_own(database: Database, cast: Cast) -> None:
    flows = orchestrator(database, Quotas(running=2))
    first, _ = [await flows.create_flow(cast.lead, "empty", {}) for _ in range(2)]
    with pytest.raises(QuotaExceeded, match="flows of this engagement run as may at once: 2") as refused:
        await flows.create_flow(cast.lead, "empty", {})
    assert refused.value.retry_after == timedelta(seconds=30)
    waiting = await flows.create_flow(cast.lead, "empty", {}, start=False)
    with pytest.raises(QuotaExceeded):
        await flows.execute(cast.lead, waiting.flow_id)
    assert (await flows.get(cast.lead, waiting.flow_id)).status is FlowStatus.INITIALIZED
    await flows.create_flow(cast.outsider, "empty", {})
    await flows.pause(cast.lead, first.flow_id)
    await flows.execute(cast.lead, waiting.flow_id)
    with pytest.raises(QuotaExceeded):
        await flows.resume(cast.lead, first.flow_id)
    assert len((await flows.list(cast.lead)).flows) == 3


async def test_what_is_created_in_an_hour_and_in_all_is_counted_in_the_transaction_that_creates(
    database: Database, cast: Cast
) -> None:
    flows = orchestrator(database, Quotas(created_per_hour=2))
    for _ in range(2):
        await flows.create_flow(cast.lead, "empty", {}, start=False)
    for _ in range(3):
        with pytest.raises(
            QuotaExceeded, match="2 flows were created in this engagement within the hour, and 2 may be"
        ) as refused:
            await flows.create_flow(cast.lead, "empty", {}, start=False)
    assert refused.value.retry_after is not None
    assert timedelta(0) < refused.value.retry_after <= timedelta(hours=1)
    assert len((await flows.list(cast.lead)).flows) == 2
    await flows.create_flow(cast.outsider, "empty", {}, start=False)
    async with database.moving() as connection:
        counted = dict(await connection.fetch("SELECT client_account_id, flows FROM flow_counters"))
        await connection.execute("UPDATE flow_counters SET hour = hour - interval '1 hour'")
    assert counted == {cast.tenant.client_account_id: 2, cast.outsider.tenant.client_account_id: 1}
    await flows.create_flow(cast.lead, "empty", {}, start=False)
    in_all = orchestrator(database, Quotas(flows=2))
    with pytest.raises(QuotaExceeded, match="This engagement has 3 flows, and may have 2") as full:
        await in_all.create_flow(cast.lead, "empty", {})
    assert full.value.retry_after is None
    assert (full.value.hint or "").lower().count("ask the operator") == 1


async def test_the_operators_word_on_a_client_outranks_the_default(database: Database, cast: Cast) -> None:
    client = cast.tenant.client_account_id
    assert await change_quotas(database.urls.owner, client) == ClientQuotas()
    assert await change_quotas(database.urls.owner, client, running=1, flows=0) == ClientQuotas(running=1, flows=0)
    flows = orchestrator(database, Quotas(running=2, flows=1))
    await flows.create_flow(cast.lead, "empty", {})
    with pytest.raises(QuotaExceeded, match="run as may at once: 1"):
        await flows.create_flow(cast.lead, "empty", {})
    await flows.create_flow(cast.lead, "empty", {}, start=False)
    await flows.create_flow(cast.outsider, "empty", {})
    with pytest.raises(QuotaExceeded, match="has 1 flows, and may have 1"):
        await flows.create_flow(cast.outsider, "empty", {})
    assert await change_quotas(database.urls.owner, client, running=DEFAULT, created_per_hour=5) == ClientQuotas(
        created_per_hour=5, flows=0
    )
    async with database.reading(cast.tenant) as connection:
        assert await connection.fetchval("SELECT count(*) FROM client_quotas") == 1
    async with database.reading(cast.outsider.tenant) as connection:
        assert await connection.fetchval("SELECT count(*) FROM client_quotas") == 0
        assert await connection.fetchval("SELECT count(*) FROM flow_counters") == 1


async def test_of_two_transactions_at_the_limit_the_second_waits_and_is_refused(database: Database, cast: Cast) -> None:
    flows = orchestrator(database, Quotas(running=1))
    one, other = [await flows.create_flow(cast.lead, "empty", {}, start=False) for _ in range(2)]
    run = "UPDATE crewai_flow_state_extensions SET flow_status = 'running' WHERE flow_id = $1"
    async with database.commanding(cast.tenant) as first:
        await first.execute(run, one.flow_id)
        await QuotaStore(first, cast.tenant).require_running(Quotas(running=1))
        second = asyncio.create_task(flows.execute(cast.lead, other.flow_id))
        await eventually(lambda: _waits(database))
        assert not second.done()
    with pytest.raises(QuotaExceeded, match="run as may at once: 1"):
        await second
    assert (await flows.get(cast.lead, other.flow_id)).status is FlowStatus.INITIALIZED


async def _waits(database: Database) -> bool:
    async with database.moving() as connection:
        waiting: int = await connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
        )
    return waiting > 0


async def test_without_quotas_nothing_is_refused(database: Database, cast: Cast) -> None:
    flows = orchestrator(database, UNLIMITED)
    for _ in range(3):
        await flows.create_flow(cast.lead, "empty", {})
