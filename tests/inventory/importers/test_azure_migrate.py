"""Azure Migrate's import template and exported assessments."""

import json
from pathlib import Path

import pytest

from masterflow.analysis.mapping import propose
from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.importers.azure_migrate import IMPORTER
from masterflow.inventory.importers.catalog import open_file, recognise
from tests.inventory.makers import DATA, text_file, workbook

REAL = DATA.parent / "estate" / "azure_migrate_import.csv"
TRUTH: dict[str, dict[str, str]] = json.loads((DATA / "field_mapping.json").read_text())
MACHINES = ["Machine", "VM host", "Azure VM readiness", "Azure readiness issues", "Recommended size", "Cores"]
MACHINES += ["Compute monthly cost estimate USD", "Operating system", "Memory(MB)", "Storage(GB)", "IP address"]
DISKS = ["Machine", "Disk name", "Azure disk readiness", "Recommended disk size SKU", "Source disk size(GB)"]


def mapped(path: Path, sheet: int = 0) -> dict[str, tuple[str | None, str | None]]:
    inspection = inspect_file(path)
    assert inspection.format == "azure_migrate"
    return {column.header: (column.field, column.unit) for column in inspection.sheets[sheet].columns}


def test_rows_without_what_the_template_requires_are_rejects() -> None:
    read = open_file(REAL)
    (sheet,) = read.sheets
    assert (read.format, len(sheet.rows), len(sheet.headers)) == ("azure_migrate", 25, 57)
    assert [(reject.place.row, reject.code, reject.place.column) for reject in read.rejects] == [
        (12, "server.no_size", "*Cores, *Memory (In MB)"),
        (19, "server.no_name", "*Server name"),
    ]
    assert read.rejects[0].message.startswith("Cores and memory of bad-import-01 are empty")
    assert {12, 19}.isdisjoint(row.number for row in sheet.rows)


def test_every_documented_header_means_its_field_with_and_without_star() -> None:
    truth = TRUTH["header_set:azure_migrate_import"]
    for headers in (list(truth), [header.lstrip("*") for header in truth], [header.lower() for header in truth]):
        found = propose(headers, [], aliases=IMPORTER.aliases, units=IMPORTER.units, sheet="csv")
        assert [match.field for match in found] == list(truth.values())


def test_every_disk_has_its_columns_and_units() -> None:
    found = mapped(REAL)
    assert found["Disk 8 size (In GB)"] == ("disk_capacity_gb", "GB")
    assert found["Disk 8 write throughput (MB per second)"] == ("disk_write_mbps", "MB/s")
    assert found["Disk 8 read ops (operations per second)"] == ("disk_read_iops", "IOPS")
    assert found["Network In throughput"] == ("network_in_mbps", "MB/s")


def test_headers_without_their_units_are_in_the_documented_ones(tmp_path: Path) -> None:
    header = "Server name,Cores,Memory,OS name,Storage in use GB,Disk 1 size,Disk 1 read throughput,Disk 1 read ops"
    found = mapped(text_file(tmp_path, f"{header}\nweb01,4,8192,Linux,5,40,1.5,90\n"))
    assert found["Memory"] == ("memory_mb", "MB")
    assert found["Storage in use GB"] == ("storage_used_gb", "GB")
    assert found["Disk 1 size"] == ("disk_capacity_gb", "GB")
    assert found["Disk 1 read throughput"] == ("disk_read_mbps", "MB/s")


def test_one_of_cores_and_memory_is_enough_and_columns_may_be_missing(tmp_path: Path) -> None:
    header = "Server name,Cores,Memory (In MB),OS name,Boot type,Storage in use (In GB),Network In throughput\n"
    read = open_file(text_file(tmp_path, header + "web01,,2048,Linux,BIOS,5,1\nweb02,4,,Linux,BIOS,5,1\n"))
    assert (read.format, len(read.sheets[0].rows), read.rejects) == ("azure_migrate", 2, ())
    without = "*Server name,*OS name,IP addresses,Storage in use (In GB)\nweb01,Linux,10.0.0.1,5\n"
    assert len(open_file(text_file(tmp_path, without)).sheets[0].rows) == 1


def test_a_template_without_star_needs_more_of_its_own_columns(tmp_path: Path) -> None:
    by_hand = "Server name,Cores,Memory (GB),OS name,IP address\nweb01,4,16,Linux,10.0.0.1\n"
    assert recognise(text_file(tmp_path, by_hand)).name == "tabular"
    starred = "*Server name,*Cores,*Memory (In MB),*OS name\nweb01,4,16384,Linux\n"
    assert recognise(text_file(tmp_path, starred)).name == "azure_migrate"


def test_the_template_as_a_workbook_below_a_title_is_read(tmp_path: Path) -> None:
    header = ["*Server name", "*Cores", "*Memory (In MB)", "*OS name", "Boot type"]
    rows = [["Import for Azure Migrate"], header, ["web01", 4, 8192, "Linux", "UEFI"], [None, 4, 8192, "Linux", "UEFI"]]
    read = open_file(workbook(tmp_path, {"Servers": rows}))
    assert (read.format, read.sheets[0].name, len(read.sheets[0].rows)) == ("azure_migrate", "Servers", 1)
    assert [(reject.place.sheet, reject.place.row) for reject in read.rejects] == [("Servers", 4)]


def test_an_assessment_is_read_with_its_machines_and_disks(tmp_path: Path) -> None:
    machines = [MACHINES, ["web01", "esx01", "Ready", None, "Standard_D2s_v3", 2, 40.5, "Linux", 4096, 60, "10.0.0.1"]]
    machines.append([None, "esx01", "Ready", None, "Standard_D2s_v3", 2, 40.5, "Linux", 4096, 60, "10.0.0.2"])
    disks = [DISKS, ["web01", "scsi0:0", "Ready", "P6", 60]]
    path = workbook(tmp_path, {"All_Assessed_Machines": machines, "All_Assessed_Disks": disks})
    read = open_file(path)
    assert [(sheet.name, len(sheet.rows)) for sheet in read.sheets] == [
        ("All_Assessed_Machines", 1),
        ("All_Assessed_Disks", 1),
    ]
    assert [(reject.place.row, reject.code) for reject in read.rejects] == [(3, "server.no_name")]
    found = mapped(path)
    assert found["Machine"] == ("hostname", None)
    assert found["Memory(MB)"] == ("memory_mb", "MB")
    assert found["Azure VM readiness"] == ("cloud_readiness", None)
    assert mapped(path, 1)["Source disk size(GB)"] == ("disk_capacity_gb", "GB")


def test_a_file_of_which_every_row_is_a_reject_is_refused(tmp_path: Path) -> None:
    content = "*Server name,*Cores,*Memory (In MB),*OS name\n,4,8192,Linux\n,2,4096,Linux\n"
    with pytest.raises(FileRejected, match=r"None of the 2 rows could be used; the first: The row has no server name"):
        open_file(text_file(tmp_path, content))


DISCOVERED = {
    "Machine Name": "hostname",
    "Environment": "environment",
    "Software Inventory Count": "software_count",
    "SQL Discovery Server Count": "database_instance_count",
    "Is SQL Service Present": "has_database",
    "Web Applications Count": "web_app_count",
    "Operating System": "os_name",
    "Cores": "cpu_cores",
    "Memory (in MB)": "memory_mb",
    "Total Disks": "disk_count",
    "IP Addresses": "ip_address",
    "MAC Addresses": "mac_address",
    "Total Network Adapters": "nic_count",
    "Boot Type": "boot_type",
    "Power Stats": "power_state",
    "Support Status": "support_status",
    "First Discovery Time": "first_discovered",
    "Last Updated Time": "last_discovered",
    "Machine ID": "external_id",
}
REHOST = {
    "Machine Name": "hostname",
    "Azure VM Readiness": "cloud_readiness",
    "Azure VM Readiness - Warnings": "cloud_readiness_notes",
    "Recommended VM Size": "recommended_target",
    "Monthly Compute Cost Estimate (Pay as you go)": "target_monthly_compute_cost",
    "Monthly Compute Cost Estimate (Pay as you go + RI)": None,
    "Monthly Storage Cost Estimate": "target_monthly_storage_cost",
    "CPU Utilization (in %)": "cpu_utilization_pct",
    "Memory Utilization (in %)": "memory_utilization_pct",
    "Storage (in GB)": "storage_gb",
    "Azure Disk Readiness": None,
    "Recommended Disk SKUs": "target_disk_sku",
    "Group Name": "migration_group",
}
DATABASES = {
    "Machine Name": "hostname",
    "SQL Instance": "database_instance",
    "Azure SQL MI Readiness": "cloud_readiness",
    "Recommended Deployment Type": "recommended_target",
    "User Databases": "database_count",
    "SQL Edition": "database_edition",
    "SQL Version": "database_version",
    "Total DB Size (in MB)": "database_size_mb",
    "Largest DB Size (in MB)": None,
    "vCores Allocated": "cpu_cores",
    "Memory Utilization (in MB)": "memory_used_mb",
    "Disk Read (in OPS)": "disk_read_iops",
    "Disk Write (in MBPS)": "disk_write_mbps",
}


@pytest.mark.parametrize("columns", [DISCOVERED, REHOST, DATABASES])
def test_sheets_of_its_reports_are_known(tmp_path: Path, columns: dict[str, str | None]) -> None:
    rows = [list(columns), ["web01", *range(1, len(columns))], [None, *range(1, len(columns))]]
    path = workbook(tmp_path, {"Report": rows})
    assert {header: field for header, (field, _) in mapped(path).items()} == columns
    assert [(reject.place.row, reject.code) for reject in open_file(path).rejects] == [(3, "server.no_name")]
