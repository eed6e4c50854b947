"""Any table: CSV, TSV and their like, and Excel sheets, whatever their encoding, separator and header row."""

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files.delimited import dialect_of, read_delimited
from masterflow.inventory.files.tables import Table, read_table
from masterflow.inventory.files.workbooks import open_grids, sheet_names
from masterflow.inventory.reading import FileHead, FileRead, Importer, Reject

GENERIC = 0.5
ONE_COLUMN = 0.2  # a list of names; anything that knows better goes first
MIN_COLUMNS = 2  # of a sheet in a workbook that has other sheets


def recognises(head: FileHead) -> float:
    """A workbook with sheets, or text with columns."""
    if sheet_names(head):
        return GENERIC
    dialect = dialect_of(head)
    if dialect is None:
        return 0.0
    return GENERIC if dialect.separator else ONE_COLUMN


def reads(head: FileHead) -> FileRead:
    """The table of a text file, or every sheet of a workbook that holds one.

    Raises:
        FileRejected: there is no table, or it has no rows.
    """
    if sheet_names(head):
        return read_workbook(head)
    return read_delimited(head, format_name="tabular", sheet="csv", known=KNOWN_NAMES)


def read_workbook(head: FileHead) -> FileRead:
    """Every sheet with a header and rows; what has none, such as a cover sheet, is passed over and named.

    Raises:
        FileRejected: the workbook is damaged or too large, or no sheet holds a table.
    """
    tables: list[Table] = []
    refusals: list[FileRejected] = []
    with open_grids(head) as grids:
        for grid in grids:
            try:
                tables.append(read_table(grid.rows, Place(head.name, grid.name), KNOWN_NAMES))
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
    return FileRead("tabular", sheets, (*rejects, *damaged), traits, head.name)


def without_notes(tables: list[Table]) -> list[Table]:
    """Sheets with one column are notes when others have more."""
    return [table for table in tables if len(table.sheet.headers) >= MIN_COLUMNS] or tables


def no_table(head: FileHead, refusals: list[FileRejected]) -> FileRejected:
    """The refusal of a workbook in which no sheet is a table."""
    reasons = " ".join(f'Sheet {refused.place.sheet}: "{refused.reason}".' for refused in refusals[:5])
    message = f"No sheet of the workbook holds a table. {reasons}".strip()
    hint = "Put one row with column names above the data and upload the file again."
    return FileRejected(Place(head.name), message, hint=hint, code="no_table")


IMPORTER = Importer(name="tabular", title="CSV, TSV and Excel tables (.csv, .xlsx)", recognises=recognises, reads=reads)
