"""Documented columns, and rows that a judge complains of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import BY_NAME, squashed
from masterflow.inventory.files import kept_rows
from masterflow.inventory.files.documented import (
    MOST_NUMBERED,
    Cells,
    Complaint,
    documented,
    documented_tables,
    judged,
    sifted,
)
from masterflow.inventory.files.kept_rows import PackedRows
from masterflow.inventory.importers.catalog import all_importers
from masterflow.inventory.reading import FileRead, RawRow, Reject, Sheet

TABLE = documented(
    {
        "telling": ["Disk {n} size", "Own"],
        "attributes": ["Own"],
        "means": {"disk_capacity_gb": ["Disk {n} size"], "hostname": ["*Server name"]},
        "units": {"GB": ["Disk {n} size"]},
    }
)
SHEET = Sheet("csv", 1, ("Name", "Size"), (RawRow(2, ("a", 1)), RawRow(3, (None, 2))))


def nameless(cells: Cells, row: RawRow) -> Complaint | None:
    return None if cells.text(row, "name") else Complaint("x.no_name", "No name.", [cells.header("name"), None])


def test_series_are_written_out_and_stars_and_case_do_not_matter() -> None:
    assert TABLE.fields[f"Disk {MOST_NUMBERED} size"] == "disk_capacity_gb"
    assert TABLE.telling_in(["disk 2 SIZE", "Disk 2 size", "own", "other"]) == 2
    assert TABLE.known_share(["server name", "OWN", "x", "y"]) == 0.5
    assert TABLE.known_share([]) == 0.0
    assert TABLE.aliases("Tab")["tab", "own"] == ""
    assert TABLE.units_of()["", "disk 7 size"] == "GB"


def test_an_entry_without_lists_documents_nothing() -> None:
    assert documented({"means": "x", "telling": 1}).fields == {}


def test_cells_are_found_by_any_name_in_any_order() -> None:
    cells = Cells(("Host Name", "IP", "IP (2)"))
    row = RawRow(2, (None, " 10.0.0.1 ", "10.0.0.2"))
    assert (cells.text(row, "hostname", "ip"), cells.value(row, "hostname")) == ("10.0.0.1", None)
    assert (cells.header("nobody", "ip"), cells.header("nobody"), cells.has("nobody")) == ("IP", None, False)


def test_a_row_that_is_complained_of_becomes_a_reject_with_its_place() -> None:
    earlier = Reject(Place("a.csv", "csv", 1), "row.total", "Total.")
    read = judged(FileRead("x", (SHEET,), (earlier,), file="a.csv"), lambda sheet: nameless)
    assert [row.number for row in read.sheets[0].rows] == [2]
    assert read.rejects == (earlier, Reject(Place("a.csv", "csv", 3, "Name"), "x.no_name", "No name.", "2"))


def test_a_sheet_without_a_judge_is_kept_and_a_read_without_rejects_may_be_empty() -> None:
    read = FileRead("x", (SHEET,), file="a.csv")
    assert judged(read, lambda sheet: None) == read
    empty = FileRead("x", (Sheet("csv", 1, ("Name",), ()),), file="a.csv")
    assert judged(empty, lambda sheet: nameless) == empty


def test_nothing_left_is_a_refusal() -> None:
    read = FileRead("x", (Sheet("csv", 1, ("Name", "Size"), (RawRow(3, (None, 2)),)),), file="a.csv")
    with pytest.raises(FileRejected, match=r"None of the 1 rows could be used; the first: No name\. Correct the rows"):
        judged(read, lambda sheet: nameless)


@given(st.lists(st.sampled_from(["a", None]), min_size=1, max_size=30))
def test_every_row_is_kept_or_rejected(names: list[str | None]) -> None:
    rows = tuple(RawRow(number, (name, 1)) for number, name in enumerate(names, start=2))
    read = FileRead("x", (SHEET, Sheet("more", 1, ("Name", "Size"), rows)), file="a.csv")
    result = judged(read, lambda sheet: nameless if sheet.name == "more" else None)
    numbers = [row.number for row in result.sheets[1].rows] + [reject.place.row for reject in result.rejects]
    assert sorted(number or 0 for number in numbers) == [row.number for row in rows]


@pytest.mark.parametrize(
    "file", ["servicenow", "azure_migrate", "aws_ads", "google_migration_center", "konveyor", "aws_cmf",
             "cast_highlight", "utilisation"],
)  # fmt: skip
def test_documented_columns_mean_fields_that_exist_and_telling_ones_are_documented(file: str) -> None:
    for table in documented_tables(f"{file}.toml").values():
        assert {field for field in table.fields.values() if field} <= set(BY_NAME)
        assert set(table.units) <= set(table.fields)


def test_no_importer_documents_a_header_twice_for_one_sheet_with_two_meanings() -> None:
    for importer in all_importers():
        meant: dict[tuple[str, str], set[str]] = {}
        for (sheet, header), field in importer.aliases.items():
            meant.setdefault((sheet, squashed(header)), set()).add(field)
        doubtful = {key for key, fields in meant.items() if len(fields) > 1}
        assert doubtful == set(), importer.name


def test_many_rows_stay_compressed_when_some_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_rows, "PLAIN_CELLS", 20)
    rows = tuple(RawRow(number, ("a", number)) for number in range(40))
    odd = Complaint("x", "It is odd.", [])
    kept, rejects = sifted(
        Sheet("csv", 1, ("Name", "Size"), rows), "a.csv", lambda _, row: odd if row.number % 2 else None
    )
    assert isinstance(kept.rows, PackedRows)
    assert (len(kept.rows), len(rejects)) == (20, 20)
