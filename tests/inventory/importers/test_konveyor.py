"""Konveyor application imports: applications and dependencies in one table."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.files import kept_rows
from masterflow.inventory.files.kept_rows import PackedRows
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.dependency_csv import read_dependencies
from tests.inventory.makers import DATA, text_file, workbook

SAMPLE = DATA / "konveyor_sample_applications.csv"
HEADER = (
    "Record Type,Application Name,Description,Comments,Business Service,Dependency,Dependency Direction,Binary Group,"
)
HEADER += "Binary Artifact,Repository URL,Tag Category 1,Tag 1"
SHOP = "1,Shop,Sells things,,Retail,,,,shop,https://git.example/shop.git,Language,Java"


def test_applications_and_dependencies_become_two_sheets() -> None:
    read = open_file(SAMPLE)
    applications, dependencies = read.sheets
    assert (read.format, read.rejects) == ("konveyor", ())
    assert (applications.name, len(applications.rows), len(applications.headers)) == ("applications", 3, 55)
    assert (dependencies.name, dependencies.headers) == ("dependencies", ("source_application", "target_application"))
    assert [(row.number, row.cells) for row in dependencies.rows] == [
        (5, ("Gateway", "Inventory")),
        (6, ("Gateway", "Customers")),
    ]


def test_the_dependencies_are_a_dependency_table() -> None:
    read = open_file(SAMPLE)
    rows, rejects = read_dependencies(read)
    assert rejects == []
    assert [(row.source.application, row.destination.application) for row in rows] == [
        ("Gateway", "Inventory"),
        ("Gateway", "Customers"),
    ]


def test_a_template_without_dependencies_has_one_sheet_with_contributors_whole() -> None:
    (sheet,) = open_file(DATA / "konveyor_template_application_import.csv").sheets
    first = dict(zip(sheet.headers, sheet.rows[0].cells, strict=True))
    assert first["Contributors"] == "Sam Taylor <sam.taylor@example.com>, Jamie Lee <jamie.lee@example.com>"
    assert first["Owner"] == "Alex Johnson <alex.johnson@example.com>"


def test_every_numbered_tag_is_a_tag() -> None:
    (columns, _) = [sheet.columns for sheet in inspect_file(SAMPLE).sheets]
    found = {column.header: column.field for column in columns}
    assert (found["Tag Category 20"], found["Tag 20"], found["Record Type 1"]) == (
        "tag_category",
        "tags",
        "record_type",
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gap=st.integers(0, 6), northbound=st.booleans(), upper=st.booleans())
def test_a_dependency_shifted_by_any_number_of_columns_keeps_its_ends(
    tmp_path: Path, gap: int, *, northbound: bool, upper: bool
) -> None:
    direction = "northbound" if northbound else "southbound"
    row = f"2,Shop,{',' * gap}Stock,{direction.upper() if upper else direction}"
    read = open_file(text_file(tmp_path, f"{HEADER}\n{SHOP}\n{row}\n"))
    ends = ("Stock", "Shop") if northbound else ("Shop", "Stock")
    assert [tuple(r.cells) for r in read.sheets[1].rows] == [ends]


def test_equal_dependencies_are_one(tmp_path: Path) -> None:
    rows = "2,Shop,,,,Stock,southbound\n2,Stock,,,,Shop,northbound\n2,Shop,,,,Stock,southbound\n"
    read = open_file(text_file(tmp_path, f"{HEADER}\n{SHOP}\n{rows}"))
    assert [(row.number, row.cells) for row in read.sheets[1].rows] == [(3, ("Shop", "Stock"))]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("3,Shop,,,,Stock,southbound", "record.unknown_type", "Record Type"),
        (",Shop,,,,Stock,southbound", "record.unknown_type", "Record Type"),
        ("1,,Nameless,,,,", "record.no_application", "Application Name"),
        ("2,,,,,Stock,southbound", "record.no_application", "Application Name"),
        ("2,Shop,,,,Stock,sideways", "dependency.no_direction", "Dependency Direction"),
        ("2,Shop,,,,Stock,", "dependency.no_direction", "Dependency Direction"),
        ("2,Shop,,,,,southbound", "dependency.no_other", "Dependency"),
    ],
)
def test_a_row_that_is_neither_is_a_reject(tmp_path: Path, row: str, code: str, column: str) -> None:
    read = open_file(text_file(tmp_path, f"{HEADER}\n{SHOP}\n{row}\n"))
    (reject,) = read.rejects
    assert (reject.place.row, reject.code, reject.place.column) == (3, code, column)
    assert reject.place.sheet == "csv"
    assert [sheet.name for sheet in read.sheets] == ["applications"]


def test_a_workbook_is_read_and_numbers_of_excel_are_types(tmp_path: Path) -> None:
    rows: list[list[object]] = [HEADER.split(","), [1, "Shop"], [2, "Shop", None, None, None, "Stock", "southbound"]]
    read = open_file(workbook(tmp_path, {"Applications": rows, "Notes": [["who", "what"], ["me", "this"]]}))
    assert [sheet.name for sheet in read.sheets] == ["applications", "dependencies", "Notes"]


def test_a_file_of_rejects_is_refused_and_one_of_dependencies_read(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match='the first: The record type is "9"'):
        open_file(text_file(tmp_path, f"{HEADER}\n9,Shop,,,,,\n9,Stock,,,,,\n"))
    read = open_file(text_file(tmp_path, f"{HEADER}\n2,Shop,,,,Stock,southbound\n"))
    assert [sheet.name for sheet in read.sheets] == ["dependencies"]


def test_a_partial_import_in_another_dialect_is_known_and_another_table_is_not(tmp_path: Path) -> None:
    content = "application name;record type;binary group;binary artifact;repository url\nShop;1;g;a;https://x\n"
    assert recognise(text_file(tmp_path, content)).name == "konveyor"
    assert recognise(text_file(tmp_path, "Application Name,Description,Owner\nShop,x,y\n")).name == "tabular"


def test_the_rows_of_a_long_import_stay_compressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = open_file(SAMPLE)
    monkeypatch.setattr(kept_rows, "PLAIN_CELLS", 4)
    packed = open_file(SAMPLE)
    assert packed.sheets == plain.sheets
    assert all(isinstance(sheet.rows, PackedRows) for sheet in packed.sheets)
