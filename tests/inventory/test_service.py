"""Every call of the estate's service asks for a role and shows its own tenant only."""

import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from masterflow.db.session import Database
from masterflow.errors import FileRejected, NotAllowed, NotFound, Place
from masterflow.inventory.exporters.catalog import exporter_of
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.graph.types import Neighbours
from masterflow.inventory.imports.packing import pack
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import ImportStatus, RejectStage
from masterflow.inventory.queries import AssetFilter, EstateSummary
from masterflow.inventory.reading import FileRead, RawRow, Reject, Sheet
from masterflow.inventory.service import DECIDE, IMPORT, READ, InventoryService
from masterflow.inventory.setting.types import SettableField, ValueOrder
from masterflow.tenancy.roles import Operation, Role
from masterflow.tenancy.types import Principal
from tests.conftest import Cast
from tests.inventory.estates import publish, server, three_servers


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path.as_uri(), max_bytes=100)


def test_the_operations_are_those_of_the_role_table() -> None:
    assert (READ, IMPORT, DECIDE) == (Operation.READ_ESTATE, Operation.IMPORT_ESTATE, Operation.DECIDE_ESTATE)


async def an_import(database: Database, files: FileStore, cast: Cast) -> UUID:
    import_id = await InventoryService(database, files, cast.lead).upload("servers.csv", b"name\nweb\n")
    reject = Reject(Place("servers.csv", "csv", 3), "short", "The row is short.")
    async with database.transaction(cast.tenant) as session:
        read = FileRead("tabular", (Sheet("csv", 1, ("name",), (RawRow(2, ("web",)),)),), (reject,))
        await ImportStore(session).keep_read(import_id, pack(read))
    return import_id


async def test_an_upload_is_kept_and_listed(database: Database, files: FileStore, cast: Cast) -> None:
    service = InventoryService(database, files, cast.lead)
    import_id = await service.upload("..\\exports\\servers.csv", b"name\nweb\n")
    assert await service.upload("servers.csv", b"name\nweb\n") == import_id
    (listed,) = (await service.imports()).imports
    assert (listed.id, listed.file_name, listed.size_bytes) == (import_id, "servers.csv", 9)
    assert (listed.status, listed.uploaded_by) == (ImportStatus.UPLOADED, cast.lead.email)
    found, content = await service.original(import_id)
    assert b"".join([chunk async for chunk in content]) == b"name\nweb\n"
    assert found == listed


async def test_an_upload_over_the_limit_leaves_no_import(database: Database, files: FileStore, cast: Cast) -> None:
    service = InventoryService(database, files, cast.lead)
    with pytest.raises(FileRejected):
        await service.upload("big.csv", b"x" * 101)
    assert (await service.imports()).imports == ()


async def test_a_member_reads_what_was_imported_and_published(database: Database, files: FileStore, cast: Cast) -> None:
    import_id = await an_import(database, files, cast)
    estate = three_servers()
    await publish(database, cast.tenant, estate)
    service = InventoryService(database, files, cast.approver)
    assert [row.cells for row in await service.rows(import_id, "csv")] == [("web",)]
    assert [reject.code for reject in await service.rejects(import_id)] == ["short"]
    assert await service.rejects(import_id, stage=RejectStage.CLEANSING) == ()
    assert (await service.import_(import_id)).format == "tabular"
    assert [a.name for a in (await service.assets()).assets] == ["db", "spare", "web"]
    assert [a.name for a in await service.every_asset()] == ["db", "spare", "web"]
    web = estate.servers[0]
    assert (await service.asset(web.id)).asset == web
    assert (await service.facts_of([web.id]))[web.id] == web.facts
    assert [a.name for a in (await service.applications()).applications] == ["Alpha", "Billing"]
    assert (await service.application(estate.applications[0].id)).name == "Billing"
    assert await service.dependencies() == ()
    assert await service.conflicts() == estate.conflicts
    assert await service.names([web.id]) == {web.id: "web"}
    assert (await service.summary()).servers == 3


def calls(import_id: UUID) -> dict[str, Callable[[InventoryService], Awaitable[object]]]:
    estate = three_servers()
    machine, application = server("web").id, estate.applications[0].id
    return {
        "imports": lambda s: s.imports(),
        "import_": lambda s: s.import_(import_id),
        "rows": lambda s: s.rows(import_id, "csv"),
        "rejects": lambda s: s.rejects(import_id),
        "original": lambda s: s.original(import_id),
        "assets": lambda s: s.assets(),
        "every_asset": lambda s: s.every_asset(),
        "asset": lambda s: s.asset(machine),
        "facts_of": lambda s: s.facts_of([machine]),
        "applications": lambda s: s.applications(),
        "application": lambda s: s.application(application),
        "dependencies": lambda s: s.dependencies(),
        "dependency_page": lambda s: s.dependency_page(),
        "export": lambda s: s.export(exporter_of("csv"), io.BytesIO()),
        "conflicts": lambda s: s.conflicts(),
        "conflict_page": lambda s: s.conflict_page(),
        "names": lambda s: s.names([machine, application]),
        "summary": lambda s: s.summary(),
        "facets": lambda s: s.facets(),
        "graph": lambda s: s.graph(),
        "evidence": lambda s: s.evidence(machine, application),
        "neighbours": lambda s: s.neighbours(application),
    }


async def test_an_outsider_sees_nothing_through_any_call(database: Database, files: FileStore, cast: Cast) -> None:
    import_id = await an_import(database, files, cast)
    await publish(database, cast.tenant, three_servers())
    outsider = InventoryService(database, files, cast.outsider)
    summary = await outsider.export(exporter_of("csv"), target := io.BytesIO())
    assert (summary.written, b"web" in target.getvalue()) == (0, False)
    for name, call in calls(import_id).items():
        if name == "export":
            continue
        try:
            seen = await call(outsider)
        except NotFound:
            continue
        content = [
            getattr(seen, part, ())
            for part in ("imports", "assets", "applications", "conflicts", "dependencies", "nodes", "items", "total")
        ]
        assert not isinstance(seen, Neighbours) or seen == Neighbours((), ())
        assert seen in ((), {}, EstateSummary()) or not any(content), name


async def test_every_call_asks_for_a_role(database: Database, files: FileStore, cast: Cast) -> None:
    public = {name for name in vars(InventoryService) if not name.startswith("_")}
    assert public == {*calls(uuid4()), "upload", "decide_conflict", "set_values"}
    operator = Principal(uuid4(), "operator@example", cast.tenant, frozenset({Role.PLATFORM_OPERATOR}))
    service = InventoryService(database, files, operator)
    for call in calls(uuid4()).values():
        with pytest.raises(NotAllowed, match=r"estate\.read"):
            await call(service)
    with pytest.raises(NotAllowed, match=r"estate\.import"):
        await service.upload("a.csv", b"x")
    with pytest.raises(NotAllowed, match=r"estate\.decide"):
        await service.decide_conflict(f"{uuid4()}.cpu_cores")
    order = ValueOrder(values={SettableField.DEPARTMENT: "Sales"}, reason="r", asked=AssetFilter())
    for dry_run in (True, False):
        with pytest.raises(NotAllowed, match=r"estate\.decide"):
            await service.set_values(order, dry_run=dry_run)


async def test_a_reader_may_not_upload(database: Database, files: FileStore, cast: Cast) -> None:
    with pytest.raises(NotAllowed, match=r"approver@home\.example has approver"):
        await InventoryService(database, files, cast.approver).upload("a.csv", b"x")
