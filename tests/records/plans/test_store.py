"""Plans come back as they were published, each as the next version, to their own tenant only."""

import asyncio
from datetime import date
from uuid import uuid4

from masterflow.db.session import Database
from masterflow.records.plans.store import PlanStore
from masterflow.records.plans.types import (
    BrokenWish,
    HybridDependency,
    Plan,
    PlannedItem,
    PlanStatus,
    Unplanned,
    Wave,
)
from tests.conftest import Cast


def a_plan() -> Plan:
    return Plan(
        id=uuid4(),
        flow_id=uuid4(),
        version=0,
        assessment_id=uuid4(),
        status=PlanStatus.FEASIBLE,
        objective=0.061,
        bound=0.004,
        seconds=12.5,
        waves=(a_wave(1), a_wave(2)),
        items=(an_item("Billing", 2), an_item("Archive", 1)),
        unplanned=(Unplanned(uuid4(), "Fax", "retired"),),
        hybrid_dependencies=(HybridDependency("Billing", "Ledger", 2, "5 ms is needed"),),
        broken_wishes=(BrokenWish("balance", ("Billing",), "wave 2 is fuller"),),
    )


def a_wave(number: int) -> Wave:
    return Wave(
        number=number,
        name=f"Wave {number}",
        start=date(2027, 1, 11),
        end=date(2027, 2, 7),
        frozen="none",
        hours=100,
        capacity_hours=300,
        servers=5,
        capacity_servers=30,
        storage_gb=1000,
        capacity_storage_gb=5000,
        confidence="low",
        note="no dependencies are known",
    )


def an_item(name: str, wave: int) -> PlannedItem:
    return PlannedItem(
        subject_id=uuid4(),
        subject_name=name,
        is_application=True,
        wave=wave,
        strategy="rehost",
        servers=3,
        storage_gb=200,
        hours=40,
        environment="prod",
        criticality=None,
    )


async def test_a_plan_comes_back_as_the_next_version(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        first = await PlanStore(session).publish(a_plan())
    async with database.transaction(cast.tenant) as session:
        second = await PlanStore(session).publish(a_plan())
    assert (first.version, second.version) == (1, 2)
    async with database.transaction(cast.tenant) as session:
        found = await PlanStore(session).latest()
        assert [head.id for head in await PlanStore(session).heads(limit=9)] == [second.id, first.id]
    assert found is not None
    assert [item.subject_name for item in found.items] == ["Archive", "Billing"]
    assert set(found.items) == set(second.items)
    assert (found.waves, found.unplanned, found.broken_wishes) == (second.waves, second.unplanned, second.broken_wishes)


async def test_plans_published_together_take_different_versions(database: Database, cast: Cast) -> None:
    async def publish() -> int:
        async with database.transaction(cast.tenant) as session:
            return (await PlanStore(session).publish(a_plan())).version

    assert sorted(await asyncio.gather(*[publish() for _ in range(4)])) == [1, 2, 3, 4]


async def test_another_tenant_sees_no_plan(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        published = await PlanStore(session).publish(a_plan())
    async with database.transaction(cast.outsider.tenant) as session:
        assert await PlanStore(session).latest() is None
        assert await PlanStore(session).get(published.id) is None
        assert await PlanStore(session).heads(limit=9) == []
