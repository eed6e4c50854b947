"""The published estate, read page by page and in numbers."""

import json
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.db.keyset import cursor_of, moment_of, parts_of, uuid_of
from masterflow.db.session import Database
from masterflow.errors import InvalidInput, NotFound
from masterflow.inventory import store as module
from masterflow.inventory.estate_rows import published_asset
from masterflow.inventory.queries import AssetFilter
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import AssetType, Environment, Membership
from tests.conftest import Cast
from tests.inventory.estates import Estate, application, publish, server, three_servers


async def asset_names(database: Database, cast: Cast, asked: AssetFilter) -> list[str]:
    async with database.transaction(cast.tenant) as session:
        return [a.name async for a in InventoryStore(session).every_asset(asked)]


async def test_pages_of_assets_meet_without_gap_or_overlap(database: Database, cast: Cast) -> None:
    servers = tuple(replace(server(f"s{n}"), name=f"same{n // 3}") for n in range(8))
    await publish(database, cast.tenant, Estate(servers=servers))
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        seen, cursor = [], None
        while True:
            page = await store.assets(AssetFilter(), cursor=cursor, limit=3)
            seen += [a.id for a in page.assets]
            cursor = page.cursor
            if cursor is None:
                break
    assert sorted(seen) == sorted(s.id for s in servers)
    assert len(seen) == 8


async def test_a_last_full_page_has_no_cursor(database: Database, cast: Cast) -> None:
    await publish(database, cast.tenant, three_servers())
    async with database.transaction(cast.tenant) as session:
        assert (await InventoryStore(session).assets(AssetFilter(), limit=3)).cursor is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (AssetFilter(), ["db", "spare", "web"]),
        (AssetFilter(environment=(Environment.PRODUCTION,)), ["db"]),
        (AssetFilter(asset_type=(AssetType.VIRTUAL_MACHINE,)), ["db", "spare", "web"]),
        (AssetFilter(asset_type=(AssetType.DATABASE,)), []),
        (AssetFilter(application=(application("Billing").id,)), ["db", "web"]),
        (AssetFilter(search="WEB"), ["web"]),
        (AssetFilter(search="spare.example"), ["spare"]),
        (AssetFilter(search="10.0.0.1"), ["db", "spare", "web"]),
        (AssetFilter(search="%"), []),
        (AssetFilter(search="b", environment=(Environment.PRODUCTION,)), ["db"]),
    ],
)
async def test_assets_are_found_by(database: Database, cast: Cast, asked: AssetFilter, expected: list[str]) -> None:
    await publish(database, cast.tenant, three_servers())
    assert await asset_names(database, cast, asked) == expected


async def test_applications_are_listed_found_and_named(database: Database, cast: Cast) -> None:
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    billing, alpha = estate.applications
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        first = await store.applications(limit=1)
        assert [a.name for a in first.applications] == ["Alpha"]
        second = await store.applications(limit=1, cursor=first.cursor)
        assert [a.name for a in second.applications] == ["Billing"]
        assert second.cursor is None
        assert [a.name for a in (await store.applications(search="ILL", limit=5)).applications] == ["Billing"]
        assert (await store.application(alpha.id)).asset_ids == ()
        assert set((await store.application(billing.id)).asset_ids) == set(billing.asset_ids)
        detail = await store.asset(estate.servers[0].id)
        assert [a.name for a in detail.applications] == ["Billing"]
        names = await store.names([billing.id, estate.servers[1].id, uuid4()])
        assert names == {billing.id: "Billing", estate.servers[1].id: "db"}


async def test_many_applications_and_assets_come_in_pages(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masterflow.inventory.store.PAGE", 2)
    applications = tuple(application(f"a{n}") for n in range(5))
    await publish(database, cast.tenant, Estate(servers=three_servers().servers, applications=applications))
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        assert [a.name for a in await store.every_application()] == [f"a{n}" for n in range(5)]
        assert [a.name async for a in store.every_asset()] == ["db", "spare", "web"]


async def test_the_summary_adds_up_what_is_known(database: Database, cast: Cast) -> None:
    estate = three_servers()
    host = replace(server("esx"), asset_type=AssetType.HYPERVISOR_HOST, power_state=None, memory_mib=999_999)
    off = replace(server("off"), power_state="poweredOff")
    proposed = application("Guess", off, membership=Membership.PROPOSED)
    await publish(
        database,
        cast.tenant,
        replace(estate, servers=(*estate.servers, host, off), applications=(*estate.applications, proposed)),
    )
    async with database.transaction(cast.tenant) as session:
        found = await InventoryStore(session).summary()
    assert (found.assets, found.servers, found.servers_powered_on) == (5, 4, 3)
    assert (found.cpu_cores, found.memory_mib, found.storage_provisioned_mib) == (8, 3 * 4096, 400_000)
    assert (found.applications, found.applications_proposed, found.unassigned_servers) == (3, 1, 1)
    assert (found.conflicts, found.conflicts_to_review, found.dependencies) == (1, 0, 0)
    assert found.by_type == {"hypervisor_host": 1, "virtual_machine": 4}
    assert found.by_environment == {"production": 1}
    assert found.completeness == 0.5


async def test_an_estate_that_was_never_built_is_empty(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        found = await store.summary()
        assert (found.assets, found.memory_mib, found.completeness) == (0, 0, None)
        assert await store.every_application() == ()
        with pytest.raises(NotFound, match="There is no asset"):
            await store.asset(uuid4())
        with pytest.raises(NotFound, match="There is no application"):
            await store.application(uuid4())


@pytest.mark.parametrize("limit", [0, 1001])
async def test_a_page_has_bounds(database: Database, cast: Cast, limit: int) -> None:
    async with database.transaction(cast.tenant) as session:
        with pytest.raises(InvalidInput, match="Ask for 1 to 1000"):
            await InventoryStore(session).assets(AssetFilter(), limit=limit)


@pytest.mark.parametrize("cursor", ["", "!", "x", cursor_of(["name"]), cursor_of(["name", "no id"]), "MTIz"])
async def test_a_cursor_of_another_list_is_refused(database: Database, cast: Cast, cursor: str) -> None:
    async with database.transaction(cast.tenant) as session:
        with pytest.raises(InvalidInput, match="is no cursor of this list"):
            await InventoryStore(session).assets(AssetFilter(), cursor=cursor, limit=5)


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4))
def test_a_cursor_gives_back_what_it_was_made_of(parts: list[str]) -> None:
    assert parts_of(cursor_of(parts), count=len(parts)) == parts


def test_parts_of_a_cursor_must_be_what_the_list_sorts_by() -> None:
    with pytest.raises(InvalidInput):
        moment_of("yesterday", "c")
    with pytest.raises(InvalidInput):
        uuid_of("1", "c")


async def test_every_asset_goes_to_another_process_exactly_and_page_by_page(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = three_servers()
    servers = [replace(one, annual_cost=Decimal("0.10000000000000000001")) for one in estate.servers]
    await publish(database, cast.tenant, replace(estate, servers=tuple(servers)))
    monkeypatch.setattr(module, "LONGEST_PAGE", 2)
    async with database.transaction(cast.tenant) as session:
        texts = await InventoryStore(session).assets_as_json()
    found = [published_asset(values) for text in texts for values in json.loads(text)]
    bare = [replace(one, identities=(), facts=()) for one in servers]
    assert [len(json.loads(text)) for text in texts] == [2, 1]
    assert sorted(found, key=lambda one: one.name) == sorted(bare, key=lambda one: one.name)
    async with database.transaction(cast.outsider.tenant) as session:
        assert await InventoryStore(session).assets_as_json() == ()
