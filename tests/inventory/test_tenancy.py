"""No row of the estate, and no file, is visible to another client: not through a store, not through bare SQL."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from masterflow.db.session import Database
from masterflow.db.tables import artifacts, inventory
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.service import InventoryService
from tests.conftest import Cast
from tests.flows.discovery.driving import Discovery, csv_of

OURS = [table for table in [*vars(inventory).values(), *vars(artifacts).values()] if isinstance(table, sa.Table)]
SERVERS = csv_of(
    {"server name": "web01", "ip address": "10.0.0.1", "memory (MB)": 4096, "cpu cores": "many", "application": "Shop"},
    {"server name": "db01", "ip address": "10.0.0.2", "memory (MB)": 8192, "cpu cores": 2, "application": "Orders"},
)
CMDB = csv_of({"server name": "web01", "ip address": "10.0.0.1", "memory (MB)": 65536, "environment": "test"})
FLOWS = csv_of({"source": "10.0.0.1", "destination": "10.0.0.2", "port": 443, "connections": 100_000})


@pytest.fixture
async def home(database: Database, cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Discovery:
    """A discovery that leaves a row in every table."""
    files = FileStore(tmp_path_factory.mktemp("kept").as_uri(), max_bytes=100_000)
    discovery = Discovery(database, files, cast.lead)
    for name, content in (("servers.csv", SERVERS), ("cmdb.csv", CMDB), ("flows.csv", FLOWS)):
        await discovery.upload(name, content)
    await discovery.run_until("asset_inventory")

    def correct(rows: list[dict[str, object]]) -> None:
        rows[0]["environment"] = "production"

    discovery.edit("asset_inventory", correct)
    await discovery.publish("asset_inventory")
    service = InventoryService(database, files, cast.lead)
    await service.decide_conflict((await service.conflicts())[0].id, reason="As the sensor says.")
    await discovery.execute("dependency_analysis")
    return discovery


async def counts(database: Database, cast: Cast, *, tenant: Callable[[Cast], object]) -> dict[str, int]:
    found = {}
    async with database.transaction(tenant(cast)) as session:
        for table in OURS:
            query = sa.select(sa.func.count()).select_from(table)
            found[table.name] = (await session.execute(query)).scalar_one()
    return found


async def test_the_owner_sees_rows_in_every_table(home: Discovery, database: Database, cast: Cast) -> None:
    seen = await counts(database, cast, tenant=lambda cast: cast.tenant)
    assert [name for name, count in seen.items() if count == 0] == ["dependencies"]
    await home.publish("dependency_analysis")
    assert (await counts(database, cast, tenant=lambda cast: cast.tenant))["dependencies"] == 1


async def test_an_outsider_sees_no_row_of_any_table(home: Discovery, database: Database, cast: Cast) -> None:
    await home.publish("dependency_analysis")
    seen = await counts(database, cast, tenant=lambda cast: cast.outsider.tenant)
    assert set(seen.values()) == {0}


async def test_without_a_tenant_no_row_is_visible(home: Discovery, database: Database) -> None:
    await home.publish("dependency_analysis")
    for open_connection in (database.asking, database.moving):
        async with open_connection() as connection:
            for table in OURS:
                assert await connection.fetchval(f"SELECT count(*) FROM {table.name}") == 0, table.name


async def test_an_outsider_cannot_change_or_delete_what_it_does_not_see(
    home: Discovery, database: Database, cast: Cast
) -> None:
    await home.publish("dependency_analysis")
    before = await counts(database, cast, tenant=lambda cast: cast.tenant)
    async with database.transaction(cast.outsider.tenant) as session:
        for table in OURS:
            if table is not inventory.import_rows:
                assert (await session.execute(sa.delete(table))).rowcount == 0, table.name
    assert await counts(database, cast, tenant=lambda cast: cast.tenant) == before
