"""ServiceNow configuration items, as CSV, workbook and JSON."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.reading import Sheet
from tests.inventory.makers import DATA, text_file, workbook

ESTATE = DATA.parent / "estate"
LABELS = ["Name", "Class", "IP Address", "Operating System", "RAM (MB)", "Disk space (GB)", "Is Virtual", "Used for"]
LABELS += ["Most recent discovery", "Serial number"]
NAMES = ["name", "sys_class_name", "ip_address", "os", "ram", "disk_space", "operational_status", "sys_updated_on"]
FIELDS = {
    "name": "asset_name",
    "sys_class_name": "asset_type",
    "ip_address": "ip_address",
    "os": "os_name",
    "ram": "memory_mb",
    "disk_space": "storage_gb",
    "operational_status": "operational_status",
    "sys_updated_on": "last_discovered",
}


def mapped(path: Path) -> dict[str, str | None]:
    inspection = inspect_file(path)
    assert inspection.format == "servicenow"
    return {column.header: column.field for sheet in inspection.sheets for column in sheet.columns}


def cells(sheet: Sheet, place: int = 0) -> dict[str, object]:
    return dict(zip(sheet.headers, sheet.rows[place].cells, strict=True))


def test_an_export_with_labels_is_read_raw_and_all_its_columns_are_known() -> None:
    path = DATA / "servicenow_cmdb_ci_server.csv"
    read = open_file(path)
    assert (read.format, read.traits["encoding"]) == ("servicenow", "utf-8-sig")
    assert (read.sheets[0].name, len(read.sheets[0].rows)) == ("csv", 161)
    assert [(reject.place.row, reject.code) for reject in read.rejects] == [(105, "row.total")]
    found = mapped(path)
    assert None not in found.values()
    assert (found["RAM (MB)"], found["Used for"], found["CPU count"]) == ("memory_mb", "environment", "cpu_cores")


def test_an_export_with_names_is_read_and_status_numbers_stay_as_found() -> None:
    path = ESTATE / "servicenow_cmdb_ci_appl.csv"
    read = open_file(path)
    assert (len(read.sheets[0].rows), read.rejects) == (40, ())
    first = cells(read.sheets[0])
    assert (first["sys_class_name"], first["operational_status"]) == ("cmdb_ci_appl", "1")
    assert mapped(path)["sys_class_name"] == "asset_type"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separator_and_encoding_do_not_matter(tmp_path: Path, separator: str, encoding: str) -> None:
    rows = [LABELS, ["büro01", "Linux Server", "10.0.0.1", "Linux", "4096", "60", "true", "Test", "2026-01-02", "S1"]]
    rows.append(["web02", "Windows Server", "10.0.0.2", "Windows", "4096", "60", "true", "Test", "2026-01-02", "S2"])
    text = "\r\n".join(separator.join(row) for row in rows)
    read = open_file(text_file(tmp_path, text.encode(encoding)))
    assert (read.format, cells(read.sheets[0])["Name"]) == ("servicenow", "büro01")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers=st.permutations(NAMES), lower=st.booleans(), left_out=st.integers(0, 2))
def test_reordered_and_partial_exports_mean_the_same(
    tmp_path: Path, headers: list[str], *, lower: bool, left_out: int
) -> None:
    kept = [name for name in headers if name not in ("disk_space", "os")[:left_out]]
    values = {"name": "web01", "sys_class_name": "cmdb_ci_linux_server", "ip_address": "10.0.0.1", "ram": "4096"}
    shown = kept if lower else [name.upper() for name in kept]
    content = ",".join(shown) + "\n" + ",".join(values.get(name, "1") for name in kept) + "\n"
    found = mapped(text_file(tmp_path, content))
    assert {header.lower(): field for header, field in found.items()} == {name: FIELDS[name] for name in kept}


def test_a_class_of_the_database_is_enough(tmp_path: Path) -> None:
    content = "Name,Class,Remark\nweb01,cmdb_ci_linux_server,x\ndb01,cmdb_ci_db_instance,y\n"
    assert recognise(text_file(tmp_path, content)).name == "servicenow"


@pytest.mark.parametrize(
    "header",
    [
        "Name,IP Address,Operating System,Environment,Owner",
        "asset_name,ip_address,os,cpu_count,environment,business_criticality",
        "Name,Class,Serial number,Status",
    ],
)
def test_a_list_made_by_hand_stays_a_table(tmp_path: Path, header: str) -> None:
    row = ",".join("abcdefgh"[: header.count(",") + 1])
    assert recognise(text_file(tmp_path, f"{header}\n{row}\n{row}x\n")).name == "tabular"


def test_a_workbook_with_a_title_is_read_and_other_sheets_are_kept(tmp_path: Path) -> None:
    rows = [["Servers of the datacenter"], [], LABELS, ["web01", "Linux Server", "10.0.0.1", "Linux", 4096, 60]]
    path = workbook(tmp_path, {"Page 1": rows, "Contacts": [["team", "phone"], ["unix", "12"]]})
    read = open_file(path)
    assert (read.format, [sheet.name for sheet in read.sheets]) == ("servicenow", ["Page 1", "Contacts"])
    assert (read.sheets[0].header_row, cells(read.sheets[0])["RAM (MB)"]) == (3, 4096)


RECORD = {
    "sys_id": {"display_value": "aa11", "value": "aa11"},
    "name": {"display_value": "web01", "value": "web01"},
    "operational_status": {"display_value": "Operational", "value": "1"},
    "location": {"display_value": "", "value": ""},
    "owned_by": {"link": "https://x.example/api/now/table/sys_user/bb22", "value": "bb22"},
    "model": {"vendor": "Acme"},
    "sys_class_name": "cmdb_ci_linux_server",
    "ip_address": "10.0.0.1",
    "u_lists": ["a", "b"],
}


@pytest.mark.parametrize("key", ["records", "result"])
def test_an_answer_of_the_table_api_shows_what_a_person_would_read(tmp_path: Path, key: str) -> None:
    read = open_file(text_file(tmp_path, json.dumps({key: [RECORD]}), "answer.json"))
    (sheet,) = read.sheets
    assert (read.format, sheet.name, sheet.header_row) == ("servicenow", key, 0)
    found = cells(sheet)
    assert (found["operational_status"], found["owned_by"], found["location"]) == ("Operational", "bb22", None)
    assert (found["model.vendor"], found["u_lists"], sheet.rows[0].number) == ("Acme", "a, b", 1)


def test_a_single_record_and_a_bare_list_are_read(tmp_path: Path) -> None:
    assert len(open_file(text_file(tmp_path, json.dumps({"result": RECORD}), "one.json")).sheets[0].rows) == 1
    read = open_file(text_file(tmp_path, json.dumps([RECORD, "oops"]), "list.json"))
    assert (read.sheets[0].name, len(read.sheets[0].rows)) == ("json", 1)
    (reject,) = read.rejects
    assert (reject.place.sheet, reject.place.row, reject.code) == ("json", 2, "record.not_an_object")


def test_json_that_is_cut_off_or_empty_is_refused_with_the_next_step(tmp_path: Path) -> None:
    text = json.dumps({"records": [RECORD]}, indent=1)
    with pytest.raises(FileRejected, match="export it again") as broken:
        open_file(text_file(tmp_path, text[:-5], "cut.json"))
    assert broken.value.place.row
    keys = {name: {} for name in RECORD}
    with pytest.raises(FileRejected, match="There is no record in it"):
        open_file(text_file(tmp_path, json.dumps({"records": [], "schema": keys}), "none.json"))


def test_json_about_something_else_is_not_taken(tmp_path: Path) -> None:
    content = json.dumps([{"name": "web01", "ip_address": "10.0.0.1", "os": "Linux", "ram": 1}])
    assert recognise(text_file(tmp_path, content, "servers.json")).name == "json_records"
