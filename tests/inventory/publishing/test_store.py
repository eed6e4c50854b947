"""An estate is published whole or not at all."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
import sqlalchemy as sa

from masterflow.db.session import Database
from masterflow.db.tables.inventory import staged_chunks
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict
from masterflow.inventory.estate_rows import dependency_rows
from masterflow.inventory.filestore import StoredFile
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.publishing.store import (
    DEPENDENCIES,
    GATE_SOURCE,
    IDLE_SERVERS,
    IN_USE_SERVERS,
    MEASURED_FROM,
    PublishingStore,
)
from masterflow.inventory.publishing.types import Decision, Published
from masterflow.inventory.queries import AssetFilter
from masterflow.inventory.staging.store import StagedUnder, StagingStore
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import (
    IDLE,
    IN_USE,
    Dependency,
    DependencyKind,
    Environment,
    Identity,
    IdentityScheme,
)
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast
from tests.inventory.estates import (
    SPACE,
    Estate,
    application,
    publish,
    server,
    stage,
    staging,
    three_servers,
    with_memory,
)

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def staged_chunk_count(database: Database, tenant: Tenant) -> int:
    async with database.transaction(tenant) as session:
        query = sa.select(sa.func.count()).select_from(staged_chunks)
        return (await session.execute(query)).scalar_one()


async def published_names(database: Database, tenant: Tenant) -> list[str]:
    async with database.transaction(tenant) as session:
        return [a.name async for a in InventoryStore(session).every_asset()]


async def entered_import(database: Database, tenant: Tenant, name: str) -> UUID:
    async with database.transaction(tenant) as session:
        stored = StoredFile(name.encode().ljust(32, b"\0"), 10)
        return (await ImportStore(session).add(name, stored, uploaded_by="lead")).id


async def test_every_value_comes_back_as_it_was_staged(database: Database, cast: Cast) -> None:
    estate = three_servers()
    assert await publish(database, cast.tenant, estate) == Published(added=3, changed=0, unchanged=0, removed=0)
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        for expected in estate.servers:
            found = await store.asset(expected.id)
            assert found.asset == expected
            assert found.completeness == 0.5
        assert await store.conflicts() == estate.conflicts
        billing, alpha = estate.applications
        assert await store.every_application() == (alpha, billing)


async def test_nobody_sees_a_staged_estate_before_it_is_published(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        await stage(session, three_servers())
    assert await published_names(database, cast.tenant) == []


async def test_publishing_the_same_estate_again_adds_nothing(database: Database, cast: Cast) -> None:
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    async with database.transaction(cast.tenant) as session:
        before = await InventoryStore(session).summary()
    again = await publish(database, cast.tenant, replace(estate, flow_id=uuid4()))
    assert again == Published(added=0, changed=0, unchanged=3, removed=0)
    async with database.transaction(cast.tenant) as session:
        assert await InventoryStore(session).summary() == before


async def test_a_changed_value_changes_one_row(database: Database, cast: Cast) -> None:
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    again = await publish(database, cast.tenant, with_memory(estate, "db", 8192))
    assert again == Published(added=0, changed=1, unchanged=2, removed=0)
    async with database.transaction(cast.tenant) as session:
        summary = await InventoryStore(session).summary()
        assert summary.memory_mib == 4096 + 8192


async def test_what_the_new_estate_lacks_goes(database: Database, cast: Cast) -> None:
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    smaller = Estate(servers=estate.servers[:1], applications=(application("Billing", estate.servers[0]),))
    assert await publish(database, cast.tenant, smaller) == Published(added=0, changed=0, unchanged=1, removed=2)
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        summary = await store.summary()
        assert (summary.assets, summary.applications, summary.conflicts, summary.facts) == (1, 1, 0, 3)
        assert "uuid-db" not in await store.identities_as_json()


async def test_an_empty_estate_takes_the_place_of_a_full_one(database: Database, cast: Cast) -> None:
    await publish(database, cast.tenant, three_servers())
    assert await publish(database, cast.tenant, Estate()) == Published(added=0, changed=0, unchanged=0, removed=3)


async def test_published_chunks_are_deleted(database: Database, cast: Cast) -> None:
    await publish(database, cast.tenant, three_servers())
    assert await staged_chunk_count(database, cast.tenant) == 0


async def test_an_error_while_publishing_leaves_the_old_estate_and_the_chunks(database: Database, cast: Cast) -> None:
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    later = Estate(servers=(server("other"),), flow_id=uuid4())
    async with database.transaction(cast.tenant) as session:
        await stage(session, later)
    with pytest.raises(RuntimeError):
        async with database.publishing(cast.tenant) as session:
            await PublishingStore(session).publish_estate(staging(session, later.flow_id), later.publication())
            raise RuntimeError
    assert await published_names(database, cast.tenant) == ["db", "spare", "web"]
    assert await staged_chunk_count(database, cast.tenant) == 4


async def test_an_estate_that_misses_a_newer_import_is_refused(database: Database, cast: Cast) -> None:
    first = await entered_import(database, cast.tenant, "first.xlsx")
    second = await entered_import(database, cast.tenant, "second.csv")
    await publish(database, cast.tenant, replace(three_servers(), built_from=(first,)))
    with pytest.raises(Conflict, match=r"built before first\.xlsx was published.*Reject this proposal"):
        await publish(database, cast.tenant, Estate(built_from=(second,)))
    assert await published_names(database, cast.tenant) == ["db", "spare", "web"]
    await publish(database, cast.tenant, Estate(servers=(server("x"),), built_from=(second,), replaced=(first,)))
    async with database.transaction(cast.tenant) as session:
        assert [one.id for one in await ImportStore(session).published()] == [second]


async def test_a_machine_that_a_person_left_out_stays_out(database: Database, cast: Cast) -> None:
    estate = three_servers()
    out = Decision(estate.servers[2].id, None, None, keep=False)
    first = await publish(database, cast.tenant, replace(estate, decisions=(out,)))
    assert first == Published(added=2, changed=0, unchanged=0, removed=0)
    assert await published_names(database, cast.tenant) == ["db", "web"]
    again = await publish(database, cast.tenant, estate)
    assert again == Published(added=0, changed=0, unchanged=2, removed=0)
    async with database.transaction(cast.tenant) as session:
        assert (await InventoryStore(session).summary()).facts == 6
    back = Decision(estate.servers[2].id, None, None, keep=True)
    assert (await publish(database, cast.tenant, replace(estate, decisions=(back,)))).added == 1


async def test_an_environment_that_a_person_set_goes_before_the_files(database: Database, cast: Cast) -> None:
    estate = three_servers()
    db = estate.servers[1]
    decided = Decision(db.id, None, Environment.STAGING, keep=True)
    await publish(database, cast.tenant, replace(estate, decisions=(decided,)))
    again = await publish(database, cast.tenant, estate)
    assert again.unchanged == 3
    async with database.transaction(cast.tenant) as session:
        found = (await InventoryStore(session).asset(db.id)).asset
        untouched = (await InventoryStore(session).asset(estate.servers[0].id)).asset
    assert found.environment is Environment.STAGING
    chosen = [(f.value, f.source.file) for f in found.facts if f.field == "environment" and f.chosen]
    assert chosen == [("staging", GATE_SOURCE)]
    assert untouched == estate.servers[0]


async def test_decisions_are_read_back(database: Database, cast: Cast) -> None:
    web, db, _ = three_servers().servers
    decisions = (
        Decision(web.id, ("Billing", "Alpha"), None, keep=True),
        Decision(db.id, (), Environment.TEST, keep=False),
    )
    await publish(database, cast.tenant, replace(three_servers(), decisions=decisions))
    async with database.transaction(cast.tenant) as session:
        assert set(await PublishingStore(session).decisions()) == set(decisions)


def needs(source: object, target: object, **values: object) -> Dependency:
    return Dependency(source_id=source, target_id=target, kind=DependencyKind.HARD, **values)


async def publish_dependencies(database: Database, tenant: Tenant, *found: Dependency) -> int:
    async with database.publishing(tenant) as session:
        store = StagingStore(session, StagedUnder(SPACE, 1, "dependency_analysis"))
        await store.put(DEPENDENCIES, 0, dependency_rows(found))
        return await PublishingStore(session).publish_dependencies(store, flow_id=SPACE)


async def test_dependencies_are_published_and_replaced(database: Database, cast: Cast) -> None:
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    web, db, _ = estate.servers
    moment = datetime(2026, 10, 1, 12, tzinfo=UTC)
    full = needs(
        web.id,
        db.id,
        port=5432,
        protocol="tcp",
        connections=2**40,
        bytes_total=2**70,
        first_seen=moment,
        last_seen=moment,
        confidence=0.75,
        evidence=("flows.csv, row 2",),
    )
    loose = needs(web.id, uuid4())
    assert await publish_dependencies(database, cast.tenant, full, loose) == 1
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        assert await store.dependencies() == (full,)
        assert await store.dependencies(of=db.id) == (full,)
        assert await store.dependencies(of=uuid4()) == ()
    between = needs(estate.applications[0].id, estate.applications[1].id)
    assert await publish_dependencies(database, cast.tenant, between) == 1
    assert await staged_chunk_count(database, cast.tenant) == 0


async def activities(database: Database, tenant: Tenant) -> dict[str, tuple[str, ...]]:
    async with database.transaction(tenant) as session:
        return {one.name: one.concerns for one in (await InventoryStore(session).assets(AssetFilter(), limit=9)).assets}


async def test_what_servers_do_is_marked_and_outlasts_a_publication_of_the_same_estate(
    database: Database, cast: Cast
) -> None:
    estate = three_servers()
    web, db, _ = estate.servers
    for tenant in (cast.tenant, cast.outsider.tenant):
        await publish(database, tenant, estate)
    async with database.publishing(cast.tenant) as session:
        store = StagingStore(session, StagedUnder(SPACE, 1, "dependency_analysis"))
        await store.put(IDLE_SERVERS, 0, [{"asset_id": str(web.id)}])
        await store.put(IN_USE_SERVERS, 0, [{"asset_id": str(db.id)}])
        await PublishingStore(session).publish_dependencies(store, flow_id=SPACE)
    marked = {"web": ("snapshot", IDLE), "db": ("snapshot", IN_USE), "spare": ("snapshot",)}
    assert await activities(database, cast.tenant) == marked
    again = await publish(database, cast.tenant, estate)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert await activities(database, cast.tenant) == marked
    assert set((await activities(database, cast.outsider.tenant)).values()) == {("snapshot",)}
    await publish_dependencies(database, cast.tenant)
    assert set((await activities(database, cast.tenant)).values()) == {("snapshot",)}


async def test_a_dependency_goes_with_its_end(database: Database, cast: Cast) -> None:
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    await publish_dependencies(database, cast.tenant, needs(estate.servers[0].id, estate.servers[1].id))
    await publish(database, cast.tenant, Estate(servers=estate.servers[:1]))
    async with database.transaction(cast.tenant) as session:
        assert await InventoryStore(session).dependencies() == ()


async def test_two_tenants_may_hold_the_same_machine(database: Database, cast: Cast) -> None:
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    assert (await publish(database, cast.outsider.tenant, estate)).added == 3
    await publish(database, cast.outsider.tenant, Estate())
    assert await published_names(database, cast.tenant) == ["db", "spare", "web"]


async def test_names_too_long_for_an_index_are_cut_and_kept_apart(database: Database, cast: Cast) -> None:
    long = "x" * 3000
    first, second = (
        replace(
            server(f"{long}{end}"),
            identities=(Identity(IdentityScheme.NAME, long + end),),
        )
        for end in "ab"
    )
    await publish(database, cast.tenant, Estate(servers=(first, second), applications=(application(long, first),)))
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        page = await store.assets(AssetFilter(), limit=10)
        assert [len(a.name) for a in page.assets] == [500, 500]
        identities = json.loads(await store.identities_as_json())
        assert {asset_id for asset_id, _, _ in identities} == {str(first.id), str(second.id)}
        assert len({value for _, _, value in identities}) == 2


async def test_two_publications_at_once_come_one_after_the_other(
    database: Database, cast: Cast, urls: DatabaseUrls
) -> None:
    first = await entered_import(database, cast.tenant, "first.xlsx")
    second = await entered_import(database, cast.tenant, "second.csv")
    async with database.publishing(cast.tenant) as session:
        estate = replace(three_servers(), built_from=(first,))
        await PublishingStore(session).publish_estate(await stage(session, estate), estate.publication())
        late = asyncio.create_task(publish(database, cast.tenant, Estate(flow_id=uuid4(), built_from=(second,))))
        await somebody_waits_for_a_lock(urls)
    with pytest.raises(Conflict, match=r"before first\.xlsx was published"):
        await late
    assert await published_names(database, cast.tenant) == ["db", "spare", "web"]


async def somebody_waits_for_a_lock(urls: DatabaseUrls) -> None:
    connection = await asyncpg.connect(urls.owner.render_as_string(hide_password=False))
    async with asyncio.timeout(30):
        while not await connection.fetchval(WAITING):  # noqa: ASYNC110 - Postgres gives no signal for it
            await asyncio.sleep(0)
    await connection.close()


async def test_a_large_estate_is_measured_as_it_is_published_so_that_the_next_query_knows_its_size(
    database: Database, cast: Cast
) -> None:
    measured = sa.text("SELECT last_analyze FROM pg_stat_user_tables WHERE relname = 'assets'")
    async with database.transaction(cast.tenant) as session:
        before = (await session.execute(measured)).scalar_one()
    machines = tuple(replace(server(f"srv-{n}"), facts=(), identities=()) for n in range(MEASURED_FROM))
    await publish(database, cast.tenant, Estate(servers=machines, flow_id=uuid4()), size=500)
    async with database.transaction(cast.tenant) as session:
        assert (await session.execute(measured)).scalar_one() not in (None, before)
    async with database.transaction(cast.outsider.tenant) as session:
        assert (await InventoryStore(session).summary()).servers == 0
