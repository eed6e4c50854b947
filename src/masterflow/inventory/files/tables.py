"""Finding the table in rows of cells: which row is the header, where data begins, which rows are no data.

Exports carry title lines, blank rows, totals, repeated headers and rows of the wrong length. Good rows are kept as they
are, everything else becomes a reject that says where it stands and what to do.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from statistics import median

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import squashed
from masterflow.inventory.files.cells import Shape, shape_of, text_of
from masterflow.inventory.files.kept_rows import changed, kept
from masterflow.inventory.harmless import as_it_was, is_correction_column
from masterflow.inventory.reading import CellValue, RawRow, Reject, Sheet

PEEK_ROWS = 60  # rows looked at to find the header
MAX_HEADER_OFFSET = 30  # a header further down is not looked for
MAX_ROWS = 1_000_000  # of one sheet
MAX_COLUMNS = 16_384  # of one sheet, as in Excel
MAX_REJECTS = 100_000  # of one sheet
MIN_FILL = 0.5  # a header fills at least this part of the table's width
MIN_FILL_OF_DATA = 0.75  # a row of values that fills less may be a line such as "Exported on; 2026-01-02"
MIN_KNOWN = 0.5  # of the names of a header below data
MIN_LABELS = 0.6  # and this part of its cells reads like a label
MAX_LABEL_LENGTH = 120
SAME_SHAPE = 0.9  # from this share on a column has a shape that a shifted cell would break

LABEL_SHAPES = frozenset({Shape.WORD, Shape.TEXT, Shape.FQDN, Shape.BOOLEAN})
FIRM_SHAPES = frozenset(
    {Shape.NUMBER, Shape.PERCENT, Shape.SIZE, Shape.DATE, Shape.ADDRESS, Shape.MAC, Shape.UUID, Shape.BOOLEAN}
)
NO_LABEL = re.compile(r"[<>{}=]|^\W*$")
TOTAL = re.compile(
    r"(grand |sub)?totals?|sums?|summe|(gesamt|zwischen)(summe)?|total g[eé]n[eé]ral|sous-total|totale|suma|totaal",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet and the rows of it that could not be used."""

    sheet: Sheet
    rejects: tuple[Reject, ...]


def read_table(
    rows: Iterable[RawRow | Reject], place: Place, known: Collection[str], *, may_be_empty: bool = False
) -> Table:
    """The table in these rows; `known` are squashed header names that help to tell the header from a title.

    Raises:
        FileRejected: there is no header row, no data row below it unless that is allowed, or too many rows.
    """
    stream = iter(rows)
    found: list[Reject] = []
    filled_rows = only_rows(stream, place, found)
    peeked = list(islice(filled_rows, PEEK_ROWS))
    header = header_index(peeked, known)
    if header is None:
        raise no_header(place, peeked, found)
    reader = RowReader(place, peeked[header], peeked[header + 1 :], found)
    rows_kept = kept(row for row in map(reader.judged, chain(peeked[header + 1 :], filled_rows)) if row)
    if not rows_kept and not may_be_empty:
        raise no_rows(place, peeked[header], found)
    headers, rows_kept = without_hollow_columns(reader.headers, rows_kept)
    if any(map(is_correction_column, headers)):
        headers, rows_kept = without_protection(headers, rows_kept)
    sheet = Sheet(place.sheet or "", peeked[header].number, headers, rows_kept)
    rejects = sorted(found, key=lambda reject: reject.place.row or 0)
    return Table(sheet, tuple(rejects))


def without_protection(headers: Sequence[str], rows: Sequence[RawRow]) -> tuple[tuple[str, ...], Sequence[RawRow]]:
    """The table of a corrected file without the apostrophes that kept its texts from acting in a spreadsheet."""
    return tuple(map(as_it_was, headers)), changed(rows, bare)


def bare(row: RawRow) -> RawRow:
    """A row without those apostrophes."""
    return RawRow(row.number, tuple(as_it_was(cell) if isinstance(cell, str) else cell for cell in row.cells))


def only_rows(stream: Iterator[RawRow | Reject], place: Place, rejects: list[Reject]) -> Iterator[RawRow]:
    """The filled rows of a stream; rejects met on the way are put aside, as are rows wider than any sheet."""
    for number, item in enumerate(stream):
        if isinstance(item, Reject):
            rejects.append(item)
        elif len(item.cells) > MAX_COLUMNS:
            rejects.append(too_wide(place, item))
        elif any(cell is not None for cell in item.cells):
            yield item
        check_rejects(place, rejects)
        if number >= MAX_ROWS:
            raise too_many_rows(place)


def too_many_rows(place: Place) -> FileRejected:
    """The refusal of a table that is longer than a sheet may be."""
    message = f"There are more than {MAX_ROWS:,} rows."
    hint = "Split the file by datacenter or date and upload the parts."
    return FileRejected(place, message, hint=hint, code="too_many_rows")


def too_wide(place: Place, row: RawRow) -> Reject:
    """The reject of a row with more cells than any sheet has columns."""
    message = f"The row has {len(row.cells):,} cells, more than the {MAX_COLUMNS:,} columns that a sheet may have."
    shown = " | ".join(text_of(cell)[:40] for cell in row.cells[:6])
    return Reject(
        Place(place.file, place.sheet, row.number),
        "row.too_wide",
        f"{message} Export the table with one row for each server, or with fewer columns.",
        shown,
    )


def check_rejects(place: Place, rejects: Sequence[Reject]) -> None:
    """Refuse a table in which so many rows are broken that the reading of it must be wrong."""
    if len(rejects) > MAX_REJECTS:
        message = f"More than {MAX_REJECTS:,} rows could not be used; the first, row {rejects[0].place.row}:"
        hint = "Correct what is wrong with that row in all of them, and upload the file again."
        raise FileRejected(place, f"{message} {rejects[0].message}", hint=hint, code="too_many_rejects")


def header_index(rows: Sequence[RawRow], known: Collection[str]) -> int | None:
    """Which of the first rows holds the column names; None when none looks like it.

    The first wide row of values ends the search, because a header stands above the data; a row whose cells come again
    below in the same columns is data too. Only a row of names that somebody documents is a header even further down.
    """
    width = table_width(rows)
    best: tuple[float, int] | None = None
    below_data = False
    for index, row in enumerate(rows[:MAX_HEADER_OFFSET]):
        fill, names = filled(row) / width, known_share(row, known)
        if fill < MIN_FILL or (below_data and names < MIN_KNOWN):
            continue
        if label_share(row) < MIN_LABELS or recurs(row, rows[index + 1 :]):
            below_data = below_data or fill >= MIN_FILL_OF_DATA
            continue
        score = 2 * names + label_share(row) + fill - index / 1000
        if best is None or score > best[0]:
            best = (score, index)
    return best[1] if best else None


def table_width(rows: Sequence[RawRow]) -> float:
    """How many cells a row of the table fills, title lines above it not counted."""
    if not rows:
        return 1.0
    fills = sorted(filled(row) for row in rows)
    return max(1.0, median(fills[len(fills) // 2 :]))


def filled(row: RawRow) -> int:
    """Cells of the row that hold something."""
    return sum(cell is not None for cell in row.cells)


def label_share(row: RawRow) -> float:
    """The part of the filled cells that could be a column name."""
    cells = [cell for cell in row.cells if cell is not None]
    return sum(map(is_label, cells)) / len(cells) if cells else 0.0


def is_label(cell: CellValue) -> bool:
    """Whether a cell could be a column name: a short text that is no value."""
    if not isinstance(cell, str) or len(cell) > MAX_LABEL_LENGTH or NO_LABEL.search(cell):
        return False
    return shape_of(cell) in LABEL_SHAPES


def known_share(row: RawRow, known: Collection[str]) -> float:
    """The part of the filled cells that are names somebody documents."""
    names = [squashed(text_of(cell)) for cell in row.cells if cell is not None]
    return sum(name in known for name in names) / len(names) if names else 0.0


def recurs(row: RawRow, below: Sequence[RawRow]) -> bool:
    """Whether most cells of the row come again in their columns, in rows that do not repeat it as a whole."""
    others = [other.cells for other in below if other.cells != row.cells]
    columns = [index for index, cell in enumerate(row.cells) if cell is not None]
    again = sum(any(index < len(cells) and cells[index] == row.cells[index] for cells in others) for index in columns)
    return len(columns) > 1 and again > len(columns) / 2


class RowReader:
    """Judges the rows below a header one by one and adds what it could not use to `rejects`."""

    def __init__(self, place: Place, header: RawRow, sample: Sequence[RawRow], rejects: list[Reject]) -> None:
        self.place = place
        self.header = header
        self.sample = sample
        self.width = max((index for index, cell in enumerate(header.cells, start=1) if cell is not None), default=0)
        self.spread = max([self.width, *(len(row.cells) for row in sample if is_grid(row, header))])
        self.headers = named_columns(header.cells, self.spread)
        self.usual_fill = median([filled(row) for row in sample if not says_total(row)] or [self.width])
        self.shapes: list[Shape | None] | None = None
        self.rejects = rejects

    def judged(self, row: RawRow) -> RawRow | None:
        """The row as it can be kept, as wide as the header; None when it became a reject."""
        if is_total(row, self.usual_fill):
            self.reject(row, "row.total", "This is a total line, not a thing of the estate; it was left out.")
            return None
        if row.cells[: self.width] == self.header.cells[: self.width]:
            self.reject(row, "row.repeated_header", "The header comes again here; the row was left out.")
            return None
        cells: tuple[CellValue, ...] = row.cells[: self.spread] + (None,) * (self.spread - len(row.cells))
        if any(cell is not None for cell in row.cells[self.spread :]):
            return self.overlong(row, cells)
        return row if cells == row.cells else RawRow(row.number, cells)

    def overlong(self, row: RawRow, cells: tuple[CellValue, ...]) -> RawRow | None:
        """Keep a row with too many cells when those below a header fit their columns, else refuse it whole."""
        count = f"{len(row.cells)} cells under {self.spread} headers"
        if not self.fits(cells):
            message = f"The row has {count} and its values do not fit their columns: a separator stands inside a value."
            self.reject(row, "row.too_many_cells", f"{message} Put that value in double quotes.")
            return None
        extra = ", ".join(text_of(cell) for cell in row.cells[self.spread :] if cell is not None)
        message = f"The row has {count}; the row was kept without the last ones. Name their column in the header."
        self.rejects.append(Reject(self.at(row), "cell.without_header", message, extra))
        return RawRow(row.number, cells)

    def fits(self, cells: tuple[CellValue, ...]) -> bool:
        """Whether the cells have the shapes of their columns; False when no column has a shape to go by."""
        if self.shapes is None:
            self.shapes = column_shapes(
                [row.cells for row in self.sample if len(row.cells) <= self.spread], self.spread
            )
        firm = [(cell, shape) for cell, shape in zip(cells, self.shapes, strict=True) if shape is not None]
        return bool(firm) and all(cell is None or shape_of(cell) == shape for cell, shape in firm)

    def reject(self, row: RawRow, code: str, message: str) -> None:
        """Put the row among the rejects."""
        value = " | ".join(text_of(cell) for cell in row.cells if cell is not None)
        self.rejects.append(Reject(self.at(row), code, message, value[:500]))

    def at(self, row: RawRow) -> Place:
        """Where the row stands."""
        return Place(self.place.file, self.place.sheet, row.number)


def is_grid(row: RawRow, header: RawRow) -> bool:
    """Spreadsheets give every row the same number of cells; then cells right of the header belong to the table."""
    return len(row.cells) == len(header.cells)


def column_shapes(rows: Sequence[tuple[CellValue, ...]], width: int) -> list[Shape | None]:
    """The shape that nearly all filled cells of a column have; None where they are words or of many kinds."""
    shapes: list[Shape | None] = []
    for index in range(width):
        seen = Counter(shape_of(cells[index]) for cells in rows if index < len(cells) and cells[index] is not None)
        shape, count = seen.most_common(1)[0] if seen else (Shape.BLANK, 0)
        shapes.append(shape if shape in FIRM_SHAPES and count >= SAME_SHAPE * seen.total() else None)
    return shapes


def is_total(row: RawRow, usual_fill: float) -> bool:
    """Whether the row sums up others: it says so, and fills fewer cells than a usual row."""
    return says_total(row) and filled(row) < usual_fill


def says_total(row: RawRow) -> bool:
    """Whether the first filled cell of the row is a word for total."""
    first = next((text_of(cell) for cell in row.cells if cell is not None), "")
    return TOTAL.fullmatch(first.rstrip(": ")) is not None


def named_columns(cells: Sequence[CellValue], width: int) -> tuple[str, ...]:
    """Header texts as found; nameless columns are called by their number, repeated names get one in brackets."""
    names: list[str] = []
    taken: set[str] = set()
    for index in range(width):
        found = cells[index] if index < len(cells) else None
        name = found if isinstance(found, str) else text_of(found) or f"column {index + 1}"
        unique, times = name, 1
        while unique.casefold() in taken:
            times += 1
            unique = f"{name} ({times})"
        taken.add(unique.casefold())
        names.append(unique)
    return tuple(names)


def without_hollow_columns(
    headers: tuple[str, ...], rows: Sequence[RawRow]
) -> tuple[tuple[str, ...], Sequence[RawRow]]:
    """Drop columns that have neither name nor value, such as the margin left of a table."""
    hollow = {place for place, header in enumerate(headers) if header == f"column {place + 1}"}
    for row in rows:
        if not hollow:
            break
        hollow = {place for place in hollow if row.cells[place] is None}
    places = [place for place in range(len(headers)) if place not in hollow]
    if not hollow or not places:
        return headers, rows
    narrowed = changed(rows, lambda row: RawRow(row.number, tuple(row.cells[place] for place in places)))
    return tuple(headers[place] for place in places), narrowed


def no_header(place: Place, rows: Sequence[RawRow], rejects: Sequence[Reject] = ()) -> FileRejected:
    """The refusal of rows without column names."""
    hint = "Put one row with a name for every column above the data and upload the file again."
    if not rows and rejects:
        first = rejects[0]
        code = first.code.rpartition(".")[2]
        message = f"No row could be used; the first: {first.message}"
        at = Place(place.file, place.sheet, first.place.row)
        return FileRejected(at, message, hint="Correct it and upload the file again.", code=code)
    if not rows:
        return FileRejected(place, "There are no rows.", hint=hint, code="no_rows")
    shown = " | ".join(text_of(cell)[:40] for cell in rows[0].cells[:6])
    message = f'No row with column names was found; the first row reads "{shown}".'
    return FileRejected(Place(place.file, place.sheet, rows[0].number), message, hint=hint, code="no_header")


def no_rows(place: Place, header: RawRow, rejects: Sequence[Reject]) -> FileRejected:
    """The refusal of a header with nothing below."""
    at = Place(place.file, place.sheet, header.number)
    if rejects:
        reason = f"none of the {len(rejects)} rows below it could be used; the first: {rejects[0].message}"
        return FileRejected(at, f"The header was found, but {reason}", hint="Correct the rows.", code="no_usable_rows")
    message = "There is a header row, but no row of data below it."
    hint = "Check the filter of the export and upload the file again."
    return FileRejected(at, message, hint=hint, code="no_data_rows")
