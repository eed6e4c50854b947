"""A gate's table read a page at a time and edited cell by cell."""

import pytest

from masterflow.orchestrator.cells import WHOLE, CellEdit, Chosen, ColumnKind, chosen_rows, columns_of, with_cells
from masterflow.spec import Column, EditableTable, Row

ROWS: list[Row] = [
    {"id": "1", "name": "Web  shop", "wave": 1, "keep": True, "field": "name", "share": 0.5},
    {"id": "2", "name": "Ledger", "wave": None, "keep": None, "field": None, "share": 1},
]
TABLE: EditableTable[None] = EditableTable(
    title="Things",
    key="id",
    columns=(
        Column("id", "Id"),
        Column("name", "Name"),
        Column("wave", "Wave", editable=True),
        Column("field", "Field", editable=True, choices=("name", "memory")),
        Column("keep", "Keep"),
        Column("share", "Share"),
    ),
    rows=lambda _: ROWS,
    apply=lambda output, _: output,
)


def test_a_set_cell_changes_its_row_alone_and_not_the_original() -> None:
    rows, problems = with_cells(TABLE, None, [CellEdit("2", "wave", 3.0), CellEdit("1", "field", "  ")])
    assert (rows[1]["wave"], rows[0]["field"], problems) == (3, None, [])
    assert (rows[0]["wave"], ROWS[1]["wave"]) == (1, None)


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        (CellEdit("9", "wave", 1), "edit.unknown_row", "There is no row '9' in this table."),
        (CellEdit("1", "colour", 1), "edit.unknown_field", "There is no column 'colour' in this table."),
        (CellEdit("1", "name", "x"), "edit.not_editable", "'Name' cannot be edited."),
        (CellEdit("1", "field", "disk"), "edit.no_such_choice", "Field: 'disk' is not one of name, memory."),
    ],
)
def test_a_cell_that_cannot_be_set_is_named(cell: CellEdit, code: str, said: str) -> None:
    rows, [problem] = with_cells(TABLE, None, [cell])
    assert (rows, problem.code, problem.message) == (ROWS, code, said)
    assert (problem.row, problem.field) == (cell.row, cell.field)


def test_a_cell_that_may_not_be_edited_may_be_sent_as_it_was() -> None:
    assert with_cells(TABLE, None, [CellEdit("1", "name", "Web shop")]) == (ROWS, [])


def test_a_column_says_what_its_cells_hold() -> None:
    kinds = {column.key: column.kind for column in columns_of(TABLE, ROWS)}
    text, number = ColumnKind.TEXT, ColumnKind.NUMBER
    assert kinds == {
        "id": text,
        "name": text,
        "wave": number,
        "field": text,
        "keep": ColumnKind.BOOLEAN,
        "share": number,
    }
    assert {column.kind for column in columns_of(TABLE, [])} == {text}
    mixed: list[Row] = [{"wave": 1}, {"wave": "later"}]
    assert columns_of(TABLE, mixed)[2].kind is text


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        (WHOLE, ["1", "2"]),
        (Chosen(search="LEDG"), ["2"]),
        (Chosen(search="web shop"), ["1"]),
        (Chosen(search="nothing"), []),
        (Chosen(decided=True), ["1"]),
        (Chosen(decided=False), ["2"]),
        (Chosen(search="web", decided=False), []),
    ],
)
def test_rows_are_chosen_by_what_they_show_and_by_what_is_filled(chosen: Chosen, ids: list[str]) -> None:
    assert [row["id"] for row in chosen_rows(TABLE, ROWS, chosen)] == ids
