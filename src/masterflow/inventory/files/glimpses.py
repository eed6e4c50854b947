"""The first rows of the tables in a file, for telling whose export it is without reading all of it.

Of a workbook only as much is unpacked as its first rows need, so that a large one costs no more than a small one.
"""

import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned
from masterflow.inventory.files.delimited import dialect_of, records
from masterflow.inventory.files.tables import read_table
from masterflow.inventory.files.unread import text_start
from masterflow.inventory.files.workbooks import column_number, sheet_names
from masterflow.inventory.reading import CellValue, FileHead, RawRow, Reject, Sheet

GLIMPSED_ROWS = 45  # a header is not looked for further down than in row 30
GLIMPSED_SHEETS = 20
GLIMPSED_BYTES = 4 * 1024 * 1024  # unpacked, of one part
GLIMPSED_COLUMNS = 2_000
SHARED_TEXTS = "xl/sharedStrings.xml"
KEY = re.compile(r'"((?:[^"\\]|\\.){1,100})"\s*:')
JSON_START = re.compile(r"\s*[\[{]")
BROKEN = (OSError, KeyError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error, zipfile.BadZipFile)


def glimpsed(head: FileHead, known: Collection[str]) -> list[Sheet]:
    """The tables of a text file or workbook with their first rows; `known` helps to tell the header from a title."""
    sheets: list[Sheet] = []
    for rows in first_rows(head):
        try:
            sheets.append(read_table(rows, Place(head.name), known, may_be_empty=True).sheet)
        except FileRejected:
            continue
    return sheets


@lru_cache(maxsize=8)
def first_rows(head: FileHead) -> tuple[tuple[RawRow | Reject, ...], ...]:
    """The first rows of every table, as found."""
    if sheet_names(head):
        return tuple(rows for rows in workbook_rows(head) if rows)
    dialect = dialect_of(head)
    if dialect is None or dialect.separator is None:
        return ()
    return (tuple(islice(records(head, dialect), GLIMPSED_ROWS)),)


@lru_cache(maxsize=8)
def json_keys(head: FileHead) -> frozenset[str]:
    """The keys of objects in the first 64 KiB of JSON; none for anything else."""
    text = text_start(head)
    return frozenset(KEY.findall(text)) if JSON_START.match(text) else frozenset()


def workbook_rows(head: FileHead) -> Iterator[tuple[RawRow, ...]]:
    """The first rows of the sheets of a workbook; what is damaged is passed over here and refused when it is read."""
    try:
        with zipfile.ZipFile(head.path) as archive:
            parts = sorted(name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name))
            sheets = [list(cell_rows(archive, part)) for part in parts[:GLIMPSED_SHEETS]]
            wanted = {int(text) for rows in sheets for row in rows for kind, text in row.values() if kind == "s"}
            texts = shared_texts(archive, wanted)
    except BROKEN:
        return
    for rows in sheets:
        yield tuple(raw_row(number, row, texts) for number, row in enumerate(rows, start=1) if row)


def cell_rows(archive: zipfile.ZipFile, part: str) -> Iterator[dict[int, tuple[str, str]]]:
    """The rows of a sheet: kind and text of each cell by the place of its column."""
    for row in islice(elements(archive, part, "row"), GLIMPSED_ROWS):
        found: dict[int, tuple[str, str]] = {}
        for place, cell in enumerate(row):
            letters = re.match("[A-Z]{1,3}", cell.get("r", ""))
            column = column_number(letters.group().encode()) - 1 if letters else place
            text = "".join(inner.text or "" for inner in cell.iter() if local_name(inner) in ("v", "t"))
            kind = cell.get("t", "n")
            if text and column < GLIMPSED_COLUMNS and (kind != "s" or text.isdecimal()):
                found[column] = (kind, text)
        yield found
        row.clear()


def shared_texts(archive: zipfile.ZipFile, wanted: Collection[int]) -> dict[int, str]:
    """The texts that cells refer to by number."""
    if not wanted or SHARED_TEXTS not in archive.namelist():
        return {}
    found: dict[int, str] = {}
    for number, item in enumerate(islice(elements(archive, SHARED_TEXTS, "si"), max(wanted) + 1)):
        if number in wanted:
            found[number] = "".join(inner.text or "" for inner in item.iter() if local_name(inner) == "t")
        item.clear()
    return found


def elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[Element]:
    """The elements of a name, as far as the part can be read."""
    with archive.open(part) as content:
        try:
            for _, element in iterparse(Bounded(content), events=("end",)):
                if local_name(element) == name:
                    yield element
        except (ParseError, DefusedXmlException):
            return


class Bounded:
    """A stream that ends early, so that a part that unpacks to gigabytes costs no more than others."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.left = GLIMPSED_BYTES

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none beyond the limit."""
        piece = self.stream.read(min(size, self.left) if size >= 0 else self.left)
        self.left -= len(piece)
        return piece


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def raw_row(number: int, row: dict[int, tuple[str, str]], texts: dict[int, str]) -> RawRow:
    """A row with the texts in place of their numbers."""
    return RawRow(
        number, tuple(cell_value(*row[place], texts) if place in row else None for place in range(max(row) + 1))
    )


def cell_value(kind: str, text: str, texts: dict[int, str]) -> CellValue:
    """What a cell holds; numbers as numbers."""
    if kind == "s":
        return cleaned(texts.get(int(text), ""))
    if kind == "n":
        try:
            return cleaned(float(text))
        except ValueError:
            return cleaned(text)
    return cleaned(text)
