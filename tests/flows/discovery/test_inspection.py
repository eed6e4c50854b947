"""Looking at a file before anything is imported."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from tests.inventory.makers import DATA, text_file


def test_an_rvtools_export_shows_its_sheets_and_what_each_column_means() -> None:
    inspection = inspect_file(DATA / "rvtools_v4.7_small.xlsx")
    assert (inspection.format, inspection.reject_count) == ("rvtools", 0)
    assert [(sheet.name, sheet.header_row, sheet.rows) for sheet in inspection.sheets][:2] == [
        ("vInfo", 1, 9),
        ("vCPU", 1, 9),
    ]
    columns = {column.header: column for column in inspection.sheets[0].columns}
    assert (columns["VM"].field, columns["VM"].confidence) == ("vm_name", 1.0)
    assert (columns["Memory"].field, columns["Memory"].unit) == ("memory_mb", "MiB")
    assert (columns["Total disk capacity MiB"].field, columns["Total disk capacity MiB"].unit) == ("storage_gb", "MiB")
    assert columns["SRM Placeholder"].field is None


def test_the_json_has_the_documented_keys() -> None:
    inspection = json.loads(inspect_file(DATA / "netflow_summary_cut.csv").model_dump_json())
    assert set(inspection) == {"file", "format", "sheets", "reject_count", "rejects", "traits"}
    assert set(inspection["sheets"][0]) == {"name", "header_row", "rows", "columns"}
    assert set(inspection["sheets"][0]["columns"][0]) == {
        "header",
        "field",
        "confidence",
        "reason",
        "unit",
        "needs_decision",
        "alternatives",
    }
    assert set(inspection["rejects"][0]) == {"file", "sheet", "row", "column", "code", "message", "value"}


def test_rows_of_a_dependency_table_that_cannot_be_used_are_shown() -> None:
    inspection = inspect_file(DATA / "netflow_summary_cut.csv")
    assert (inspection.sheets[0].rows, inspection.reject_count) == (45, 6)
    assert [column.field for column in inspection.sheets[0].columns] == [
        "source_hostname",
        "target_ip_address",
        "target_port",
        "protocol",
        "connection_count",
        "byte_count",
        "first_discovered",
        "last_discovered",
    ]


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="more than the limit"):
        inspect_file(text_file(tmp_path, "name,ip\nweb01,10.0.0.1\n"), max_bytes=5)
