"""A gate's table read a page at a time and edited cell by cell. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from masterflow.errors import EditProblem
from masterflow.orchestrator import workbook
from masterflow.orchestrator.workbook import Cell
from masterflow.spec import Column, EditableTable, Row


@dataclass(frozen=True, slots=True)
class CellEdit:
    """One cell that a person set: the keys of its row and its column, and what it shall hold; None empties it."""

    row: str
    field: str
    value: Cell


class ColumnKind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """One column of a gate's table, as a page shows it; `width` is in characters."""

    key: str
    header: str
    editable: bool
    choices: tuple[str, ...]
    width: int
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows of a table are asked for: those that show a text, those of which a person has something to see.

    `decided` True: only rows in which an editable cell is filled; False: only rows in which none is; None: all.
    """

    search: str | None = None
    decided: bool | None = None


WHOLE = Chosen()


def with_cells(
    table: EditableTable[Any], original: object, cells: Sequence[CellEdit]
) -> tuple[list[Row], list[EditProblem]]:
    """All rows of a table with the cells that may be set so, and what is wrong with the others."""
    rows = {str(row[table.key]): dict(row) for row in table.rows(original)}
    columns = {column.key: column for column in table.columns}
    problems = []
    for cell in cells:
        value = workbook.plain(cell.value)
        problem = _problem(cell, value, rows.get(cell.row), columns.get(cell.field))
        if problem is not None:
            problems.append(problem)
        elif columns[cell.field].editable:
            rows[cell.row][cell.field] = value
    return list(rows.values()), problems


def _problem(cell: CellEdit, value: Cell, row: Row | None, column: Column | None) -> EditProblem | None:
    """Why a cell cannot be set so; None where nothing is against it."""

    def refused(code: str, message: str) -> EditProblem:
        return EditProblem(message, code, cell.row, cell.field)

    if row is None:
        return refused("edit.unknown_row", f"There is no row '{cell.row}' in this table.")
    if column is None:
        return refused("edit.unknown_field", f"There is no column '{cell.field}' in this table.")
    if not column.editable:
        same = workbook.same(row.get(column.key), value)
        return None if same else refused("edit.not_editable", f"'{column.header}' cannot be edited.")
    if column.choices and value is not None and workbook.shown(value) not in column.choices:
        said = f"{column.header}: '{workbook.shown(value)}' is not one of {', '.join(column.choices)}."
        return refused("edit.no_such_choice", said)
    return None


def columns_of(table: EditableTable[Any], rows: Sequence[Row]) -> tuple[ShownColumn, ...]:
    """The columns of a table, each with the kind of what its rows hold."""
    return tuple(
        ShownColumn(
            key=column.key,
            header=column.header,
            editable=column.editable,
            choices=column.choices,
            width=column.width,
            kind=_kind(row.get(column.key) for row in rows),
        )
        for column in table.columns
    )


def chosen_rows(table: EditableTable[Any], rows: Sequence[Row], chosen: Chosen) -> list[Row]:
    """The rows that are asked for; a text is found in any cell, whatever its case."""
    tests: list[Callable[[Row], bool]] = []
    if chosen.search:
        wanted = chosen.search.casefold()
        tests.append(lambda row: any(wanted in workbook.shown(value).casefold() for value in row.values()))
    if chosen.decided is not None:
        editable = [column.key for column in table.columns if column.editable]
        tests.append(lambda row: any(row.get(key) is not None for key in editable) is chosen.decided)
    return [row for row in rows if all(test(row) for test in tests)]


def _kind(values: Iterable[Cell]) -> ColumnKind:
    """Numbers and truth values where every filled cell is one, else text."""
    kinds = {_kind_of(value) for value in values if value is not None}
    return kinds.pop() if len(kinds) == 1 else ColumnKind.TEXT


def _kind_of(value: Cell) -> ColumnKind:
    if isinstance(value, bool):
        return ColumnKind.BOOLEAN
    return ColumnKind.NUMBER if isinstance(value, int | float) else ColumnKind.TEXT
