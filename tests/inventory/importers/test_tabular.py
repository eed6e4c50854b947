"""Any table: text files and workbooks."""

import zipfile
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.tabular import IMPORTER
from tests.inventory.makers import DATA, Rows, text_file, text_head, workbook

SERVERS: Rows = [["Name", "IP", "OS"], ["web01", "10.0.0.1", "Linux"], ["web02", "10.0.0.2", "Windows"]]
NOTES: Rows = [["About this list"], ["It was made by hand"], ["and is complete"]]


def test_a_csv_is_one_sheet_called_csv(tmp_path: Path) -> None:
    read = open_file(text_file(tmp_path, "Name,IP\nweb01,10.0.0.1\n"))
    assert (read.format, read.file, read.sheets[0].name) == ("tabular", "servers.csv", "csv")


def test_every_sheet_with_a_table_is_read_and_notes_are_named(tmp_path: Path) -> None:
    read = open_file(
        workbook(tmp_path, {"Read me": NOTES, "North": SERVERS, "South": SERVERS, "Empty": [], "Key": [["a", "b"]]})
    )
    assert [(sheet.name, len(sheet.rows)) for sheet in read.sheets] == [("North", 2), ("South", 2)]
    assert read.traits == {"sheets_passed_over": "Read me, Empty, Key"}


def test_a_workbook_with_one_column_is_a_list(tmp_path: Path) -> None:
    assert open_file(workbook(tmp_path, {"List": [["hostname"], ["web01"]]})).sheets[0].rows[0].cells == ("web01",)


def test_a_workbook_without_a_table_says_why_for_each_sheet(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r'Sheet A: "no_rows"\. Sheet B: "no_data_rows"') as refused:
        open_file(workbook(tmp_path, {"A": [], "B": [["Name", "IP"]]}))
    assert refused.value.reason == "no_table"


def test_the_only_sheet_is_refused_with_its_own_reason(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r"servers.xlsx, sheet A, row 1: There is a header row, but no row of data"):
        open_file(workbook(tmp_path, {"A": [["Name", "IP"]]}))


def test_a_damaged_sheet_is_a_reject_and_the_others_are_read(tmp_path: Path) -> None:
    source = workbook(tmp_path, {"Good": SERVERS, "Bad": SERVERS})
    path = tmp_path / "half.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content[:-40] + b"<<<" if part.endswith("sheet2.xml") else content)
    read = open_file(path)
    assert [sheet.name for sheet in read.sheets] == ["Good"]
    assert [(reject.code, reject.place.sheet) for reject in read.rejects] == [("sheet.damaged", "Bad")]


def test_rejects_of_a_workbook_name_their_sheet(tmp_path: Path) -> None:
    read = open_file(workbook(tmp_path, {"North": [*SERVERS, ["Summe", None, 2]], "Notes": NOTES}))
    assert [(reject.place.sheet, reject.place.row, reject.code) for reject in read.rejects] == [
        ("North", 4, "row.total")
    ]


def test_it_is_surer_of_columns_than_of_a_list_and_knows_what_is_no_table(tmp_path: Path) -> None:
    assert IMPORTER.recognises(text_head(tmp_path, "name,ip\nweb01,1\n")) == 0.5
    assert IMPORTER.recognises(text_head(tmp_path, "hostname\nweb01\n")) == 0.2
    assert IMPORTER.recognises(text_head(tmp_path, b"\x00\x01\x02" * 50)) == 0.0


def test_a_real_cmdb_export_with_byte_order_mark_and_total_line() -> None:
    read = open_file(DATA / "servicenow_cmdb_ci_server.csv")
    assert read.traits["encoding"] == "utf-8-sig"
    assert read.sheets[0].headers[0] == "Name"
    assert len(read.sheets[0].rows) == 161
    assert [(reject.place.row, reject.code) for reject in read.rejects] == [(105, "row.total")]


@pytest.mark.parametrize("path", sorted((DATA / "platform").glob("*.csv")), ids=lambda path: path.stem)
def test_real_csv_files_keep_every_row_that_fits(path: Path) -> None:
    assert recognise(path).name == "tabular"
    read = open_file(path)
    lines = [line for line in path.read_text().splitlines()[1:] if line.strip()]
    assert len(read.sheets[0].rows) + len(read.rejects) == len(lines)


def test_ragged_rows_of_a_real_file_are_kept_or_rejected_with_their_place() -> None:
    read = open_file(DATA / "platform" / "tests__fixtures__test-invalid-cmdb-data.csv")
    assert read.sheets[0].headers == ("hostname", "ip_address", "os_type")
    assert [row.cells for row in read.sheets[0].rows] == [("server01", "192.168.1.10", None), ("server03", None, None)]
    assert [(reject.place.row, reject.code) for reject in read.rejects] == [(3, "row.too_many_cells")]
