"""Any table: CSV, TSV and their like, and Excel sheets, whatever their encoding, separator and header row."""

from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files.delimited import dialect_of
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.files.workbooks import sheet_names
from masterflow.inventory.reading import FileHead, FileRead, Importer

GENERIC = 0.5
ONE_COLUMN = 0.2  # a list of names; anything that knows better goes first


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
    return read_every_table(head, format_name="tabular", known=KNOWN_NAMES)


IMPORTER = Importer(name="tabular", title="CSV, TSV and Excel tables (.csv, .xlsx)", recognises=recognises, reads=reads)
