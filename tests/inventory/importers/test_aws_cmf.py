"""AWS Cloud Migration Factory: intake lists and the schema that holds no estate."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.importers.catalog import open_file, recognise
from tests.inventory.makers import DATA, text_file, workbook

REAL = DATA / "aws_cmf_server_list.csv"


def mapped(path: Path) -> dict[str, str | None]:
    inspection = inspect_file(path)
    assert inspection.format == "aws_cmf"
    return {column.header: column.field for column in inspection.sheets[0].columns}


def test_a_list_of_servers_is_read_and_lists_in_cells_stay_whole() -> None:
    read = open_file(REAL)
    (sheet,) = read.sheets
    first = dict(zip(sheet.headers, sheet.rows[0].cells, strict=True))
    assert (read.format, len(sheet.rows), read.rejects) == ("aws_cmf", 8, ())
    assert first["securitygroup_IDs"] == "sg-1111;sg-2222"
    assert first["aws_accountid"] == "111122223333"


@pytest.mark.parametrize(
    ("header", "row", "field"),
    [
        ("app_name,wave_id,aws_accountid,aws_region,app_id", "hr,1,111122223333,us-east-1,7", "application_name"),
        ("app_name,wave_name,aws_region", "hr,Wave 1,us-east-1", "application_name"),
        ("app_name,database_name,database_type,r_type,database_id", "hr,HRDB,oracle,Rehost,3", "application_name"),
        (
            "Wave_Name;Wave_Status;Wave_Start_Time;Wave_End_Time",
            "Wave 1;Planning;2026-01-01;2026-02-01",
            "migration_wave",
        ),
    ],
)
def test_lists_of_applications_databases_and_waves_are_known(tmp_path: Path, header: str, row: str, field: str) -> None:
    found = mapped(text_file(tmp_path, f"{header}\n{row}\n"))
    assert next(iter(found.values())) == field


@pytest.mark.parametrize(
    ("header", "row", "code", "column"),
    [
        ("server_name,wave_name,app_name,r_type", ",Wave 1,hr,Rehost", "intake.no_server", "server_name"),
        ("database_name,app_id,app_name,r_type", ",1,hr,Rehost", "intake.no_database", "database_name"),
        ("app_name,wave_name,aws_region", ",Wave 1,us-east-1", "intake.no_application", "app_name"),
        ("wave_name,wave_status,wave_start_time", ",Planning,2026", "intake.no_wave", "wave_name"),
    ],
)
def test_a_row_that_names_nothing_is_a_reject(tmp_path: Path, header: str, row: str, code: str, column: str) -> None:
    good = ",".join(["x", *row.split(",")[1:]])
    read = open_file(text_file(tmp_path, f"{header}\n{good}\n{row}\n"))
    assert [(reject.place.row, reject.code, reject.place.column) for reject in read.rejects] == [(3, code, column)]


def test_a_workbook_keeps_its_other_sheets(tmp_path: Path) -> None:
    servers = [["server_name", "app_name", "wave_name", "r_type"], ["web01", "hr", "Wave 1", "Rehost"]]
    strange = [
        ["aws_region", "r_type", "tenancy", "server_tier", "instanceType"],
        ["us-east-1", "Rehost", "Shared", "web", "m5"],
    ]
    read = open_file(
        workbook(tmp_path, {"Servers": servers, "Settings": strange, "Notes": [["who", "what"], ["me", "x"]]})
    )
    assert ([sheet.name for sheet in read.sheets], read.rejects) == (["Servers", "Settings", "Notes"], ())


def test_the_schema_of_the_factory_is_known_and_refused(tmp_path: Path) -> None:
    schema = [{"schema_name": {"S": "wave"}, "attributes": {"L": [{"M": {"name": {"S": "wave_name"}}}]}}]
    path = text_file(tmp_path, json.dumps(schema, indent=2), "default_schema.json")
    assert recognise(path).name == "aws_cmf"
    with pytest.raises(FileRejected, match=r"it names attributes and holds no estate\. Export the servers") as refused:
        open_file(path)
    assert refused.value.reason == "schema"


def test_lists_made_by_hand_stay_tables(tmp_path: Path) -> None:
    assert recognise(text_file(tmp_path, "Server Name,Wave,Application,Tags\nweb01,1,hr,x\n")).name == "tabular"
    assert recognise(text_file(tmp_path, json.dumps([{"schema_name": 1, "b": 2}]), "x.json")).name == "json_records"
