"""Files for tests, made on the spot."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from openpyxl import Workbook

from masterflow.errors import FileRejected
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.reading import FileHead

Result = TypeVar("Result")
DATA = Path(__file__).parents[1] / "data" / "inventory"

SHEET_START = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_END = "</sheetData></worksheet>"
PACKAGE = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="xl/workbook.xml"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
}
Rows = Sequence[Sequence[object]]


def text_file(folder: Path, content: str | bytes, name: str = "servers.csv") -> Path:
    """A file with this content; text is written as UTF-8."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def text_head(folder: Path, content: str | bytes, name: str = "servers.csv") -> FileHead:
    """The head of such a file."""
    return head_of(text_file(folder, content, name))


def workbook(folder: Path, sheets: Mapping[str, Rows], name: str = "servers.xlsx", hidden: Sequence[str] = ()) -> Path:
    """A workbook as Excel would save it."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    path = folder / name
    book.save(path)
    return path


def raw_workbook(folder: Path, cells: str, name: str = "raw.xlsx", extra: Mapping[str, bytes] | None = None) -> Path:
    """A workbook whose only sheet holds exactly this XML."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in PACKAGE.items():
            archive.writestr(part, content)
        archive.writestr("xl/worksheets/sheet1.xml", SHEET_START + cells + SHEET_END)
        for part, blob in (extra or {}).items():
            archive.writestr(part, blob)
    return path


def lying_workbook(folder: Path, megabytes: int) -> Path:
    """A workbook with a part that declares one byte and holds megabytes."""
    path = raw_workbook(folder, "<row/>", extra={"xl/media/big.xml": b" " * megabytes * 1024 * 1024})
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"xl/media/big.xml") - 46  # the central directory's fixed part before the name
    content[entry + 24 : entry + 28] = struct.pack("<I", 1)
    path.write_bytes(content)
    return path


def refusal_or(action: Callable[[], Result]) -> Result | FileRejected:
    """What an action gives, or the refusal it raises."""
    try:
        return action()
    except FileRejected as refused:
        return refused


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return buffer.getvalue()
