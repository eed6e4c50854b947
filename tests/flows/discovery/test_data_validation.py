"""What could not be used comes back as a file to correct, and that file is read like any other."""

import csv
from collections.abc import Callable
from datetime import datetime
from io import StringIO

from masterflow.errors import Place
from masterflow.flows.discovery.corrections import (
    Correction,
    correction_csv,
    correction_name,
    corrections_of,
)
from masterflow.inventory.harmless import CORRECTION_COLUMNS
from masterflow.inventory.reading import RawRow, Reject
from tests.flows.discovery.driving import Discovery

SERVERS = """server name,ip address,cpu cores,memory (MB)
web01,10.0.0.1,2,4096
db01,10.0.0.2,many,8192
,,4,2048
app01,10.0.0.300,4,8192
Total,,10,20480
extra01,10.0.0.4,2,2048,too,many,cells
last01,10.0.0.5,2,1024
"""


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


async def test_rows_that_were_not_read_are_counted_named_and_handed_back(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    output = await discovery.run_until("data_validation")
    assert output.rows_kept == discovery.outputs["data_import"].rows
    assert output.reject_count == sum(output.rejects_by_code.values()) == len(output.rejects)
    total = next(reject for reject in output.rejects if reject.code == "row.total")
    assert (total.file, total.sheet, total.row) == ("servers.csv", "csv", 6)
    assert total.message.endswith("left out.")
    (made,) = output.to_correct
    assert made.name == "servers rows not read.csv"
    rows = table(await discovery.artifact(made.artifact_id))
    assert {row["masterflow_row"] for row in rows} == {str(reject.row) for reject in output.rejects}
    assert list(rows[0])[:4] == ["server name", "ip address", "cpu cores", "memory (MB)"]


async def test_cells_that_cannot_be_used_are_corrected_and_uploaded_again(
    discovery: Discovery, start: Callable[[], Discovery]
) -> None:
    import_id = await discovery.upload("servers.csv", SERVERS)
    await discovery.run()
    output = discovery.outputs["data_cleansing"]
    assert (await discovery.server("db01")).cpu_cores is None
    assert (await discovery.server("app01")).ip_addresses == ()
    named = {(reject.row, reject.column) for reject in output.rejects}
    assert {(3, "cpu cores"), (5, "ip address"), (4, None)} <= named
    assert output.rows_left_out >= 1
    assert output.cells_left_out >= 2
    stored = await discovery.inventory.rejects(import_id)
    assert {(3, "cpu cores"), (5, "ip address"), (6, None)} <= {(r.place.row, r.place.column) for r in stored}

    (made,) = output.to_correct
    content = (await discovery.artifact(made.artifact_id)).decode("utf-8-sig")
    fixed = content.replace("many", "8").replace("10.0.0.300", "10.0.0.3").replace("\r\n,,", "\r\nnew01,10.0.0.9,", 1)
    assert fixed != content

    again = start()
    await again.upload(made.name, fixed)
    await again.run()
    columns = {column.header for sheet in again.outputs["field_mapping"].sheets for column in sheet.columns}
    assert columns.isdisjoint(CORRECTION_COLUMNS)
    db = await again.server("db01")
    assert (db.cpu_cores, db.memory_mib) == (8, 8192)
    assert (await again.server("app01")).ip_addresses == ("10.0.0.3",)
    assert (await again.server("new01")).memory_mib == 2048
    assert all(not key.startswith("masterflow") for key in db.attributes)
    assert again.outputs["data_cleansing"].rejects == ()
    assert again.outputs["data_cleansing"].to_correct == ()
    assert again.outputs["asset_inventory"].merged == 2


async def test_a_workbook_gets_a_file_to_correct_for_each_sheet(discovery: Discovery) -> None:
    await discovery.upload("rvtools_estate.xlsx")
    output = await discovery.run_until("data_cleansing")
    names = [file.name for file in output.to_correct]
    assert names == ["rvtools_estate vInfo rows to correct.csv"]
    assert output.excluded == {"srm_placeholder": 3, "template": 4, "vcls": 3}
    assert output.machines == 150 + 15


async def test_good_files_need_no_correction(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", "server name,ip address\nweb01,10.0.0.1\n")
    output = await discovery.run_until("data_validation")
    assert (output.reject_count, output.to_correct, output.files_read, output.files_unreadable) == (0, (), 1, 0)


def test_a_correction_has_the_rows_cells_and_all_that_is_wrong() -> None:
    place = Place("a.csv", "csv", 3)
    rejects = [
        Reject(Place("a.csv", "csv", 3, "cpu"), "x", "Not a number.", "many"),
        Reject(Place("a.csv", "csv", 3, "ip"), "y", "Not an address.", "?"),
        Reject(Place("a.csv", "csv", 9), "z", "Too many cells.", "a | b"),
        Reject(Place("a.csv", "csv"), "w", "The whole sheet."),
    ]
    moment = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001 - a spreadsheet's moments have no zone
    found = corrections_of(rejects, {3: RawRow(3, ("web", "many", None, moment, "old"))})
    assert found == [
        Correction(3, ("web", "many", None, moment, "old"), tuple(rejects[:2])),
        Correction(9, (), (rejects[2],)),
    ]
    rows = table(correction_csv(["name", "cpu", "ip", "seen", "masterflow_error"], found))
    assert rows[0] == {
        "name": "web",
        "cpu": "many",
        "ip": "",
        "seen": "2026-01-02 03:04:00",
        "masterflow_row": "3",
        "masterflow_column": "cpu; ip",
        "masterflow_error": "Not a number.; Not an address.",
        "masterflow_value": "many; ?",
    }
    assert (rows[1]["name"], rows[1]["masterflow_value"]) == ("", "a | b")
    assert place.row == 3


def test_a_file_to_correct_is_named_after_its_sheet_where_there_are_several() -> None:
    assert correction_name("a.b.xlsx", "v/Info 1", kind="rows", only_sheet=False) == "a.b v_Info_1 rows.csv"
    assert correction_name("a.csv", "csv", kind="rows", only_sheet=True) == "a rows.csv"


def test_no_cell_of_a_file_to_correct_acts_in_a_spreadsheet() -> None:
    place = Place("a.csv", "csv", 2, "=head")
    row = RawRow(2, ("=cmd|' /C calc'!A0", "@sum", "+49 30", "-5", -5))
    found = corrections_of([Reject(place, "x", "-message", "=value")], {2: row})
    head, line = csv.reader(StringIO(correction_csv(["=head", "b", "c", "d", "e"], found).decode("utf-8-sig")))
    assert head[0] == "'=head"
    assert line == ["'=cmd|' /C calc'!A0", "'@sum", "'+49 30", "-5", "-5", "2", "'=head", "'-message", "'=value"]
