"""The tables of a text file or of every sheet of a workbook, under whatever format they are known."""

from collections.abc import Collection

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.delimited import read_delimited
from masterflow.inventory.files.tables import Table, read_table
from masterflow.inventory.files.workbooks import open_grids, sheet_names
from masterflow.inventory.reading import FileHead, FileRead, Reject

MIN_COLUMNS = 2  # of a sheet in a workbook that has other sheets


def read_every_table(head: FileHead, *, format_name: str, known: Collection[str]) -> FileRead:
    """The table of a text file, called "csv", or every sheet of a workbook that holds one.

    `known` are squashed header names that help to tell a header from a title.

    Raises:
        FileRejected: there is no table, or it has no rows.
    """
    if sheet_names(head):
        return read_workbook(head, format_name=format_name, known=known)
    return read_delimited(head, format_name=format_name, sheet="csv", known=known)


def read_workbook(head: FileHead, *, format_name: str, known: Collection[str]) -> FileRead:
    """Every sheet with a header and rows; what has none, such as a cover sheet, is passed over and named.

    Raises:
        FileRejected: the workbook is damaged or too large, or no sheet holds a table.
    """
    tables: list[Table] = []
    refusals: list[FileRejected] = []
    with open_grids(head) as grids:
        for grid in grids:
            try:
                tables.append(read_table(grid.rows, Place(head.name, grid.name), known))
            except FileRejected as refused:
                refusals.append(refused)
    kept = without_notes(tables)
    if not kept:
        raise refusals[0] if len(refusals) == 1 else no_table(head, refusals)
    passed_over = [table.sheet.name for table in tables if table not in kept]
    passed_over += [refused.place.sheet or "" for refused in refusals]
    damaged = [
        Reject(refused.place, "sheet.damaged", str(refused)) for refused in refusals if refused.reason == "damaged"
    ]
    rejects = [reject for table in kept for reject in table.rejects]
    traits = {"sheets_passed_over": ", ".join(passed_over)} if passed_over else {}
    sheets = tuple(table.sheet for table in kept)
    return FileRead(format_name, sheets, (*rejects, *damaged), traits, head.name)


def without_notes(tables: list[Table]) -> list[Table]:
    """Sheets with one column are notes when others have more."""
    return [table for table in tables if len(table.sheet.headers) >= MIN_COLUMNS] or tables


def no_table(head: FileHead, refusals: list[FileRejected]) -> FileRejected:
    """The refusal of a workbook in which no sheet is a table."""
    reasons = " ".join(f'Sheet {refused.place.sheet}: "{refused.reason}".' for refused in refusals[:5])
    message = f"No sheet of the workbook holds a table. {reasons}".strip()
    hint = "Put one row with column names above the data and upload the file again."
    return FileRejected(Place(head.name), message, hint=hint, code="no_table")
