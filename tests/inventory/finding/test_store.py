"""Filters, orders and facets of the inventory."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.db.keyset import cursor_of
from masterflow.db.session import Database
from masterflow.errors import InvalidInput
from masterflow.inventory.finding.store import FacetStore, asset_cursor
from masterflow.inventory.queries import AssetField, AssetFilter, AssetSort, Facets
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import Asset, AssetType, Criticality, Environment
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast
from tests.inventory.estates import Estate, application, publish, server

WEB = replace(server("web", environment=Environment.PRODUCTION), business_owner="ann", cpu_cores=8, datacenter="Bern")
DB = replace(
    server("db", environment=Environment.PRODUCTION),
    technical_owner="bob",
    cpu_cores=16,
    operating_system="Windows Server 2022",
    criticality=Criticality.CRITICAL,
)
SPARE = replace(server("spare", memory_mib=None), cpu_cores=None, criticality=None, operating_system=None)
HOST = replace(server("esx", environment=Environment.TEST), asset_type=AssetType.HYPERVISOR_HOST, ip_addresses=())
BILLING, SHOP = application("Billing", WEB, DB), application("Shop", WEB)
ESTATE = Estate(servers=(WEB, DB, SPARE, HOST), applications=(BILLING, SHOP))
EVERYTHING = ["db", "esx", "spare", "web"]


async def names(database: Database, tenant: Tenant, asked: AssetFilter) -> list[str]:
    async with database.transaction(tenant) as session:
        return [a.name for a in (await InventoryStore(session).assets(asked, limit=50)).assets]


async def facets(database: Database, tenant: Tenant, asked: AssetFilter = AssetFilter()) -> Facets:  # noqa: B008
    async with database.transaction(tenant) as session:
        return await FacetStore(session).facets(asked)


def counts(found: Facets, name: str) -> dict[str | None, int]:
    return next({v.value: v.count for v in facet.values} for facet in found.facets if facet.field == name)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (AssetFilter(environment=(Environment.PRODUCTION, Environment.TEST)), ["db", "esx", "web"]),
        (AssetFilter(environment=(Environment.TEST,), unknown=(AssetField.ENVIRONMENT,)), ["esx", "spare"]),
        (AssetFilter(unknown=(AssetField.ENVIRONMENT, AssetField.CPU_CORES)), ["spare"]),
        (AssetFilter(unknown=(AssetField.IP_ADDRESSES,)), ["esx"]),
        (AssetFilter(unknown=(AssetField.APPLICATION,)), ["esx", "spare"]),
        (AssetFilter(application=(SHOP.id,), unknown=(AssetField.APPLICATION,)), ["esx", "spare", "web"]),
        (AssetFilter(application=(SHOP.id, BILLING.id)), ["db", "web"]),
        (AssetFilter(unowned=True), ["esx", "spare"]),
        (AssetFilter(unowned=True, asset_type=(AssetType.VIRTUAL_MACHINE,)), ["spare"]),
        (AssetFilter(criticality=(Criticality.HIGH,)), ["esx", "web"]),
        (AssetFilter(operating_system=("Windows Server 2022",)), ["db"]),
        (AssetFilter(operating_system=("windows",)), []),
        (AssetFilter(datacenter=("Bern",), power_state=("poweredOn",)), ["web"]),
    ],
)
async def test_every_filter_finds_what_fulfils_all_of_it(
    database: Database, cast: Cast, asked: AssetFilter, expected: list[str]
) -> None:
    await publish(database, cast.tenant, ESTATE)
    assert await names(database, cast.tenant, asked) == expected
    found = await facets(database, cast.tenant, asked)
    assert found.total == len(expected)
    assert await names(database, cast.outsider.tenant, asked) == []
    theirs = await facets(database, cast.outsider.tenant, asked)
    assert (theirs.total, [f.values for f in theirs.facets]) == (0, [()] * 8)


async def test_a_facet_counts_under_every_filter_but_its_own(database: Database, cast: Cast) -> None:
    await publish(database, cast.tenant, ESTATE)
    found = await facets(database, cast.tenant, AssetFilter(environment=(Environment.PRODUCTION,)))
    assert found.total == 2
    assert counts(found, "environment") == {"production": 2, "test": 1, None: 1}
    assert counts(found, "asset_type") == {"virtual_machine": 2}
    assert counts(found, "owner") == {"known": 2}
    both = await facets(database, cast.tenant, AssetFilter(environment=(Environment.PRODUCTION,), unowned=True))
    assert counts(both, "environment") == {"test": 1, None: 1}
    assert counts(both, "owner") == {"known": 2}
    assert both.total == 0
    of_shop = await facets(database, cast.tenant, AssetFilter(application=(SHOP.id,)))
    [facet] = [facet for facet in of_shop.facets if facet.field == "application"]
    assert [(v.label, v.count) for v in facet.values] == [("Billing", 2), (None, 2), ("Shop", 1)]
    assert counts(of_shop, "application") == {str(BILLING.id): 2, None: 2, str(SHOP.id): 1}
    assert counts(of_shop, "datacenter") == {"Bern": 1}


async def test_a_facet_shows_the_most_frequent_values_and_counts_the_others(database: Database, cast: Cast) -> None:
    servers = [replace(server(f"s{n}"), datacenter=f"dc{n // 2:02}") for n in range(43)]
    await publish(database, cast.tenant, Estate(servers=tuple(servers)))
    found = await facets(database, cast.tenant)
    [facet] = [facet for facet in found.facets if facet.field == "datacenter"]
    assert (facet.title, len(facet.values), facet.more) == ("Data centre", 20, 2)
    assert [(v.value, v.count) for v in facet.values][:2] == [("dc00", 2), ("dc01", 2)]


async def walked(database: Database, tenant: Tenant, sort: AssetSort, limit: int) -> list[str]:
    seen: list[str] = []
    cursor = None
    async with database.transaction(tenant) as session:
        while True:
            page = await InventoryStore(session).assets(AssetFilter(), sort=sort, cursor=cursor, limit=limit)
            seen += [asset.name for asset in page.assets]
            cursor = page.cursor
            if cursor is None:
                return seen


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (AssetSort.NAME_DOWN, ["web", "spare", "esx", "db"]),
        (AssetSort.ENVIRONMENT, ["db", "web", "esx", "spare"]),
        (AssetSort.ENVIRONMENT_DOWN, ["esx", "db", "web", "spare"]),
        (AssetSort.OPERATING_SYSTEM_DOWN, ["db", "esx", "web", "spare"]),
        (AssetSort.CPU_CORES, ["esx", "web", "db", "spare"]),
        (AssetSort.CPU_CORES_DOWN, ["db", "web", "esx", "spare"]),
        (AssetSort.MEMORY_MIB, ["db", "esx", "web", "spare"]),
        (AssetSort.CRITICALITY, ["esx", "web", "db", "spare"]),
        (AssetSort.CRITICALITY_DOWN, ["db", "esx", "web", "spare"]),
    ],
)
async def test_an_order_puts_the_unknown_last_and_its_pages_meet(
    database: Database, cast: Cast, sort: AssetSort, expected: list[str]
) -> None:
    await publish(database, cast.tenant, ESTATE)
    for limit in (1, 3, 4):
        assert await walked(database, cast.tenant, sort, limit) == expected


async def test_the_pages_of_every_order_meet_without_gap_or_overlap(database: Database, cast: Cast) -> None:
    """Ties in the key, in the name and both; long texts; what is unknown in between."""
    long = "x" * 300
    servers = [
        replace(
            server(f"s{n}", memory_mib=None if n % 3 == 0 else n % 4, environment=list(Environment)[n % 5]),
            name=f"same{n // 2}",
            cpu_cores=None if n % 2 else n % 3,
            operating_system=None if n % 5 == 0 else f"{long}{n % 3}",
            storage_provisioned_mib=-n if n % 7 else None,
            criticality=None if n % 4 == 0 else list(Criticality)[n % 4],
        )
        for n in range(14)
    ]
    await publish(database, cast.tenant, Estate(servers=tuple(servers)))
    for sort in AssetSort:
        whole = await walked(database, cast.tenant, sort, 50)
        assert len(whole) == 14
        for limit in (1, 4):
            assert await walked(database, cast.tenant, sort, limit) == whole, sort


async def test_a_cursor_of_another_order_is_refused_by_name(database: Database, cast: Cast) -> None:
    await publish(database, cast.tenant, ESTATE)
    async with database.transaction(cast.tenant) as session:
        store = InventoryStore(session)
        page = await store.assets(AssetFilter(), sort=AssetSort.CPU_CORES, limit=1)
        with pytest.raises(InvalidInput, match="sorted by 'cpu_cores', not the one sorted by '-cpu_cores'"):
            await store.assets(AssetFilter(), sort=AssetSort.CPU_CORES_DOWN, cursor=page.cursor, limit=1)
        for text in ("many", "-", "9" * 19, "٣"):
            cursor = cursor_of(("cpu_cores", "1", text, "web", WEB.id))
            with pytest.raises(InvalidInput, match="is no cursor of this list"):
                await store.assets(AssetFilter(), sort=AssetSort.CPU_CORES, cursor=cursor, limit=1)


ASSETS = st.builds(
    lambda **given: replace(WEB, **given),
    name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=500),
    operating_system=st.none() | st.text(max_size=1000),
    cpu_cores=st.none() | st.integers(0, 2**62),
    environment=st.none() | st.sampled_from(Environment),
    criticality=st.none() | st.sampled_from(Criticality),
)


@given(asset=ASSETS, sorts=st.permutations(list(AssetSort)))
def test_a_cursor_tells_its_order_and_stays_within_what_the_api_takes(asset: Asset, sorts: Sequence[AssetSort]) -> None:
    """The name and one text of 200 characters, four bytes each at most, in base 64."""
    cursors = [asset_cursor(asset, sort) for sort in sorts]
    assert len(set(cursors)) == len(sorts)
    assert max(map(len, cursors)) <= 8_000
