"""The published estate leaves page by page, whole, and only its own."""

import asyncio
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from masterflow.db.session import Database
from masterflow.errors import InvalidInput
from masterflow.inventory import leaving
from masterflow.inventory.estate_rows import dependency_rows
from masterflow.inventory.exporters.catalog import all_exporters, exporter_of
from masterflow.inventory.exporting import Exported, Exporter, LeftOut, Part, Summary, Writer
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.publishing.store import DEPENDENCIES, PublishingStore
from masterflow.inventory.queries import AssetFilter
from masterflow.inventory.service import InventoryService
from masterflow.inventory.staging.store import StagedUnder, StagingStore
from masterflow.inventory.types import (
    RETIRED,
    AssetType,
    Dependency,
    DependencyKind,
    Environment,
    Membership,
)
from masterflow.tenancy.types import Principal
from tests.conftest import Cast
from tests.inventory.estates import Estate, application, fact, publish, server

WEB, DB, OLD = server("web"), server("db", environment=Environment.TEST), server("old")
EVERYTHING = AssetFilter()
ESTATE = Estate(
    servers=(
        WEB,
        DB,
        replace(OLD, concerns=(RETIRED,)),
        replace(server("switch"), asset_type=AssetType.NETWORK),
    ),
    applications=(
        application("Billing", WEB, DB),
        application("Shop", WEB),
        application("Guess", DB, membership=Membership.PROPOSED),
    ),
    flow_id=uuid4(),
)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every test turns pages."""
    monkeypatch.setattr(leaving, "PAGE", 2)


@pytest.fixture
async def published(database: Database, cast: Cast) -> None:
    await publish(database, cast.tenant, ESTATE)
    billing, shop, guess = (one.id for one in ESTATE.applications)
    needs = [(shop, billing), (shop, billing), (billing, guess), (WEB.id, billing)]
    found = [
        Dependency(source_id=source, target_id=target, kind=DependencyKind.HARD, port=port)
        for port, (source, target) in enumerate(needs)
    ]
    async with database.publishing(cast.tenant) as session:
        store = StagingStore(session, StagedUnder(uuid4(), 1, "dependency_analysis"))
        await store.put(DEPENDENCIES, 0, dependency_rows(found))
        await PublishingStore(session).publish_dependencies(store, flow_id=uuid4())


def service(database: Database, tmp_path: Path, person: Principal) -> InventoryService:
    return InventoryService(database, FileStore(tmp_path.as_uri(), max_bytes=10), person)


async def exported(
    inventory: InventoryService, name: str, asked: AssetFilter = EVERYTHING
) -> tuple[list[dict[str, str]], Summary]:
    target = io.BytesIO()
    summary = await inventory.export(exporter_of(name), target, asked)
    return list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline=""))), summary


@pytest.mark.usefixtures("published")
async def test_every_asset_leaves_with_its_applications_the_stated_first(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    inventory = service(database, tmp_path, cast.approver)
    rows, summary = await exported(inventory, "csv")
    assert [(row["Server name"], row["Application"]) for row in rows] == [
        ("db", "Billing; Guess"),
        ("old", ""),
        ("switch", ""),
        ("web", "Billing; Shop"),
    ]
    assert summary == Summary(4, ())
    only, _ = await exported(inventory, "csv", AssetFilter(environment=(Environment.TEST,)))
    assert [row["Server name"] for row in only] == ["db"]


@pytest.mark.usefixtures("published")
async def test_a_vendor_gets_living_servers_and_hears_of_the_others(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    rows, summary = await exported(service(database, tmp_path, cast.lead), "azure_migrate")
    assert [row["*Server name"] for row in rows] == ["db", "web"]
    assert summary == Summary(2, (LeftOut("old", "a source calls it retired"),))


@pytest.mark.usefixtures("published")
async def test_applications_leave_with_each_need_once(database: Database, cast: Cast, tmp_path: Path) -> None:
    rows, summary = await exported(service(database, tmp_path, cast.lead), "konveyor")
    assert [(r["Record Type"], r["Application Name"], r["Dependency"]) for r in rows] == [
        ("1", "Billing", ""),
        ("1", "Guess", ""),
        ("1", "Shop", ""),
        ("2", "Shop", "Billing"),
        ("2", "Billing", "Guess"),
    ]
    assert summary == Summary(5, ())


@pytest.mark.usefixtures("published")
async def test_lineage_leaves_where_a_format_can_hold_it(database: Database, cast: Cast, tmp_path: Path) -> None:
    inventory = service(database, tmp_path, cast.lead)
    plain, full = io.BytesIO(), io.BytesIO()
    await inventory.export(exporter_of("xlsx"), plain)
    await inventory.export(exporter_of("xlsx"), full, lineage=True)
    assert (b"xl/worksheets/sheet2.xml" in plain.getvalue(), b"xl/worksheets/sheet2.xml" in full.getvalue()) == (
        False,
        True,
    )
    with pytest.raises(InvalidInput, match="csv cannot hold where values came from"):
        await inventory.export(exporter_of("csv"), io.BytesIO(), lineage=True)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("name", [exporter.name for exporter in all_exporters()])
async def test_another_tenant_exports_nothing_of_it(name: str, database: Database, cast: Cast, tmp_path: Path) -> None:
    outsider = service(database, tmp_path, cast.outsider)
    assert await outsider.export(exporter_of(name), io.BytesIO()) == Summary(0, ())


@pytest.mark.usefixtures("published")
async def test_dependencies_are_read_page_by_page(database: Database, cast: Cast, tmp_path: Path) -> None:
    inventory = service(database, tmp_path, cast.lead)
    every = await inventory.dependencies()
    first = await inventory.dependency_page(limit=3)
    second = await inventory.dependency_page(limit=3, cursor=first.cursor)
    assert (*first.dependencies, *second.dependencies) == every
    assert second.cursor is None
    assert [d.port for d in (await inventory.dependency_page(of=WEB.id)).dependencies] == [3]
    with pytest.raises(InvalidInput, match="no cursor"):
        await inventory.dependency_page(cursor="Wy0xXQ")
    assert (await service(database, tmp_path, cast.outsider).dependency_page()).dependencies == ()


@dataclass
class PublishedBetween(Writer):
    """A writer that waits, after its first asset, until something else was published."""

    publishes: Callable[[], None]
    names: list[str] = field(default_factory=list)

    def asset(self, exported: Exported) -> None:
        if not self.names:
            self.publishes()
        self.names.append(exported.asset.name)

    def close(self) -> None:
        pass


@pytest.mark.usefixtures("published")
async def test_what_is_published_meanwhile_does_not_mix_into_an_export(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    other = Estate(servers=(server("zeta"),), applications=(), flow_id=uuid4())

    def publishes() -> None:
        asyncio.run_coroutine_threadsafe(publish(database, cast.tenant, other), loop).result(timeout=30)

    writer = PublishedBetween(publishes)
    exporter = Exporter("x", "x", "x", "x", (Part.EVERY_ASSET,), lambda _: writer)
    await service(database, tmp_path, cast.lead).export(exporter, io.BytesIO())
    assert writer.names == ["db", "old", "switch", "web"]
    rows, _ = await exported(service(database, tmp_path, cast.lead), "csv")
    assert [row["Server name"] for row in rows] == ["zeta"]
    theirs, _ = await exported(service(database, tmp_path, cast.outsider), "csv")
    assert theirs == []


async def test_what_does_not_fit_into_a_cell_is_said(database: Database, cast: Cast, tmp_path: Path) -> None:
    long = replace(
        server("long"),
        operating_system="x" * 32_768,
        attributes={"note": "n" * 32_767},
        facts=(fact("operating_system", "y" * 40_000),),
    )
    fits = replace(server("fits"), operating_system="x" * 32_767)
    await publish(database, cast.tenant, Estate(servers=(long, fits), applications=(), flow_id=uuid4()))
    target = io.BytesIO()
    summary = await service(database, tmp_path, cast.lead).export(exporter_of("xlsx"), target, lineage=True)
    assert summary.written == 2
    assert summary.left_out == (
        LeftOut("long", "Operating system has 32,768 characters, an Excel cell at most 32,767; it is cut off"),
        LeftOut("long", "Other columns (JSON) has 32,778 characters, an Excel cell at most 32,767; it is left out"),
        LeftOut("long", "Value has 40,000 characters, an Excel cell at most 32,767; it is cut off"),
    )
    header, *rows = load_workbook(target)["inventory"].iter_rows(values_only=True)
    by_name = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert by_name["long"]["Other columns (JSON)"] is None
    assert len(by_name["long"]["Operating system"]) == len(by_name["fits"]["Operating system"]) == 32_767
