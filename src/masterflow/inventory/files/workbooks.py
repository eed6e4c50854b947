"""Reading Excel workbooks (.xlsx, .xlsm) row by row, after checking that unpacking them is safe.

A few kilobytes can unpack to gigabytes, and one value in the last corner of a sheet makes a reader reserve memory for
seventeen thousand million cells; both are looked for before the workbook is opened.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned
from masterflow.inventory.files.heads import megabytes
from masterflow.inventory.reading import FileHead, RawRow

MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_ENTRIES = 10_000
MAX_CELLS = 20_000_000  # of all sheets together, empty ones inside a table included
MAX_WORKBOOK_XML_BYTES = 16 * 1024 * 1024  # the list of sheets
CHUNK_BYTES = 1024 * 1024
OVERLAP_BYTES = 512  # a cell tag cut by a chunk's end is seen whole in the next chunk

ZIP_START = b"PK\x03\x04"
WORKBOOK_PART = "xl/workbook.xml"
SAVE_AGAIN = "Open it in Excel, save it as a new .xlsx workbook and upload that."
ATTRIBUTES = rb"""((?:[^>"']|"[^"]*"|'[^']*')*)"""
VALUED_CELL = re.compile(rb"<(?:\w+:)?c\s" + ATTRIBUTES + rb"(?<!/)>(?!\s*</)")
ROW = re.compile(rb"<(?:\w+:)?row\s" + ATTRIBUTES + rb">")
REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]{1,3})(\d{1,9})["']""")
ROW_NUMBER = re.compile(rb"""(?:^|\s)r\s*=\s*["'](\d{1,9})["']""")


@dataclass(frozen=True, slots=True)
class Grid:
    """One visible sheet: its rows as found, numbered as Excel shows them, blank ones left out."""

    name: str
    width: int
    rows: Iterator[RawRow]


def sheet_names(head: FileHead) -> tuple[str, ...]:
    """The sheets a workbook lists; nothing when the file is no workbook or cannot be read that far."""
    if not head.start.startswith(ZIP_START):
        return ()
    try:
        with zipfile.ZipFile(head.path) as archive:
            part = archive.getinfo(WORKBOOK_PART)
            if part.file_size > MAX_WORKBOOK_XML_BYTES:
                return ()
            tree = fromstring(archive.read(part))
    except (OSError, KeyError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        return ()
    except (zipfile.BadZipFile, ParseError, DefusedXmlException):
        return ()
    return tuple(tag.get("name", "") for tag in tree.iter() if tag.tag.rpartition("}")[2] == "sheet")


@contextmanager
def open_grids(head: FileHead) -> Iterator[Iterator[Grid]]:
    """The visible sheets of a workbook, one after the other; each has to be read before the next is asked for.

    Raises:
        FileRejected: the workbook is damaged, or would unpack to more than this machine should bear.
    """
    place = Place(head.name)
    check_container(head)
    with damage_as_refusal(place), CalamineWorkbook.from_path(head.path) as workbook:
        yield grids_of(workbook)


def grids_of(workbook: CalamineWorkbook) -> Iterator[Grid]:
    """Every visible worksheet; charts, dialogs, macros and hidden sheets are passed over."""
    for index, described in enumerate(workbook.sheets_metadata):
        if described.typ == SheetTypeEnum.WorkSheet and described.visible == SheetVisibleEnum.Visible:
            sheet = workbook.get_sheet_by_index(index)
            yield Grid(described.name, sheet.end[1] + 1 if sheet.end else 0, rows_of(sheet))


def rows_of(sheet: CalamineSheet) -> Iterator[RawRow]:
    """The filled rows of a sheet, with empty cells before the first filled column put back."""
    if sheet.start is None:
        return
    before = (None,) * sheet.start[1]
    shared: dict[str, str] = {}  # the same text in many rows is kept once
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        values = tuple(cleaned(cell) for cell in cells)
        if any(value is not None for value in values):
            kept = (shared.setdefault(value, value) if isinstance(value, str) else value for value in values)
            yield RawRow(number, before + tuple(kept))


@contextmanager
def damage_as_refusal(place: Place) -> Iterator[None]:
    """Turn what the workbook reader says about broken content into a sentence.

    The reader is written in Rust and panics on some broken content; its PanicException is no Exception and cannot be
    imported, so it is known by its name and everything else goes on its way.
    """
    try:
        yield
    except (CalamineError, OSError, ValueError, zlib.error) as error:
        raise damaged(place, str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(place, "its content contradicts itself") from error


def damaged(place: Place, reason: str) -> FileRejected:
    """The refusal of a workbook that cannot be opened."""
    message = f"The workbook is damaged or was not uploaded completely ({reason or 'no reason given'})."
    return FileRejected(place, message, hint=SAVE_AGAIN, code="damaged")


def check_container(head: FileHead) -> None:
    """Refuse a workbook that unpacks to too much, before anything is unpacked into memory.

    Sizes that the archive declares are not believed: every part is unpacked once, piece by piece, and counted.

    Raises:
        FileRejected: the archive is damaged, or over one of the limits.
    """
    place = Place(head.name)
    try:
        with zipfile.ZipFile(head.path) as archive:
            check_declared(archive, place)
            measure(archive, place)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged(place, str(error)) from error


def check_declared(archive: zipfile.ZipFile, place: Place) -> None:
    """Refuse by what the archive says about itself."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise too_much(place, f"{len(entries):,} parts, more than the limit of {MAX_ENTRIES:,}")
    declared = sum(entry.file_size for entry in entries)
    if declared > MAX_UNPACKED_BYTES:
        raise too_much(place, f"{megabytes(declared)} unpacked, more than the limit of {megabytes(MAX_UNPACKED_BYTES)}")


def measure(archive: zipfile.ZipFile, place: Place) -> None:
    """Unpack every part piece by piece and refuse by what is really there."""
    unpacked = cells = 0
    for entry in archive.infolist():
        extent = Extent()
        for piece in pieces(archive, entry):
            unpacked += len(piece)
            if unpacked > MAX_UNPACKED_BYTES:
                limit = megabytes(MAX_UNPACKED_BYTES)
                raise too_much(place, f"more than {limit} unpacked, and declares less than it holds")
            if entry.filename.endswith(".xml"):
                extent.see(piece)
        cells += extent.cells
        if cells > MAX_CELLS:
            raise too_much(place, f"sheets that span {cells:,} cells, more than the limit of {MAX_CELLS:,}")


def pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked content of a part, a piece at a time, to its real end."""
    entry.file_size = MAX_UNPACKED_BYTES + 1  # else the archive stops where the declared size ends; others read on
    with archive.open(entry) as part:
        while piece := part.read(CHUNK_BYTES):
            yield piece


def too_much(place: Place, what: str) -> FileRejected:
    """The refusal of a workbook that is bigger inside than outside."""
    return FileRejected(
        place,
        f"The workbook has {what}.",
        hint="Delete what lies far below or beside the tables, or split the workbook, and upload it again.",
        code="too_large_unpacked",
    )


class Extent:
    """How far the values of a sheet reach, seen piece by piece; formatted cells without a value do not count."""

    def __init__(self) -> None:
        self.tail = b""
        self.last_row = 0
        self.last_column = 0

    @property
    def cells(self) -> int:
        """Cells of the rectangle from the first cell to the last value."""
        return self.last_row * self.last_column

    def see(self, piece: bytes) -> None:
        """Take the next piece of the sheet into account."""
        text = self.tail + piece
        for attributes in VALUED_CELL.findall(text):
            if found := REFERENCE.search(attributes):
                self.last_row = max(self.last_row, int(found.group(2)))
                self.last_column = max(self.last_column, column_number(found.group(1)))
            else:
                self.see_rows(text)
        self.tail = text[-OVERLAP_BYTES:]

    def see_rows(self, text: bytes) -> None:
        """A value without a reference stands where its row says."""
        rows = [int(found.group(1)) for tag in ROW.findall(text) if (found := ROW_NUMBER.search(tag))]
        self.last_row = max(self.last_row, *rows, 1)
        self.last_column = max(self.last_column, 1)


def column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
