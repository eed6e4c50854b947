"""A gate's table goes out as a workbook and comes back edited."""

import io
import zipfile
from dataclasses import dataclass

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.errors import EditRejected
from masterflow.orchestrator import workbook
from masterflow.spec import Column, EditableTable, Row


@dataclass(frozen=True)
class Output:
    rows: list[Row]


def refuse_all(output: Output, rows: list[Row]) -> Output:
    return Output(rows)


TABLE: EditableTable[Output] = EditableTable(
    title="Strategies: 2026/27",
    key="app",
    columns=(
        Column("app", "Application", width=30),
        Column("servers", "Servers"),
        Column("strategy", "Strategy", editable=True, choices=("rehost", "retire")),
        Column("note", "Note", editable=True),
    ),
    rows=lambda output: output.rows,
    apply=refuse_all,
)
OUTPUT = Output(
    [
        {"app": "crm", "servers": 3, "strategy": "rehost", "note": None},
        {"app": "=cmd()", "servers": 1.5, "strategy": "retire", "note": "-1+2"},
        {"app": "7", "servers": None, "strategy": None, "note": "x"},
    ]
)


def edit(change) -> bytes:
    """The workbook of OUTPUT after `change` worked on its sheet."""
    book = openpyxl.load_workbook(io.BytesIO(workbook.write(TABLE, OUTPUT)))
    change(book.worksheets[0])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def set_cell(place: str, value: object):
    return lambda sheet: sheet.__setitem__(place, value)


def test_an_untouched_workbook_comes_back_as_it_went() -> None:
    assert workbook.read(TABLE, OUTPUT, workbook.write(TABLE, OUTPUT)) == OUTPUT.rows


def test_an_edited_cell_comes_back_changed() -> None:
    rows = workbook.read(TABLE, OUTPUT, edit(set_cell("C2", "retire")))
    assert [row["strategy"] for row in rows] == ["retire", "retire", None]


def test_a_cleared_cell_is_none() -> None:
    rows = workbook.read(TABLE, OUTPUT, edit(set_cell("D3", None)))
    assert rows[1]["note"] is None


def test_rows_and_columns_may_be_sorted_by_hand() -> None:
    def sort(sheet) -> None:
        cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
        for number, row in enumerate([cells[0], *cells[:0:-1]], start=1):
            for column, value in enumerate([row[2], row[0], row[3], row[1]], start=1):
                cell = sheet.cell(number, column)
                cell.value = value
                cell.data_type = "s" if isinstance(value, str) else cell.data_type

    assert workbook.read(TABLE, OUTPUT, edit(sort)) == OUTPUT.rows


def test_nothing_in_the_workbook_is_a_formula() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.write(TABLE, OUTPUT))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet["A3"].value == "=cmd()"
    assert sheet["A3"].quotePrefix


def test_the_sheet_marks_what_may_be_edited_and_offers_the_choices() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.write(TABLE, OUTPUT)))
    sheet = book.worksheets[0]
    assert sheet.title == "Strategies- 2026-27"
    assert sheet["C2"].fill.fgColor.rgb != sheet["A2"].fill.fgColor.rgb
    [rule] = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1) == ("C2:C4", "choices!$A$1:$A$2")
    assert [cell.value for cell in book["choices"]["A"]] == ["rehost", "retire"]
    assert book["choices"].sheet_state == "hidden"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (set_cell("C2", "rebuild"), "row 2, column Strategy: 'rebuild' is not one of rehost, retire"),
        (set_cell("B2", 4), "row 2, column Servers: '4' instead of '3'; it is not editable"),
        (set_cell("A2", "erp"), "row 2, column Application: 'erp' is not one of the proposal's rows"),
        (set_cell("A4", "crm"), "'crm' appears in 2 rows"),
        (lambda sheet: sheet.delete_rows(3), "the row of '=cmd()' is missing; rows may not be removed"),
        (set_cell("C1", "Plan"), "row 1: the column 'Strategy' is missing"),
        (lambda sheet: sheet.delete_rows(1, 9), "row 1: the column 'Application' is missing"),
    ],
)
def test_whatever_else_differs_is_refused_with_its_place(change, sentence: str) -> None:
    with pytest.raises(EditRejected) as refused:
        workbook.read(TABLE, OUTPUT, edit(change))
    assert sentence in refused.value.problems


def test_blank_rows_below_are_no_rows() -> None:
    assert workbook.read(TABLE, OUTPUT, edit(set_cell("D9", "  "))) == OUTPUT.rows


def test_the_other_sheet_is_not_read_even_when_it_comes_first() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.write(TABLE, OUTPUT)))
    book.move_sheet(book.worksheets[0], offset=1)
    data = io.BytesIO()
    book.save(data)
    assert workbook.read(TABLE, OUTPUT, data.getvalue()) == OUTPUT.rows


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"Application;Servers\ncrm;3\n"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(EditRejected, match="this is not an xlsx workbook"):
        workbook.read(TABLE, OUTPUT, data)


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as parts:
        parts.writestr("a.txt", "a")
    with pytest.raises(EditRejected, match="this is not an xlsx workbook"):
        workbook.read(TABLE, OUTPUT, data.getvalue())


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED_BYTES", 100)
    with pytest.raises(EditRejected, match="which is too much"):
        workbook.read(TABLE, OUTPUT, workbook.write(TABLE, OUTPUT))


def test_a_refusal_names_some_of_many_problems() -> None:
    output = Output([{"app": f"app {n}", "servers": n, "strategy": "rehost", "note": ""} for n in range(80)])
    other = Output([{**row, "servers": 99_999} for row in output.rows])
    with pytest.raises(EditRejected) as refused:
        workbook.read(TABLE, output, workbook.write(TABLE, other))
    assert len(refused.value.problems) == 51
    assert refused.value.problems[-1] == "and 30 more"


def test_a_table_without_choices_or_rows_is_written_too() -> None:
    plain = EditableTable(
        title="T", key="app", columns=(Column("app", "App"),), rows=lambda out: out.rows, apply=refuse_all
    )
    assert workbook.read(plain, Output([]), workbook.write(plain, Output([]))) == []
    assert workbook.read(TABLE, Output([]), workbook.write(TABLE, Output([]))) == []


cells = (
    st.none()
    | st.text(max_size=30).filter(str.strip)
    | st.integers(-(2**31), 2**31)
    | st.floats(allow_nan=False)
    | st.booleans()
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_whatever_the_fixed_cells_hold_an_untouched_workbook_is_accepted(values: list[tuple]) -> None:
    rows: list[Row] = [
        {"app": f"app {number}", "servers": fixed, "strategy": None, "note": None}
        for number, (fixed, _) in enumerate(values)
    ]
    assert workbook.read(TABLE, Output(rows), workbook.write(TABLE, Output(rows))) == rows


def test_a_workbook_keeps_the_content_it_was_made_from() -> None:
    book = workbook.write(TABLE, OUTPUT, content="00ff")
    assert workbook.content_of(book) == "00ff"
    assert workbook.read(TABLE, OUTPUT, book) == OUTPUT.rows


@pytest.mark.parametrize(
    "book", [b"", b"none", workbook.write(TABLE, OUTPUT), workbook.write(TABLE, OUTPUT, content="")]
)
def test_what_says_no_content_has_none(book: bytes) -> None:
    assert workbook.content_of(book) is None
