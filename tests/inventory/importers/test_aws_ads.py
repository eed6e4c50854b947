"""AWS Application Discovery Service: import files and answers of its interface."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.importers.aws_ads import DEPENDENCY_HEADERS
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.dependency_csv import read_dependencies
from tests.inventory.makers import DATA, text_file, workbook

REAL = DATA.parent / "estate" / "aws_ads_import.csv"
HEADER = (
    "ExternalId,SMBiosId,IPAddress,MACAddress,HostName,VMware.MoRefId,VMware.VCenterId,RAM.TotalSizeInMB,Applications"
)


def mapped(path: Path) -> dict[str, tuple[str | None, str | None]]:
    inspection = inspect_file(path)
    assert inspection.format == "aws_ads"
    return {column.header: (column.field, column.unit) for sheet in inspection.sheets for column in sheet.columns}


def answer(folder: Path, value: object) -> Path:
    return text_file(folder, json.dumps(value), "answer.json")


def test_rows_that_name_no_server_are_rejects() -> None:
    read = open_file(REAL)
    assert (read.format, len(read.sheets[0].rows)) == ("aws_ads", 25)
    assert [(reject.place.row, reject.code) for reject in read.rejects] == [
        (10, "server.no_identity"),
        (16, "server.moref_without_vcenter"),
    ]
    assert read.rejects[1].place.column == "VMware.MoRefId, VMware.VCenterId"
    assert "Fill one of ExternalId, SMBiosId, IPAddress" in read.rejects[0].message


def test_all_columns_are_known_with_their_units_and_lists_stay_whole() -> None:
    found = mapped(REAL)
    assert found["SMBiosId"] == ("uuid", None)
    assert found["VMware.MoRefId"] == ("vm_id", None)
    assert found["RAM.UsedSizeInMB.Max"] == ("memory_used_max_mb", "MB")
    assert found["DiskReadsPerSecondInKB.Avg"] == ("disk_read_mbps", "KB/s")
    assert found["DiskReadsPerSecondInKB.Max"] == (None, None)
    assert found["CPU.NumberOfLogicalCores"] == ("cpu_cores", None)
    sheet = open_file(REAL).sheets[0]
    assert sheet.rows[0].cells[-1] == "env:prod, team:team-customer"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("x1,,,,,,,1,", None),
        (",4C4C4544-0000-1010-8020-80C04F303030,,,,,,1,", None),
        (",,10.0.0.1,,,,,1,", None),
        (",,,00:50:56:00:00:01,,,,1,", None),
        (",,,,web01,,,1,", None),
        (",,,,,vm-1,vc-1,1,", None),
        (",,,,,vm-1,,1,", "server.moref_without_vcenter"),
        (",,,,,,vc-1,1,", "server.no_identity"),
    ],
)
def test_each_way_to_name_a_server_is_enough(tmp_path: Path, row: str, code: str | None) -> None:
    read = open_file(text_file(tmp_path, f"{HEADER}\n{row}\nx2,,,,db01,,,1,\n"))
    assert [reject.code for reject in read.rejects] == ([code] if code else [])
    assert len(read.sheets[0].rows) == (1 if code else 2)


def test_a_partial_import_in_lower_case_is_known_and_custom_columns_are_kept(tmp_path: Path) -> None:
    path = text_file(tmp_path, "hostname;os.name;os.version;ram.totalsizeinmb;my column\nweb01;Linux;9;4096;x\n")
    assert mapped(path)["ram.totalsizeinmb"] == ("memory_mb", "MB")
    assert mapped(path)["my column"] == (None, None)
    assert recognise(text_file(tmp_path, "hostname,os,ram\nweb01,Linux,4\n")).name == "tabular"


def test_a_file_without_any_identifying_column_is_left_to_the_estate(tmp_path: Path) -> None:
    path = text_file(tmp_path, "VMware.VMName,OS.Name,CPU.NumberOfCores,RAM.TotalSizeInMB\nweb01,Linux,2,4096\n")
    assert (open_file(path).format, open_file(path).rejects) == ("aws_ads", ())


def test_sheets_about_something_else_are_not_judged(tmp_path: Path) -> None:
    servers = [HEADER.split(","), ["x1", None, "10.0.0.1", None, "web01", None, None, 4096, "Payroll"]]
    read = open_file(workbook(tmp_path, {"Servers": servers, "Notes": [["who", "what"], ["me", "this"]]}))
    assert [sheet.name for sheet in read.sheets] == ["Servers", "Notes"]


SERVER = {
    "server.configurationId": "d-server-1",
    "server.hostName": "web01",
    "server.osName": "Linux",
    "server.performance.totalRAMInKB": "8388608",
    "server.networkInterfaceInfo": json.dumps([{"ipAddress": "10.0.0.1"}, {"ipAddress": "10.0.0.2", "name": "eth1"}]),
    "server.tags": "[]",
    "server.cpuType": "{broken",
    "server.hypervisor": {"name": "VMware"},
}
OTHER = {"server.configurationId": "d-server-2", "server.hostName": "db01", "server.osName": "Linux"}


def test_servers_of_an_answer_are_read_with_nested_values_under_dotted_headers(tmp_path: Path) -> None:
    path = answer(tmp_path, {"configurations": [[SERVER], [OTHER]]})
    (sheet,) = open_file(path).sheets
    first = dict(zip(sheet.headers, sheet.rows[0].cells, strict=True))
    assert (sheet.name, len(sheet.rows), first["server.hypervisor.name"]) == ("configurations", 2, "VMware")
    assert first["server.networkInterfaceInfo.ipAddress"] == "10.0.0.1, 10.0.0.2"
    assert (first["server.tags"], first["server.cpuType"]) == (None, "{broken")
    assert mapped(path)["server.performance.totalRAMInKB"] == ("memory_mb", "KB")
    assert mapped(path)["server.networkInterfaceInfo.ipAddress"] == ("ip_address", None)


NEIGHBOUR = {
    "sourceServerId": "d-server-1",
    "destinationServerId": "d-server-2",
    "destinationPort": 5432,
    "transportProtocol": "TCP",
    "connectionsCount": 7,
}


def test_neighbours_become_dependencies_added_up(tmp_path: Path) -> None:
    items = [
        NEIGHBOUR,
        {**NEIGHBOUR, "connectionsCount": 3},
        {**NEIGHBOUR, "destinationPort": 22, "connectionsCount": None},
    ]
    items.append({"sourceServerId": "d-server-1"})
    path = answer(tmp_path, {"neighbors": items, "knownDependencyCount": 3})
    read = open_file(path)
    (sheet,) = read.sheets
    assert (sheet.name, sheet.headers) == ("neighbors", DEPENDENCY_HEADERS)
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, ("d-server-1", "d-server-2", 5432, "TCP", 10)),
        (3, ("d-server-1", "d-server-2", 22, "TCP", 1)),
    ]
    assert [(reject.place.row, reject.code) for reject in read.rejects] == [(4, "dependency.no_end")]
    assert [field for field, _ in mapped(path).values()] == list(DEPENDENCY_HEADERS)
    assert len(read_dependencies(read)[0]) == 2


def test_neighbours_are_called_by_the_names_of_servers_in_the_same_file(tmp_path: Path) -> None:
    read = open_file(answer(tmp_path, {"configurations": [SERVER, OTHER], "neighbors": [NEIGHBOUR]}))
    assert [sheet.name for sheet in read.sheets] == ["configurations", "neighbors"]
    assert read.sheets[1].rows[0].cells[:2] == ("web01", "db01")


def test_an_answer_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="There is no record in it"):
        open_file(answer(tmp_path, {"neighbors": [], "asked": {"sourceServerId": 1, "destinationServerId": 2}}))
    with pytest.raises(FileRejected, match="There is no record in it"):
        open_file(answer(tmp_path, {"neighbors": [{"sourceServerId": "", "destinationServerId": "d"}]}))


def test_other_json_is_not_taken(tmp_path: Path) -> None:
    assert recognise(answer(tmp_path, [{"server.hostName": "web01", "x": 1}])).name == "json_records"
