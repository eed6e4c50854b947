"""Any table: CSV, TSV and their like, and Excel sheets, whatever their encoding, separator and header row."""

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files.delimited import dialect_of, read_delimited
from masterflow.inventory.files.tables import read_table
from masterflow.inventory.files.workbooks import open_grids, sheet_names
from masterflow.inventory.reading import FileHead, FileRead, Importer, Reject, Sheet

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
    """Every sheet with a header and rows; what has none, such as a cover sheet, is passed over and named."""
    sheets: list[Sheet] = []
    rejects: list[Reject] = []
    refusals: list[FileRejected] = []
    with open_grids(head) as grids:
        for grid in grids:
            try:
                table = read_table(grid.rows, Place(head.name, grid.name), KNOWN_NAMES)
            except FileRejected as refused:
                refusals.append(refused)
                continue
            sheets.append(table.sheet)
            rejects.extend(table.rejects)
    tables = without_prose(sheets)
    if not tables:
        raise refusals[0] if len(refusals) == 1 else no_table(head, refusals)
    kept = {sheet.name for sheet in tables}
    passed_over = [sheet.name for sheet in sheets if sheet.name not in kept]
    passed_over += [refused.place.sheet or "" for refused in refusals]
    traits = {"sheets_passed_over": ", ".join(passed_over)} if passed_over else {}
    used = tuple(reject for reject in rejects if reject.place.sheet in kept)
    return FileRead("tabular", tuple(tables), used, traits, head.name)


def without_prose(sheets: list[Sheet]) -> list[Sheet]:
    """Sheets with one column are notes when others have more."""
    wide = [sheet for sheet in sheets if len(sheet.headers) >= MIN_COLUMNS]
    return wide or sheets


def no_table(head: FileHead, refusals: list[FileRejected]) -> FileRejected:
    """The refusal of a workbook in which no sheet is a table."""
    reasons = " ".join(f'Sheet {refused.place.sheet}: "{refused.reason}".' for refused in refusals[:5])
    message = f"No sheet of the workbook holds a table. {reasons}".strip()
    hint = "Put one row with column names above the data and upload the file again."
    return FileRejected(Place(head.name), message, hint=hint, code="no_table")


IMPORTER = Importer(name="tabular", title="CSV, TSV and Excel tables (.csv, .xlsx)", recognises=recognises, reads=reads)
