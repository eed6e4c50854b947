"""Reading Excel workbooks (.xlsx, .xlsm) row by row, after checking that unpacking them is safe.

A few kilobytes can unpack to gigabytes, and one value in the last corner of a sheet makes a reader reserve memory for
seventeen thousand million cells; both are looked for before the workbook is opened.
"""

import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import Once, cleaned
from masterflow.inventory.files.heads import megabytes
from masterflow.inventory.reading import FileHead, RawRow

MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_ENTRIES = 10_000
MAX_CELLS = 10_000_000  # of all sheets together, empty ones inside a table included
MAX_HELD_BYTES = 700_000_000  # of the cells and texts that the reader holds at once
FEW_BYTES = 50_000_000  # of shared texts: not worth counting
BYTES_A_CELL = 64  # in the reader, measured with 20 million numbers
MARKUP_A_CELL = 40  # bytes of a sheet that are no text
MAX_WORKBOOK_XML_BYTES = 16 * 1024 * 1024  # the list of sheets
CHUNK_BYTES = 1024 * 1024
LONGEST_TAG = 1024 * 1024
ENDLESS = 2**62
MAX_PASSED = 100_000  # tags remembered before their place is worked out

ZIP_START = b"PK\x03\x04"
WORKBOOK_PART = "xl/workbook.xml"
SAVE_AGAIN = "Open it in Excel, save it as a new .xlsx workbook and upload that."
ATTRIBUTES = rb"""((?:[^>"']|"[^"]*"|'[^']*')*)"""
TAG = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])" + ATTRIBUTES + rb">(?=(\s*(?:<[^/]|[^<\s]))?)")  # and what follows it
PLACE = re.compile(rb"""(?:^|\s)r\s*=\s*(?:"([^"]*)"|'([^']*)')""")  # of a cell or a row
USUAL_CELL = re.compile(rb"""\sr="([A-Z]{1,3})([1-9][0-9]{0,6})"(?:\s[st]="\w*")*\s*""")  # place, style and type alone
CELL_PLACE = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})", re.IGNORECASE)
ROOT = re.compile(rb"<(?:\w+:)?(?:worksheet|sst)[\s>]")
SHARED_ROOT = re.compile(rb"<(?:\w+:)?sst[\s>]")
SHARED_TEXT = re.compile(rb"<(?:\w+:)?si(?=[\s/>])")  # where one begins; an empty one may have no end of its own
BYTES_A_SHARED_TEXT = 32  # in the reader, beside its characters: an empty one takes as much
SHARED_MARKUP = len("<si><t></t>")
SHARED_USE = re.compile(rb"""\st\s*=\s*["']s["'][^<>]{0,200}>\s*<(?:\w+:)?v[^<>]{0,50}>\s*(\d{1,9})\s*<""")
LONGEST_USE = 400  # bytes from "t=" to the end of the number
LAST_ROW = 1_048_576  # of a sheet in Excel
LAST_COLUMN = 16_384


@dataclass(frozen=True, slots=True)
class Grid:
    """One visible sheet: its filled rows as found, numbered as Excel shows them.

    Reading `rows` raises `FileRejected` when this sheet is damaged; the others may be sound.
    """

    name: str
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
def open_grids(head: FileHead) -> Iterator[list[Grid]]:
    """The visible sheets of a workbook; charts, dialogs, macros and hidden sheets are passed over.

    Raises:
        FileRejected: the workbook is damaged, or would unpack to more than this machine should bear.
    """
    place = Place(head.name)
    check_container(head)
    with damage_as_refusal(place):
        workbook = CalamineWorkbook.from_path(head.path)
    try:
        yield [
            Grid(described.name, rows_of(workbook, index, Place(head.name, described.name)))
            for index, described in enumerate(workbook.sheets_metadata)
            if described.typ == SheetTypeEnum.WorkSheet and described.visible == SheetVisibleEnum.Visible
        ]
    finally:
        workbook.close()


def rows_of(workbook: CalamineWorkbook, index: int, place: Place) -> Iterator[RawRow]:
    """The filled rows of a sheet, with empty cells before the first filled column put back."""
    once = Once()
    with damage_as_refusal(place):
        sheet = workbook.get_sheet_by_index(index)
        before = (None,) * sheet.start[1] if sheet.start else ()
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if cells.count("") == len(cells):
                continue  # sheets may hold a million blank rows between two values
            values = tuple([once[cell] if isinstance(cell, str) else cleaned(cell) for cell in cells])
            if any(value is not None for value in values):
                yield RawRow(number, before + values)


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
    except BaseException as error:  # boundary: the reader's panic, known by its name alone
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(place, "its content contradicts itself") from error


def damaged(place: Place, reason: str) -> FileRejected:
    """The refusal of a workbook that cannot be opened."""
    thing = "sheet" if place.sheet else "workbook"
    message = f"The {thing} is damaged or was not uploaded completely ({reason or 'no reason given'})."
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
    unpacked = cells = texts = tags = 0
    for entry in archive.infolist():
        extent, seen = Extent(), 0
        for piece in pieces(archive, entry):
            seen += len(piece)
            if unpacked + seen > MAX_UNPACKED_BYTES:
                limit = megabytes(MAX_UNPACKED_BYTES)
                raise too_much(place, f"more than {limit} unpacked, and declares less than it holds")
            if extent.read or is_table(entry, piece):
                extent.see(piece)
        extent.see(b"")
        unpacked += seen
        cells += extent.cells
        tags += extent.read
        texts += max(0, seen - MARKUP_A_CELL * extent.read) if extent.read else 0
        if cells > MAX_CELLS:
            raise too_much(place, f"sheets that span {cells:,} cells, more than the limit of {MAX_CELLS:,}")
    check_held(place, cells * BYTES_A_CELL + texts)
    check_held(place, cells * BYTES_A_CELL + texts + SharedTexts(archive, place).held_bytes(tags))


def is_table(entry: zipfile.ZipInfo, piece: bytes) -> bool:
    """Whether a part is XML, by its name or by its root; a workbook may call its sheets as it likes."""
    return entry.filename.endswith(".xml") or ROOT.search(piece) is not None


def check_held(place: Place, held: int) -> None:
    """Refuse a workbook whose cells and texts need too much memory."""
    if held > MAX_HELD_BYTES:
        limit = megabytes(MAX_HELD_BYTES)
        raise too_much(place, f"cells and texts that need {megabytes(held)} of memory, more than the limit of {limit}")


class SharedTexts:
    """The texts that a workbook keeps once and its cells name by number; the reader copies one for each cell."""

    def __init__(self, archive: zipfile.ZipFile, place: Place) -> None:
        self.archive = archive
        self.place = place

    def held_bytes(self, most_cells: int) -> int:
        """The texts themselves and those of all cells that name one, a copy each.

        A number that no text has counts as the longest. Where even `most_cells` of the longest are few, that is the
        answer.

        Raises:
            FileRejected: the texts alone need too much memory.
        """
        sizes = self.sizes()
        table, longest = len(sizes) * BYTES_A_SHARED_TEXT, max(sizes, default=0)
        if longest * most_cells <= FEW_BYTES:
            return table + longest * most_cells
        used = (int(number) for entry in self.archive.infolist() for number in self.numbers(entry))
        return table + sum(sizes[number] if number < len(sizes) else longest for number in used)

    def sizes(self) -> Sequence[int]:
        """The bytes of each shared text, in their order."""
        found = array("I")
        for entry in self.archive.infolist():
            tail: bytes | None = None
            begun = 0  # bytes of the text that is not over yet
            inside = False
            for piece in pieces(self.archive, entry):
                if tail is None and SHARED_ROOT.search(piece) is None:
                    break
                text = (tail or b"") + piece
                seen = ended(text)
                before, *texts = SHARED_TEXT.split(text[:seen])
                tail = text[seen:]
                begun += len(before)
                for begins in texts:
                    found.extend([max(0, begun - SHARED_MARKUP)] if inside else [])
                    inside, begun = True, len(begins)
                check_held(self.place, len(found) * BYTES_A_SHARED_TEXT)
            found.extend([max(0, begun + len(tail or b"") - SHARED_MARKUP)] if inside else [])
        return found

    def numbers(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The numbers of shared texts that the cells of a part name."""
        tail = b""
        for piece in pieces(self.archive, entry):
            text = tail + piece
            end = 0
            for use in SHARED_USE.finditer(text):
                end = use.end()
                yield use.group(1)
            tail = text[max(end, len(text) - LONGEST_USE) :]


def pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked content of a part, a piece at a time, to its real end."""
    entry.file_size = ENDLESS  # else the archive stops where the declared size ends; the workbook reader reads on
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
        self.row = self.column = 0  # where the last row or cell stands whose place was needed
        self.passed: list[bytes] = []  # tags after it
        self.last_row = self.last_column = 0  # of a value
        self.read = 0  # tags, and one for each piece

    @property
    def cells(self) -> int:
        """Cells of the rectangle from the first cell to the last value."""
        return self.last_row * self.last_column

    def see(self, piece: bytes) -> None:
        """Take the next piece of the sheet into account; an empty one ends it.

        Raises:
            ValueError: a cell or a row claims a place that no sheet has, or a tag does not end.
        """
        self.read += bool(piece)
        text = self.tail + piece
        seen = whole_tags(text) if piece else len(text)
        for tag in TAG.finditer(text):
            if tag.start() >= seen:
                break
            self.read += 1
            kind, attributes, value = tag.groups()
            if kind == b"c" and value is not None and not attributes.endswith(b"/"):
                self.take_value(attributes)
            else:
                self.pass_by(kind, attributes)
        self.tail = text[seen:]

    def take_value(self, attributes: bytes) -> None:
        """A cell with a value: it stands where it says, else right of the cell before."""
        usual = USUAL_CELL.fullmatch(attributes)
        claimed = None if usual else claimed_place(attributes)
        if usual:
            self.row, self.column = place_in_sheet(usual[1], usual[2])
            self.passed.clear()
        elif claimed is not None:
            self.row, self.column = cell_place(claimed)
            self.passed.clear()
        else:
            self.go_to_passed()
            self.row, self.column = max(self.row, 1), self.column + 1
        self.last_row = max(self.last_row, self.row)
        self.last_column = max(self.last_column, self.column)

    def pass_by(self, kind: bytes, attributes: bytes) -> None:
        """A row or an empty cell: its place matters only to a value that does not say its own."""
        if len(self.passed) >= MAX_PASSED:
            self.go_to_passed()
        self.passed.append(kind + b" " + attributes)

    def go_to_passed(self) -> None:
        """Work out the place of the rows and empty cells passed by."""
        for tag in self.passed:
            kind, _, attributes = tag.partition(b" ")
            claimed = claimed_place(attributes)
            if kind == b"row":
                self.row, self.column = row_place(claimed) if claimed is not None else self.row + 1, 0
            else:
                self.row, self.column = cell_place(claimed) if claimed is not None else (self.row, self.column + 1)
        self.passed.clear()


def claimed_place(attributes: bytes) -> bytes | None:
    """Where a cell or row says that it stands."""
    found = [double or single for double, single in PLACE.findall(attributes)]
    if len(found) > 1:
        raise no_such_place(b" and ".join(found))
    return found[0] if found else None


def cell_place(claimed: bytes) -> tuple[int, int]:
    """Row and column of a place such as "C12", from 1."""
    reference = CELL_PLACE.fullmatch(claimed)
    if reference is None:
        raise no_such_place(claimed)
    return place_in_sheet(reference.group(1), reference.group(2))


def place_in_sheet(letters: bytes, digits: bytes) -> tuple[int, int]:
    """Row and column of a cell called so, from 1."""
    row, column = int(digits), column_number(letters)
    if not (0 < row <= LAST_ROW and column <= LAST_COLUMN):
        raise no_such_place(letters + digits)
    return row, column


def no_such_place(claimed: bytes) -> ValueError:
    """What is wrong with a cell that readers would put somewhere far out."""
    return ValueError(f"a cell or row claims to be at {claimed[:40].decode(errors='replace')}")


def row_place(claimed: bytes) -> int:
    """The number of a row, from 1."""
    if not (claimed.isdigit() and 0 < int(claimed) <= LAST_ROW):
        raise no_such_place(claimed)
    return int(claimed)


def whole_tags(text: bytes) -> int:
    """How much of a piece holds tags that end in it, with something behind them: up to the last tag but one."""
    last = text.rfind(b"<")
    seen = max(text.rfind(b"<", 0, max(last, 0)), 0)
    if len(text) - seen <= CHUNK_BYTES:
        return seen
    if last >= 0 and b">" not in text[last:]:
        raise ValueError("a tag does not end")
    return len(text)


def ended(text: bytes) -> int:
    """How much of a piece holds tags that end in it, and text."""
    last = text.rfind(b"<")
    if last < 0 or b">" in text[last:]:
        return len(text)
    if len(text) - last > LONGEST_TAG:
        raise ValueError("a tag does not end")
    return last


@lru_cache(maxsize=LAST_COLUMN)
def column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
