"""RVTools workbooks, new and old."""

from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.fields import BY_NAME
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.rvtools import IMPORTER, SHEETS, sheet_known_as
from tests.inventory.makers import DATA, Rows, workbook

SMALL = DATA / "rvtools_v4.7_small.xlsx"
VINFO: Rows = [["VM", "Powerstate", "CPUs", "Memory"], ["web01", "poweredOn", 2, 4096]]


def alias(sheet: str, header: str) -> str | None:
    return IMPORTER.aliases.get((sheet.casefold(), header.casefold()))


def test_a_real_export_is_read_with_all_its_rows() -> None:
    read = open_file(SMALL)
    assert (read.format, read.file, read.rejects) == ("rvtools", "rvtools_v4.7_small.xlsx", ())
    assert {sheet.name: len(sheet.rows) for sheet in read.sheets} == {
        "vInfo": 9,
        "vCPU": 9,
        "vMemory": 9,
        "vDisk": 9,
        "vPartition": 9,
        "vHost": 7,
    }


def test_formatted_rows_below_the_data_are_no_rows_and_numbers_are_those_of_excel() -> None:
    vinfo = open_file(SMALL).sheets[0]
    assert vinfo.header_row == 1
    assert [row.number for row in vinfo.rows] == list(range(2, 11))
    stub = dict(zip(vinfo.headers, vinfo.rows[-1].cells, strict=True))
    assert stub["CPUs"] is None
    assert stub["VM"]


def test_values_are_kept_as_found() -> None:
    vinfo = open_file(SMALL).sheets[0]
    first = dict(zip(vinfo.headers, vinfo.rows[0].cells, strict=True))
    assert (first["Template"], first["CPUs"], first["Memory"]) == ("False", 1, 2224)
    assert first["DAS protection"] is None


def test_the_sheets_of_a_synthetic_export_are_all_known() -> None:
    names = [sheet.name for sheet in open_file(DATA / "rvtools_minimal_synthetic.xlsx").sheets]
    assert len(names) == 17
    assert set(names) <= set(SHEETS)
    assert "Free % " in open_file(DATA / "rvtools_minimal_synthetic.xlsx").sheets[2].headers


@pytest.mark.parametrize("name", ["vInfo", "VINFO", "tabvInfo", "RVTools_tabvInfo", " vinfo "])
def test_a_sheet_is_known_in_every_spelling(name: str) -> None:
    assert sheet_known_as(name) == "vInfo"


def test_a_workbook_is_recognised_by_its_sheets(tmp_path: Path) -> None:
    assert recognise(workbook(tmp_path, {"vInfo": VINFO})).name == "rvtools"
    assert recognise(workbook(tmp_path, {"vHost": VINFO, "vDisk": VINFO})).name == "rvtools"
    assert recognise(workbook(tmp_path, {"vHost": VINFO, "Servers": VINFO})).name == "tabular"
    assert IMPORTER.recognises(head_of(workbook(tmp_path, {"Servers": VINFO}))) == 0.0


def test_sheets_that_rvtools_does_not_know_are_named_and_empty_ones_too(tmp_path: Path) -> None:
    read = open_file(
        workbook(tmp_path, {"vInfo": VINFO, "Pivot": [["a", "b"], [1, 2]], "vUSB": [], "vCD": [["VM", "Connected"]]})
    )
    assert [(sheet.name, len(sheet.rows)) for sheet in read.sheets] == [("vInfo", 1), ("vCD", 0)]
    assert read.traits == {"empty_sheets": "vUSB", "sheets_passed_over": "Pivot"}


def test_a_sheet_without_a_header_is_a_reject_and_the_others_are_read(tmp_path: Path) -> None:
    read = open_file(workbook(tmp_path, {"vInfo": VINFO, "vHost": [["10.0.0.1", 4, 5], ["10.0.0.2", 5, 6]]}))
    assert [sheet.name for sheet in read.sheets] == ["vInfo"]
    assert [(reject.code, reject.place.sheet) for reject in read.rejects] == [("sheet.no_header", "vHost")]


def test_an_export_without_a_row_is_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r"no row in any sheet \(sheets: vInfo\)\. Check the rights") as refused:
        open_file(workbook(tmp_path, {"vInfo": VINFO[:1]}))
    assert refused.value.reason == "no_data_rows"
    with pytest.raises(FileRejected, match=r"none with column names.*No row with column names"):
        open_file(workbook(tmp_path, {"vInfo": [[1, 2, 3], [4, 5, 6]]}))


def test_title_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    sheet = open_file(workbook(tmp_path, {"vInfo": [["Export of DC North"], [], *VINFO]})).sheets[0]
    assert (sheet.header_row, sheet.headers[0]) == (3, "VM")


def test_headers_of_earlier_versions_mean_the_same_fields() -> None:
    same = {
        ("vInfo", "VM"): ["vInfoVMName"],
        ("vInfo", "VM UUID"): ["vInfoUUID"],
        ("vInfo", "DNS Name"): ["vInfoGuestHostName"],
        ("vInfo", "Powerstate"): ["vInfoPowerstate"],
        ("vInfo", "Provisioned MiB"): ["vInfoProvisioned", "Provisioned MB"],
        ("vInfo", "In Use MiB"): ["vInfoInUse", "In Use MB", "In use MB", "In use MiB"],
        ("vInfo", "OS according to the configuration file"): ["vInfoOS"],
        ("vInfo", "OS according to the VMware Tools"): ["vInfoOSTools"],
        ("vInfo", "Datacenter"): ["vInfoDataCenter"],
        ("vInfo", "Disks"): ["vInfoNumVirtualDisks"],
        ("vInfo", "Total disk capacity MiB"): ["vInfoTotalDiskCapacityMiB"],
        ("vInfo", "Creation Date"): ["vInfoCreateDate"],
        ("vInfo", "Primary IP Address"): ["vInfoPrimaryIPAddress"],
        ("vInfo", "CPUs"): ["# CPUs", "vInfoCPUs"],
        ("vInfo", "VI SDK UUID"): ["vCenter UUID"],
        ("vHost", "Host"): ["vHostName"],
        ("vHost", "CPU Model"): ["vHostCpuModel"],
        ("vHost", "# Cores"): ["vHostNumCpuCores"],
        ("vHost", "# Memory"): ["vHostMemorySize"],
        ("vHost", "ESX Version"): ["vHostFullName"],
        ("vPartition", "Consumed MiB"): ["vPartitionConsumedMiB"],
    }
    for (sheet, header), olds in same.items():
        assert alias(sheet, header), header
        for old in olds:
            assert alias(sheet, old) == alias(sheet, header), old


def test_every_alias_is_a_field_or_says_that_there_is_none() -> None:
    assert {field for field in IMPORTER.aliases.values() if field} <= set(BY_NAME)
    assert alias("vInfo", "SRM Placeholder") == ""
    assert alias("vInfo", "something else") is None


def test_megabytes_of_earlier_versions_are_mebibytes() -> None:
    assert IMPORTER.units["vinfo", "provisioned mb"] == "MiB"
    assert IMPORTER.units["vinfo", "memory"] == "MiB"
    assert IMPORTER.units["vhost", "speed"] == "MHz"
