"""What could not be used, as a table that a spreadsheet opens without acting on it."""

import csv
import io
from collections.abc import Iterable

from masterflow.inventory.harmless import harmless
from masterflow.inventory.reading import Reject

HEADERS = ("File", "Sheet", "Row", "Column", "Code", "What is wrong and what to do", "Value")


def rejects_csv(rejects: Iterable[Reject]) -> bytes:
    """One line for each row, cell or file that could not be used: UTF-8 with a mark, as Excel expects it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADERS)
    for reject in rejects:
        place = reject.place
        cells = (place.file, place.sheet, place.row, place.column, reject.code, reject.message, reject.value)
        writer.writerow([_content(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _content(cell: str | int | None) -> str | int:
    if isinstance(cell, str):
        return harmless(cell)
    return "" if cell is None else cell
