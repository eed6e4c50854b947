"""The four tables of Google Cloud Migration Center."""

import json
from pathlib import Path

import pytest

from masterflow.analysis.mapping import propose
from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.google_migration_center import IMPORTER
from tests.inventory.makers import DATA, text_file, workbook

TRUTH: dict[str, dict[str, str]] = json.loads((DATA / "field_mapping.json").read_text())
VM_INFO = "MachineId,MachineName,PrimaryIPAddress,TotalDiskAllocatedGiB,AllocatedProcessorCoreCount,MemoryGiB,OsName"
VM_INFO += ",IsPhysical"
MACHINE = "m-1,web01,10.0.0.1,100,4,16,Debian 12,0"
TABLES = {
    "vmInfo": f"{VM_INFO}\n{MACHINE}\n,,10.0.0.2,100,4,16,Debian 12,0\n",
    "tagInfo": "MachineId,Key,Value\nm-1,env,prod\nm-1,team,web\n,env,test\n",
    "diskInfo": "MachineId,DiskLabel,SizeInGib,UsedInGib,StorageTypeLabel\nm-1,sda,5,1,SSD\nm-1,b,5,1,SSD\n,x,1,1,S\n",
    "perfInfo": "MachineId,TimeStamp,CpuUtilizationPercentage,AvailableMemoryBytes,DiskReadOperationsPerSec,"
    "NetworkBytesPerSecSent\nm-1,2026-01-01 00:00:00,10,1024,3,900\nm-1,2026-01-01 00:05:00,12,1024,3,901\n,,1,1,1,1\n",
}


def mapped(path: Path) -> dict[str, tuple[str | None, str | None]]:
    inspection = inspect_file(path)
    assert inspection.format == "google_migration_center"
    return {column.header: (column.field, column.unit) for column in inspection.sheets[0].columns}


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_known_by_its_headers_and_rows_without_machine_are_rejects(tmp_path: Path, name: str) -> None:
    read = open_file(text_file(tmp_path, TABLES[name], "export.csv"))
    (sheet,) = read.sheets
    assert (read.format, sheet.name) == ("google_migration_center", name)
    assert {row.cells[0] for row in sheet.rows} == {"m-1"}
    (reject,) = read.rejects
    assert (reject.place.sheet, reject.place.row) == (name, len(TABLES[name].splitlines()))
    assert "Fill the MachineId" in reject.message


def test_every_documented_header_of_machines_means_its_field() -> None:
    truth = TRUTH["header_set:google_migration_center_vminfo"]
    for headers in (list(truth), [f"{header}(optional)" for header in truth], [header.upper() for header in truth]):
        found = propose(headers, [], aliases=IMPORTER.aliases, units=IMPORTER.units, sheet="vmInfo")
        assert [match.field for match in found] == list(truth.values())


def test_sizes_and_rates_are_in_the_units_that_the_names_say(tmp_path: Path) -> None:
    machines = mapped(text_file(tmp_path, TABLES["vmInfo"]))
    assert machines["MemoryGiB"] == ("memory_gb", "GiB")
    assert machines["TotalDiskAllocatedGiB"] == ("storage_gb", "GiB")
    assert mapped(text_file(tmp_path, TABLES["diskInfo"]))["SizeInGib"] == ("disk_capacity_gb", "GiB")
    measured = mapped(text_file(tmp_path, TABLES["perfInfo"]))
    assert measured["NetworkBytesPerSecSent"] == ("network_out_mbps", "bytes/s")
    assert measured["AvailableMemoryBytes"] == (None, None)
    assert mapped(text_file(tmp_path, TABLES["tagInfo"]))["Key"] == ("tag_category", None)


def test_templates_that_mark_optional_columns_are_known(tmp_path: Path) -> None:
    header = "MachineId,MachineName,PrimaryIPAddress(optional),MachineTypeLabel(optional),MemoryGiB,OsName,IsPhysical"
    found = mapped(text_file(tmp_path, f"{header}\nm-1,web01,10.0.0.1,n2,16,Debian 12,0\n"))
    assert found["MachineTypeLabel(optional)"] == ("model", None)


def test_reordered_partial_tables_in_another_dialect_are_known(tmp_path: Path) -> None:
    content = "memorygib;machinename;machineid;allocatedprocessorcorecount;my column\r\n16;web01;m-1;4;x\r\n"
    found = mapped(text_file(tmp_path, content.encode("utf-16")))
    assert found["memorygib"] == ("memory_gb", "GiB")
    assert found["my column"] == (None, None)


def test_a_workbook_with_all_tables_has_each_under_its_name(tmp_path: Path) -> None:
    sheets = {
        f"Sheet{place}": [line.split(",") for line in text.splitlines()] for place, text in enumerate(TABLES.values())
    }
    sheets["again"] = [line.split(",") for line in TABLES["tagInfo"].splitlines()]
    sheets["about"] = [["who", "what"], ["me", "this"]]
    read = open_file(workbook(tmp_path, sheets))
    assert [sheet.name for sheet in read.sheets] == [*TABLES, "tagInfo (2)", "about"]
    assert {reject.place.sheet for reject in read.rejects} == {*TABLES, "tagInfo (2)"}


def test_rejects_of_the_reader_go_by_the_name_of_the_table(tmp_path: Path) -> None:
    read = open_file(text_file(tmp_path, f"{VM_INFO}\n{MACHINE}\n{VM_INFO}\n"))
    assert [(reject.place.sheet, reject.code) for reject in read.rejects] == [("vmInfo", "row.repeated_header")]


def test_keys_and_values_of_something_else_are_not_taken(tmp_path: Path) -> None:
    assert recognise(text_file(tmp_path, "Name,Key,Value\na,b,c\nd,e,f\n")).name == "tabular"
    assert recognise(text_file(tmp_path, "MachineId,MachineName,Owner\nm-1,web01,x\n")).name == "tabular"


def test_a_file_of_which_every_row_is_a_reject_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="The row names no machine"):
        open_file(text_file(tmp_path, "MachineId,Key,Value\n,env,prod\n,env,test\n"))
