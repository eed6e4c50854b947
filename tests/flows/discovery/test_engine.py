"""The whole flow through the orchestrator, with its gates, its waits and its transactions."""

from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, NotFound
from masterflow.flows.discovery.flow import FLOW
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.service import InventoryService
from masterflow.orchestrator.segments.compute import ComputePool
from masterflow.orchestrator.types import Flow, OpenQuestion, Verdict
from masterflow.records.artifacts.service import ArtifactService
from masterflow.testing import Kit, running_orchestrator
from tests.conftest import Cast
from tests.flows.discovery.driving import DATA

SERVERS = "server name,ip address,application\nweb01,10.0.0.1,Shop\ndb01,10.0.0.2,Orders\nTotal,,\n"


@pytest.fixture(scope="module")
def compute() -> Iterator[ComputePool]:
    pool = ComputePool(1)
    yield pool
    pool.close()


@pytest.fixture
async def kit(database: Database, files: FileStore, compute: ComputePool) -> AsyncIterator[Kit]:
    async with running_orchestrator(database, [FLOW], files=files, compute=compute) as kit:
        yield kit


@pytest.fixture
def inventory(database: Database, files: FileStore, cast: Cast) -> InventoryService:
    return InventoryService(database, files, cast.lead)


async def start(kit: Kit, cast: Cast, *imports: UUID) -> Flow:
    config = {"imports": [str(import_id) for import_id in imports]}
    flow = await kit.orchestrator.create_flow(cast.lead, "discovery", config)
    return await kit.settled(cast.lead, flow.flow_id)


async def question(kit: Kit, cast: Cast, flow: Flow) -> OpenQuestion:
    (found,) = await kit.orchestrator.gates(cast.lead, flow_id=flow.flow_id)
    return found


async def approve(kit: Kit, cast: Cast, flow: Flow, edits: dict[str, dict[str, object]] | None = None) -> Flow:
    """Approve the open gate, as the approver, with these cells changed in the exported workbook."""
    gate = await question(kit, cast, flow)
    edited: Any = None
    if edits:
        book = edit_workbook(await kit.orchestrator.export_gate(cast.approver, gate.id), edits)
        edited = await kit.orchestrator.read_edited_gate(cast.approver, gate.id, book)
    await kit.orchestrator.decide(cast.approver, gate.id, Verdict.APPROVE, edited_output=edited)
    return await kit.settled(cast.lead, flow.flow_id)


def edit_workbook(data: bytes, edits: dict[str, dict[str, object]]) -> bytes:
    """Change cells by the header of their column, in the rows that hold a text anywhere."""
    book = load_workbook(BytesIO(data))
    sheet = book.worksheets[0]
    headers = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        for text, cells in edits.items():
            if text in [cell.value for cell in row]:
                for header, value in cells.items():
                    sheet.cell(row[0].row, headers[header]).value = value
    edited = BytesIO()
    book.save(edited)
    return edited.getvalue()


async def test_a_real_export_becomes_an_estate_that_people_approved(
    kit: Kit, cast: Cast, inventory: InventoryService
) -> None:
    name = "rvtools_v4.7_small.xlsx"
    flow = await start(kit, cast, await inventory.upload(name, (DATA / name).read_bytes()))
    assert (flow.status, flow.current_phase) == (FlowStatus.WAITING_FOR_APPROVAL, "field_mapping")
    flow = await approve(kit, cast, flow)
    assert (flow.status, flow.current_phase) == (FlowStatus.WAITING_FOR_APPROVAL, "asset_inventory")
    assert (await inventory.summary()).assets == 0
    flow = await approve(kit, cast, flow)
    assert flow.status is FlowStatus.COMPLETED
    assert (await inventory.summary()).by_type == {"hypervisor_host": 7, "virtual_machine": 9}
    results = await kit.orchestrator.results(cast.lead, flow.flow_id)
    assert [result.phase for result in results] == [phase.name for phase in FLOW.phases]
    assert kit.blocks == []


async def test_edited_workbooks_reach_the_published_rows(kit: Kit, cast: Cast, inventory: InventoryService) -> None:
    flow = await start(kit, cast, await inventory.upload("servers.csv", SERVERS.encode()))
    flow = await approve(kit, cast, flow, {"application": {"Field": None}})
    flow = await approve(kit, cast, flow, {"web01": {"Applications (separate with ;)": "Till", "Environment": "test"}})
    assert flow.status is FlowStatus.COMPLETED
    (till,) = (await inventory.applications()).applications
    web = next(a for a in (await inventory.assets()).assets if a.name == "web01")
    assert (till.name, till.asset_ids, web.environment) == ("Till", (web.id,), "test")
    assert web.attributes == {"application": "Shop"}


async def test_a_flow_without_a_readable_file_waits_with_the_reason_and_goes_on_with_another(
    kit: Kit, cast: Cast, inventory: InventoryService
) -> None:
    bad = [
        await inventory.upload("encrypted.xlsx", (DATA / "encrypted_clash.xlsx").read_bytes()),
        await inventory.upload("header_only.csv", b"server name,ip address\n"),
    ]
    flow = await start(kit, cast, *bad)
    assert flow.status is FlowStatus.WAITING_FOR_INPUT
    assert flow.last_error is not None
    assert "encrypted.xlsx" in flow.last_error.message
    assert "header_only.csv" in flow.last_error.message
    assert flow.last_error.hint == "None of the files can be read: upload them corrected and name the new imports."
    assert [missing["field"] for missing in flow.last_error.missing] == ["imports", "imports"]
    good = await inventory.upload("servers.csv", SERVERS.encode())
    await kit.orchestrator.supply_input(cast.lead, flow.flow_id, {"imports": [str(good), str(bad[0])]})
    flow = await kit.settled(cast.lead, flow.flow_id)
    assert (flow.status, flow.current_phase) == (FlowStatus.WAITING_FOR_APPROVAL, "field_mapping")


async def test_rows_to_correct_can_be_had_while_the_flow_waits(
    kit: Kit, cast: Cast, inventory: InventoryService, database: Database, files: FileStore
) -> None:
    flow = await start(kit, cast, await inventory.upload("servers.csv", SERVERS.encode()))
    artifacts = ArtifactService(database, files, cast.approver)
    (made,) = await artifacts.list(flow.flow_id)
    assert (made.name, made.phase) == ("servers rows not read.csv", "data_validation")
    outsider = ArtifactService(database, files, cast.outsider)
    assert await outsider.list(flow.flow_id) == ()
    with pytest.raises(NotFound):
        await kit.orchestrator.results(cast.outsider, flow.flow_id)


async def test_a_rejected_inventory_leads_back_to_the_columns(
    kit: Kit, cast: Cast, inventory: InventoryService
) -> None:
    flow = await start(kit, cast, await inventory.upload("servers.csv", SERVERS.encode()))
    flow = await approve(kit, cast, flow)
    gate = await question(kit, cast, flow)
    await kit.orchestrator.decide(cast.approver, gate.id, Verdict.REJECT, reason="The application is the owner.")
    flow = await kit.settled(cast.lead, flow.flow_id)
    assert (flow.current_phase, flow.iteration) == ("field_mapping", 2)
    flow = await approve(kit, cast, flow, {"application": {"Field": "business_owner"}})
    flow = await approve(kit, cast, flow)
    assert flow.status is FlowStatus.COMPLETED
    assert {a.business_owner for a in (await inventory.assets()).assets} == {"Shop", "Orders"}


async def test_an_approval_that_comes_too_late_changes_nothing(
    kit: Kit, cast: Cast, inventory: InventoryService
) -> None:
    slow = await start(kit, cast, await inventory.upload("slow.csv", SERVERS.encode()))
    slow = await approve(kit, cast, slow)
    quick = await start(kit, cast, await inventory.upload("quick.csv", SERVERS.replace("01", "02").encode()))
    assert quick.current_phase == "asset_inventory"  # its columns were approved with those of the other
    quick = await approve(kit, cast, quick)
    assert quick.status is FlowStatus.COMPLETED
    with pytest.raises(Conflict, match=r"built before quick\.csv was published"):
        await approve(kit, cast, slow)
    still = await kit.orchestrator.get(cast.lead, slow.flow_id)
    assert still.status is FlowStatus.WAITING_FOR_APPROVAL
    assert [a.name for a in (await inventory.assets()).assets] == ["db02", "web02"]


async def test_the_second_import_of_a_layout_asks_nothing_of_its_columns(
    kit: Kit, cast: Cast, inventory: InventoryService
) -> None:
    first = await start(kit, cast, await inventory.upload("may.csv", SERVERS.encode()))
    assert first.current_phase == "field_mapping"
    await approve(kit, cast, await approve(kit, cast, first))
    second = await start(kit, cast, await inventory.upload("june.csv", SERVERS.replace("01", "03").encode()))
    assert (second.status, second.current_phase) == (FlowStatus.WAITING_FOR_APPROVAL, "asset_inventory")
    one_more = SERVERS.replace("\n", ",x\n", 1)
    third = await start(kit, cast, await inventory.upload("july.csv", one_more.encode()))
    assert third.current_phase == "field_mapping"


async def test_a_phase_that_a_person_skips_leaves_the_estate(kit: Kit, cast: Cast, inventory: InventoryService) -> None:
    assert FLOW.phase("dependency_analysis").optional
    flow = await start(kit, cast, await inventory.upload("servers.csv", SERVERS.encode()))
    flow = await approve(kit, cast, await approve(kit, cast, flow))
    results = {result.phase: result.output for result in await kit.orchestrator.results(cast.lead, flow.flow_id)}
    assert results["dependency_analysis"]["note"].startswith("No file of this engagement tells who talks to whom")
