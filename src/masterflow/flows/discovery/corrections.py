"""Rows that could not be used, as a table to correct and upload again.

It has the columns of the file the rows came from, and four more that say what is wrong; those are ignored when it
comes back. Text that a spreadsheet could take for a formula gets an apostrophe, which is taken away when it comes back.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from masterflow.inventory.harmless import CORRECTION_COLUMNS, harmless, is_correction_column
from masterflow.inventory.reading import CellValue, RawRow, Reject

_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?", re.ASCII)  # a spreadsheet reads it as what it is


@dataclass(frozen=True, slots=True)
class Correction:
    """One row with what is wrong with it; `cells` is empty where the row could not be cut into cells."""

    row: int
    cells: tuple[CellValue, ...]
    rejects: tuple[Reject, ...]


def corrections_of(rejects: Iterable[Reject], rows: Mapping[int, RawRow]) -> list[Correction]:
    """The rejects of one sheet by row; what concerns no row is left out."""
    by_row: dict[int, list[Reject]] = defaultdict(list)
    for reject in rejects:
        if reject.place.row is not None:
            by_row[reject.place.row].append(reject)
    return [
        Correction(number, rows[number].cells if number in rows else (), tuple(found))
        for number, found in sorted(by_row.items())
    ]


def correction_csv(headers: Sequence[str], corrections: Sequence[Correction]) -> bytes:
    """The table as CSV in UTF-8, with the mark by which spreadsheets recognise the encoding."""
    kept = [index for index, header in enumerate(headers) if not is_correction_column(header)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*(harmless(headers[index]) for index in kept), *CORRECTION_COLUMNS])
    for correction in corrections:
        cells = [correction.cells[index] if index < len(correction.cells) else None for index in kept]
        writer.writerow([*map(_text, cells), *map(harmless, _said(correction))])
    return text.getvalue().encode("utf-8-sig")


def correction_name(file: str, sheet: str, *, kind: str, only_sheet: bool) -> str:
    """A file name that says what it holds: "servers rows to correct.csv"."""
    stem = PurePath(file).stem
    part = "" if only_sheet else " " + re.sub(r"[^\w.-]+", "_", sheet)
    return f"{stem}{part} {kind}.csv"


def _said(correction: Correction) -> tuple[str, ...]:
    rejects = correction.rejects
    return (
        str(correction.row),
        "; ".join(dict.fromkeys(r.place.column for r in rejects if r.place.column)),
        "; ".join(dict.fromkeys(r.message for r in rejects)),
        "; ".join(r.value for r in rejects if r.value),
    )


def _text(cell: CellValue) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell if _NUMBER.fullmatch(cell) else harmless(cell)
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)
