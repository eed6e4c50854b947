"""Every bad file that is known of: read right, or refused with a sentence; one line of the table for each."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart
from typer.testing import CliRunner

from masterflow.cli.inventory import inventory_app
from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import importer_of, open_file, read_by
from masterflow.inventory.reading import CellValue, FileRead
from tests.api.conftest import app, connect, files, kit, lead, operator, tenancy  # noqa: F401 - fixtures of HTTP tests
from tests.inventory.makers import DATA, raw_workbook, refusal_or, text_file, workbook, zipped

Make = Callable[[Path], Path]


@dataclass(frozen=True)
class Refused:
    """The file is refused: why as a code, and words that the sentence holds."""

    code: str
    words: str = ""


@dataclass(frozen=True)
class Read:
    """The first sheet is read: its rows, the codes of its rejects, and the cells of its last row as far as given."""

    rows: int
    rejects: tuple[str, ...] = ()
    last: tuple[CellValue, ...] = ()
    headers: tuple[str, ...] = ()
    sheets: int = 1


SEEN = datetime(2026, 1, 2)  # noqa: DTZ001 - a spreadsheet date has no zone
MAC_EPOCH = datetime(1904, 1, 1)  # noqa: DTZ001
TABLE = "Name,OS,CPUs\nweb-01,RHEL 8,4\nweb-02,Débian 12,8\n"
ROWS = (("Name", "OS", "CPUs"), ("web-01", "RHEL 8", 4), ("web-02", "Débian 12", 8))
AS_TABLE = Read(2, last=("web-02", "Débian 12", "8"), headers=("Name", "OS", "CPUs"))
AS_SHEET = Read(2, last=("web-02", "Débian 12", 8), headers=("Name", "OS", "CPUs"))
JAPANESE = "ホスト名,役割,CPU\nweb-01,ウェブサーバー,4\ndb-01,データベースのサーバー,8\n"
CHINESE = "主机名,操作系统,用途\nweb-01,红帽企业版,网站服务器\ndb-01,红帽企业版,数据库服务器\n"
RUSSIAN = "Имя,Система,Назначение\nweb-01,Линукс,веб сервер\ndb-01,Линукс,сервер базы данных\n"
CP850 = "Name,OS,Owner\nweb-01,RHEL 8,Jürgen Müller\nweb-02,RHEL 8,Günter Größe\nweb-03,RHEL 9,Käthe Bäcker\n"
JSON_ROWS = [{"name": "web-01", "os": {"name": "RHEL"}}, {"name": "web-02", "cpus": 4}]


def text(content: str | bytes, name: str = "servers.csv") -> Make:
    return partial(text_file, content=content, name=name)


def encoded(encoding: str, *, content: str = TABLE, mark: bytes = b"") -> Make:
    return text(mark + content.encode(encoding))


TEXTS: dict[str, tuple[Make, Refused | Read]] = {
    "UTF-8": (encoded("utf-8"), AS_TABLE),
    "UTF-8 with mark": (encoded("utf-8-sig"), AS_TABLE),
    "UTF-16 LE with mark": (encoded("utf-16-le", mark=b"\xff\xfe"), AS_TABLE),
    "UTF-16 BE with mark": (encoded("utf-16-be", mark=b"\xfe\xff"), AS_TABLE),
    "UTF-16 LE without mark": (encoded("utf-16-le"), AS_TABLE),
    "UTF-16 BE without mark": (encoded("utf-16-be"), AS_TABLE),
    "UTF-32 with mark": (encoded("utf-32"), AS_TABLE),
    "UTF-32 LE without mark": (encoded("utf-32-le"), AS_TABLE),
    "UTF-32 BE without mark": (encoded("utf-32-be"), AS_TABLE),
    "UTF-16 cut in the middle of a character": (
        text(TABLE.encode("utf-16")[:-1]),
        Read(2, last=("web-02", "Débian 12", "8\ufffd")),
    ),
    "cp1252": (encoded("cp1252"), AS_TABLE),
    "latin-1": (encoded("latin-1"), AS_TABLE),
    "cp1251": (encoded("cp1251", content=RUSSIAN), Read(2, last=("db-01", "Линукс", "сервер базы данных"))),
    "cp850": (encoded("cp850", content=CP850), Read(3, last=("web-03", "RHEL 9", "Käthe Bäcker"))),
    "Shift-JIS": (encoded("cp932", content=JAPANESE), Read(2, last=("db-01", "データベースのサーバー", "8"))),
    "GB18030": (encoded("gb18030", content=CHINESE), Read(2, last=("db-01", "红帽企业版", "数据库服务器"))),
    "UTF-8 with a row pasted in cp1252": (
        text("Name,Owner\nweb-01,Jürgen\nweb-02,Käthe\n".encode() + "web-03,Jörg\n".encode("cp1252")),
        Read(3, last=("web-03", "Jörg")),
    ),
    "an impossible byte in UTF-8": (text(TABLE.encode() + b"web-03,R\xff8,2\n"), Read(3)),
    "line ends of Windows": (text(TABLE.replace("\n", "\r\n")), AS_TABLE),
    "line ends of old Macs": (text(TABLE.replace("\n", "\r")), AS_TABLE),
    "three kinds of line ends": (text("Name,OS\r\na,x\nb,y\rc,z\r\n"), Read(3, last=("c", "z"))),
    "no line end after the last row": (text(TABLE.rstrip()), AS_TABLE),
    "semicolon": (text(TABLE.replace(",", ";")), AS_TABLE),
    "tab": (text(TABLE.replace(",", "\t"), "servers.tsv"), AS_TABLE),
    "pipe": (text(TABLE.replace(",", "|")), AS_TABLE),
    "sep=; in the first line": (text("sep=;\n" + TABLE.replace(",", ";")), AS_TABLE),
    "sep=: in the first line": (text("sep=:\r\n" + TABLE.replace(",", ":")), AS_TABLE),
    "decimal commas between semicolons": (
        text("Name;CPU %;Memory GB\na;12,5;16,0\nb;7,25;8,5\n"),
        Read(2, last=("b", "7,25", "8,5")),
    ),
    "decimal commas in quotes between commas": (
        text('Name,CPU %,OS\na,"12,5",RHEL\nb,"7,25",RHEL\n'),
        Read(2, last=("b", "7,25", "RHEL")),
    ),
    "a separator that is not read": (text("Name^OS^CPUs\na^b^c\nd^e^f\n"), Refused("no_table", 'separated by "^"')),
    "a quote never closed": (
        text('Name,OS\na,x\n"b,y\nc,z\nd,z\n'),
        Read(3, ("row.unclosed_quote",), last=("d", "z")),
    ),
    "a quote never closed in the last row": (text('Name,OS\na,x\nb,y\n"c,z'), Read(2, ("row.unclosed_quote",))),
    "a quote inside a value": (text('Name,Note\na,19" rack\nb,plain\n'), Read(2, last=("b", "plain"))),
    "doubled quotes": (text('Name,Note\na,"19"" rack"\nb,"say ""hi"""\n'), Read(2, last=("b", 'say "hi"'))),
    "a cell over three lines": (
        text('Name,Note\na,"one\ntwo\nthree"\nb,x\n'),
        Read(2, last=("b", "x")),
    ),
    "a header alone": (text("Name,OS,CPUs\n"), Refused("no_data_rows", "no row of data below it")),
    "nothing": (text(b""), Refused("empty", "0 bytes")),
    "white space alone": (text(" \n\t\n  \r\n"), Refused("empty", "blank lines")),
    "a mark alone": (text(b"\xef\xbb\xbf"), Refused("empty", "blank lines")),
    "separators alone": (text(",,,\n,,,\n,,,\n"), Refused("no_rows", "There are no rows")),
    "title rows above the header": (
        text("Server list 2026\nExported on;2026-01-02\n\nName;OS;CPUs\na;RHEL;4\nb;RHEL;8\n"),
        Read(2, last=("b", "RHEL", "8"), headers=("Name", "OS", "CPUs")),
    ),
    "two header rows": (
        text("Server,,Hardware,\nName,OS,CPUs,RAM\na,RHEL,4,16\nb,RHEL,8,32\n"),
        Read(2, last=("b", "RHEL", "8", "32"), headers=("Name", "OS", "CPUs", "RAM")),
    ),
    "header names twice": (
        text("Name,IP,IP,ip\na,10.0.0.1,10.0.0.2,10.0.0.3\n"),
        Read(1, headers=("Name", "IP", "IP (2)", "ip (3)")),
    ),
    "empty header names": (
        text("Name,,OS,\na,1,RHEL,\nb,2,RHEL,\n"),
        Read(2, headers=("Name", "column 2", "OS")),
    ),
    "no header": (text("10.0.0.1,4,16\n10.0.0.2,8,32\n10.0.0.3,8,32\n"), Refused("no_header", "names")),
    "short rows": (text("Name,OS,CPUs,RAM\na,RHEL,4,16\nb\nc,RHEL\n"), Read(3, last=("c", "RHEL", None, None))),
    "long rows that fit": (
        text("Name,CPUs\na,4\nb,8\nc,2,surplus\n"),
        Read(3, ("cell.without_header",), last=("c", "2")),
    ),
    "long rows that are shifted": (
        text("Name,OS,CPUs\na,RHEL,4\nb,RHEL,8\nc,Red Hat, Inc,8\n"),
        Read(2, ("row.too_many_cells",)),
    ),
    "a total line": (
        text("Name,CPUs,RAM\na,4,16\nb,8,32\nTotal,12,\n"),
        Read(2, ("row.total",), last=("b", "8", "32")),
    ),
    "the header again": (text("Name,OS\na,x\nName,OS\nb,y\n"), Read(2, ("row.repeated_header",))),
    "NUL characters in values": (text(b"Name,OS\nwe\x00b-01,RH\x00EL\nweb-02,x\n"), Read(2, last=("web-02", "x"))),
    "NUL characters alone": (text(b"\x00" * 5000), Refused("unknown_format")),
    "control characters": (text(b"\x01\x02\x03\x04\x05\x06" * 500), Refused("unknown_format", "neither text nor")),
    "an escape sequence in a value": (text("Name,OS\nweb\x1b[31m-01,RHEL\n" + "web-02,RHEL\n" * 9), Read(10)),
    "formulas": (
        text("Name,OS,Note\n=cmd|' /C calc'!A0,RHEL,x\n@SUM(1),RHEL,+1\n"),
        Read(2, last=("@SUM(1)", "RHEL", "+1")),
    ),
    "200,000 columns": (
        text(",".join(f"c{n}" for n in range(200_000)) + "\n" + ",".join("1" * 200_000) + "\n"),
        Refused("too_wide", "200,000 cells, more than the 16,384 columns"),
    ),
    "1,000,000 columns": (
        text(",".join(f"c{n}" for n in range(1_000_000)) + "\n" + ",".join("1" * 1_000_000) + "\n"),
        Refused("endless_line", "4,194,304 characters without a line end"),
    ),
    "one wide row among good ones": (
        text("Name,OS\na,x\n" + "b," * 20_000 + "\nc,z\n"),
        Read(2, ("row.too_wide",), last=("c", "z")),
    ),
    "a line of 20 MB without end": (text(b"a,b,c," * 3_400_000), Refused("endless_line", "row 1")),
    "an endless line among good ones": (
        text(b"Name,OS\na,x\n" + b"b," + b"y" * 9_000_000 + b"\nc,z\n"),
        Read(2, ("row.endless_line",), last=("c", "z")),
    ),
    "a cell of 9 MB in quotes": (
        text(b'Name,OS\na,x\n"b","' + b"y" * 9_000_000 + b'"\nc,z\n'),
        Read(2, ("row.endless_line",), last=("c", "z")),
    ),
    "a cell of 200 kB": (
        text(b"Name,OS\na,x\nb," + b"y" * 200_000 + b"\nc,z\n"),
        Read(2, ("row.unclosed_quote",), last=("c", "z")),
    ),
    "prose": (
        text(
            "Dear all, please find the list below.\nIt holds every server we have, as far as we know.\nKind regards.\n"
        ),
        Refused("no_table"),
    ),
    "a workbook called .csv": (lambda folder: workbook(folder, {"S": ROWS}, name="servers.csv"), AS_SHEET),
    "a table called .xlsx": (text(TABLE, "servers.xlsx"), AS_TABLE),
    "a name of 200 characters": (text(TABLE, "s" * 200 + ".csv"), AS_TABLE),
    "a name with a line end": (text(TABLE, "ser\nvers.csv"), AS_TABLE),
}
JSONS: dict[str, tuple[Make, Refused | Read]] = {
    "a list of objects": (
        text(json.dumps(JSON_ROWS), "a.json"),
        Read(2, last=("web-02", None, 4), headers=("name", "os.name", "cpus")),
    ),
    "JSON with mark": (text(b"\xef\xbb\xbf" + json.dumps(JSON_ROWS).encode(), "a.json"), Read(2)),
    "JSON in UTF-16": (text(json.dumps(JSON_ROWS).encode("utf-16"), "a.json"), Read(2)),
    "JSON lines": (text('{"name": "a"}\n\n{"name": "b"}\n', "a.jsonl"), Read(2, last=("b",))),
    "JSON lines with a broken one": (
        text('{"name": "a"}\n{"name": \n{"name": "b"}\n', "a.jsonl"),
        Read(2, ("line.broken_json",)),
    ),
    "a lone surrogate": (text('[{"name": "a\\ud800b"}]', "a.json"), Read(1, last=("a\ufffdb",))),
    "a lone surrogate as key": (text('[{"na\\udc00me": "a"}]', "a.json"), Read(1, headers=("na\ufffdme",))),
    "NUL in JSON": (text('[{"name": "a\\u0000b"}]', "a.json"), Read(1, last=("ab",))),
    "NaN and infinity": (text('[{"name": "a", "x": NaN, "y": Infinity}]', "a.json"), Read(1, last=("a", None, None))),
    "a number of 10,000 digits": (text('[{"name": ' + "9" * 10_000 + "}]", "a.json"), Refused("broken_json", "digits")),
    "100,000 brackets": (text("[" * 100_000, "a.json"), Refused("broken_json", "nests too deep")),
    "JSON cut off": (text(json.dumps(JSON_ROWS)[:-9], "a.json"), Refused("broken_json", "line 1")),
    "an empty list": (text("[]", "a.json"), Refused("no_records", "no list of objects")),
    "a list of empty objects": (text("[{}, {}]", "a.json"), Refused("no_records")),
    "3,000 keys": (
        text(json.dumps([{f"k{n}": n for n in range(3_000)}]), "a.json"),
        Refused("too_many_columns", "2,000 different keys"),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text(tmp_path: Path, name: str) -> None:
    make, expected = TEXTS[name]
    becomes(make(tmp_path), expected)


@pytest.mark.parametrize("name", JSONS)
def test_json(tmp_path: Path, name: str) -> None:
    make, expected = JSONS[name]
    becomes(make(tmp_path), expected)


def becomes(path: Path, expected: Refused | Read) -> None:
    """Check what a file becomes, through the importers and through the inspection."""
    found = refusal_or(lambda: open_file(path))
    inspected = refusal_or(lambda: inspect_file(path))
    if isinstance(expected, Refused):
        assert isinstance(found, FileRejected), found
        assert isinstance(inspected, FileRejected)
        assert (found.reason, str(found)) == (inspected.reason, str(inspected))
        is_refused(found, expected)
    else:
        assert not isinstance(found, FileRejected), str(found)
        assert not isinstance(inspected, FileRejected)
        assert inspected.model_dump_json()
        is_read(found, expected)


def is_refused(found: FileRejected, expected: Refused) -> None:
    """A refusal says what, where and what to do, on one line that can be printed."""
    assert found.reason == expected.code, str(found)
    assert expected.words in str(found)
    assert found.place.file
    assert found.hint
    assert str(found).encode().isascii() or "\n" not in str(found)


def is_read(found: FileRead, expected: Read) -> None:
    """The sheets are as expected, and every reject says where and what to do."""
    assert len(found.sheets) == expected.sheets
    sheet = found.sheets[0]
    assert len(sheet.rows) == expected.rows
    assert tuple(reject.code for reject in found.rejects) == expected.rejects
    assert all(reject.place.row and reject.message for reject in found.rejects)
    if expected.last:
        assert sheet.rows[-1].cells[: len(expected.last)] == expected.last
    if expected.headers:
        assert sheet.headers == expected.headers


SHARED = (
    '<Relationship Id="rId2" Target="sharedStrings.xml"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
)
NAMED = '<row><c t="inlineStr"><is><t>Name</t></is></c><c t="inlineStr"><is><t>OS</t></is></c></row>'
WEB = '<row><c t="inlineStr"><is><t>web-01</t></is></c><c t="inlineStr"><is><t>RHEL</t></is></c></row>'
BOMB_DTD = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (letter + 1, b"&%c;" % letter * 10) for letter in b"abcdefgh")
    + b"]>"
)
OUTSIDE_DTD = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def sheets(*names: str, rows: object = ROWS, **more: object) -> Make:
    """A workbook in which every one of these sheets holds the same rows."""
    return lambda folder: workbook(folder, dict.fromkeys(names, rows), **more)  # type: ignore[arg-type]


def raw(cells: str) -> Make:
    return lambda folder: raw_workbook(folder, cells)


def with_shared(cells: str, texts: str) -> Make:
    """A workbook whose cells name shared texts."""

    def make(folder: Path) -> Path:
        path = raw_workbook(folder, cells)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        rels = "xl/_rels/workbook.xml.rels"
        parts[rels] = parts[rels].replace(b"</Relationships>", SHARED.encode())
        main = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        parts["xl/sharedStrings.xml"] = main + texts.encode() + b"</sst>"
        path.write_bytes(zipped(parts))
        return path

    return make


def with_part(part: str, change: Callable[[bytes], bytes]) -> Make:
    """A sound workbook with one part changed."""

    def make(folder: Path) -> Path:
        path = raw_workbook(folder, NAMED + WEB)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts[part] = change(parts[part])
        path.write_bytes(zipped(parts))
        return path

    return make


def without_declaration(content: bytes) -> bytes:
    return content.partition(b"?>")[2]


def only_a_chart(folder: Path) -> Path:
    book = Workbook()
    book.remove(book.active)
    book.create_chartsheet("Chart").add_chart(BarChart())
    path = folder / "chart.xlsx"
    book.save(path)
    return path


def with_everything(folder: Path) -> Path:
    """Merged cells, a formula without value, an error, a date, a formatted empty row far down."""
    book = Workbook()
    sheet = book.active
    for row in (["Name", "Seen", "Load", "Sum"], ["web-01", SEEN, "#N/A", "=1+1"], ["web-02"]):
        sheet.append(row)
    sheet.merge_cells("A5:B5")
    sheet.cell(60_000, 1).number_format = "0.00"
    path = folder / "everything.xlsx"
    book.save(path)
    return path


def since_1904(folder: Path) -> Path:
    book = Workbook()
    book.epoch = MAC_EPOCH
    for row in (["Name", "Seen"], ["web-01", SEEN]):
        book.active.append(row)
    path = folder / "mac.xlsx"
    book.save(path)
    return path


def cut(share: float) -> Make:
    def make(folder: Path) -> Path:
        content = (DATA / "rvtools_minimal_synthetic.xlsx").read_bytes()
        return text_file(folder, content[: int(share * len(content))], name="cut.xlsx")

    return make


WORKBOOKS: dict[str, tuple[Make, Refused | Read]] = {
    "a workbook": (sheets("S"), AS_SHEET),
    "a table called .xls": (text(TABLE, "servers.xls"), AS_TABLE),
    "no sheet": (
        with_part("xl/workbook.xml", lambda content: content.replace(b"<sheet ", b"<other ")),
        Refused("damaged"),
    ),
    "500 sheets": (sheets(*(f"S{n}" for n in range(500))), Read(2, sheets=500)),
    "a hidden sheet": (sheets("S", "H", hidden=["H"]), AS_SHEET),
    "all sheets hidden but an empty one": (
        lambda folder: workbook(folder, {"S": [], "H": ROWS}, hidden=["H"]),
        Refused("no_rows"),
    ),
    "only a chart": (only_a_chart, Refused("no_table", "No sheet of the workbook holds a table")),
    "an empty sheet": (sheets("S", rows=[]), Refused("no_rows", "sheet S")),
    "a header alone": (sheets("S", rows=[("Name", "OS")]), Refused("no_data_rows", "sheet S, row 1")),
    "merged cells, errors, dates, formats far down": (
        with_everything,
        Read(2, headers=("Name", "Seen", "Load", "Sum")),
    ),
    "dates since 1904": (since_1904, Read(1, last=("web-01", SEEN))),
    "a dimension that is too small": (
        with_part(
            "xl/worksheets/sheet1.xml",
            lambda content: content.replace(b"<sheetData>", b'<dimension ref="A1"/><sheetData>'),
        ),
        Read(1, last=("web-01", "RHEL")),
    ),
    "a dimension that claims the last corner": (
        with_part(
            "xl/worksheets/sheet1.xml",
            lambda content: content.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'),
        ),
        Read(1, last=("web-01", "RHEL")),
    ),
    "a hundred thousand formatted empty rows": (
        raw(NAMED + WEB + '<row><c s="0"/></row>' * 100_000),
        Read(1, last=("web-01", "RHEL")),
    ),
    "a value in the last corner": (
        raw(NAMED + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        Refused("too_large_unpacked", "17,179,869,184 cells"),
    ),
    "error cells": (
        raw(NAMED + '<row><c t="inlineStr"><is><t>web-01</t></is></c><c t="e"><v>#REF!</v></c></row>'),
        Read(1, last=("web-01",)),
    ),
    "shared texts": (
        with_shared(
            NAMED + '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>',
            "<si><t>web-01</t></si><si><r><t>RH</t></r><r><t>EL</t></r></si>",
        ),
        Read(1, last=("web-01", "RHEL")),
    ),
    "a long shared text named by every cell": (
        with_shared(
            NAMED + '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' * 20_000, f"<si><t>{'x' * 32_000}</t></si>"
        ),
        Refused("too_large_unpacked", "of memory"),
    ),
    "shared texts with ends of all kinds": (
        with_shared(
            NAMED + '<row><c t="s"><v>0</v></c><c t="s"><v>3</v></c></row>',
            "<si><t>web-01</t></si><si/><si a='1'/><si><t>RHEL</t></si >",
        ),
        Read(1, last=("web-01", "RHEL")),
    ),
    "a shared text that is not there": (
        with_shared(NAMED + '<row><c t="s"><v>7</v></c></row>', "<si><t>web-01</t></si>"),
        Refused("damaged"),
    ),
    "more parts than any workbook has": (
        lambda folder: raw_workbook(folder, NAMED, extra={f"x/{n}": b"" for n in range(10_001)}),
        Refused("too_large_unpacked", "parts, more than the limit of 10,000"),
    ),
    "a zip bomb of zeros": (
        lambda folder: raw_workbook(folder, NAMED, extra={"xl/media/image1.png": bytes(1_100_000_000)}),
        Refused("too_large_unpacked", "unpacked, more than the limit"),
    ),
    "a billion laughs in the list of sheets": (
        with_part("xl/workbook.xml", lambda content: BOMB_DTD + without_declaration(content)),
        Refused("damaged"),
    ),
    "an entity of another file in the list of sheets": (
        with_part("xl/workbook.xml", lambda content: OUTSIDE_DTD + without_declaration(content)),
        Refused("damaged"),
    ),
    "a billion laughs in a cell": (
        with_part(
            "xl/worksheets/sheet1.xml",
            lambda content: BOMB_DTD + without_declaration(content).replace(b"web-01", b"&i;"),
        ),
        Refused("damaged"),
    ),
    "an entity of another file in a cell": (
        with_part(
            "xl/worksheets/sheet1.xml",
            lambda content: OUTSIDE_DTD + without_declaration(content).replace(b"web-01", b"&x;"),
        ),
        Refused("damaged"),
    ),
    "encrypted": (lambda folder: DATA / "encrypted_clash.xlsx", Refused("encrypted", "Remove the protection")),
    **{f"cut at {share:.0%}": (cut(share), Refused("damaged")) for share in (0.05, 0.3, 0.5, 0.77, 0.95, 0.999)},
    "a zip archive called .xlsx": (text(zipped({"a.csv": b"Name,OS\n"}), "a.xlsx"), Refused("damaged")),
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_workbook(tmp_path: Path, name: str) -> None:
    make, expected = WORKBOOKS[name]
    becomes(make(tmp_path), expected)


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.csv")
    return folder / "pipe.csv"


def link_to(target: str) -> Make:
    def make(folder: Path) -> Path:
        text_file(folder, TABLE)
        (folder / "link.csv").symlink_to(folder / target)
        return folder / "link.csv"

    return make


PLACES: dict[str, tuple[Make, Refused | Read]] = {
    "a folder": (lambda folder: folder, Refused("folder", "Name the files inside it")),
    "a pipe": (pipe, Refused("no_file", "Save what it gives as a file")),
    "a device": (lambda _: Path("/dev/zero"), Refused("no_file")),
    "a link to a file": (link_to("servers.csv"), AS_TABLE),
    "a link to nothing": (link_to("gone.csv"), Refused("not_readable", "No such file")),
    "a link to itself": (link_to("link.csv"), Refused("not_readable", "Too many levels")),
    "no such file": (lambda folder: folder / "gone.csv", Refused("not_readable", "No such file")),
    "a name of 300 characters": (lambda folder: folder / ("x" * 300), Refused("not_readable", "too long")),
    "a name with NUL": (lambda _: Path("ser\x00vers.csv"), Refused("not_readable", "null")),
    "a name that is no text": (text(TABLE, "ser\udcffvers.csv"), AS_TABLE),
}


@pytest.mark.parametrize("name", PLACES)
def test_place(tmp_path: Path, name: str) -> None:
    make, expected = PLACES[name]
    becomes(make(tmp_path), expected)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = text_file(tmp_path, TABLE)

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    becomes(path, Refused("not_readable", "Permission denied"))


def test_a_file_that_goes_away_while_it_is_looked_at(tmp_path: Path) -> None:
    head = head_of(text_file(tmp_path, TABLE))
    importer = importer_of(head)
    head.path.unlink()
    found = refusal_or(lambda: read_by(importer, head))
    assert isinstance(found, FileRejected)
    is_refused(found, Refused("not_readable", "No such file"))
    other = head_of(text_file(tmp_path, TABLE + "x,y,1\n", name="other.csv"))
    other.path.unlink()
    found = refusal_or(lambda: importer_of(other))
    assert isinstance(found, FileRejected)
    is_refused(found, Refused("not_readable", "No such file"))


def test_a_file_that_grows_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    head = head_of(text_file(tmp_path, TABLE))
    importer = importer_of(head)
    with head.path.open("a") as file:
        file.write("web-03,RHEL 9,2\n")
    is_read(read_by(importer, head), Read(3, last=("web-03", "RHEL 9", "2")))


def test_one_byte_over_the_limit_is_refused_and_the_limit_is_not(tmp_path: Path) -> None:
    path = text_file(tmp_path, TABLE + " " * (2_000_000 - len(TABLE.encode())))
    assert open_file(path, max_bytes=2_000_000).sheets
    found = refusal_or(lambda: open_file(path, max_bytes=1_999_999))
    assert isinstance(found, FileRejected)
    is_refused(found, Refused("too_large", "2,000,000 bytes, more than the limit of 1,999,999 bytes"))
    assert "MASTERFLOW_MAX_UPLOAD_MB" in str(found)


def columns_of(number: int) -> str:
    """A row with texts that no other row has."""
    return ",".join(f"value {number} {column}" for column in range(20)) + "\n"


def many_rows(folder: Path) -> Path:
    path = folder / "many.csv"
    with path.open("w") as file:
        file.write(",".join(f"Name {column}" for column in range(20)) + "\n")
        file.writelines(map(columns_of, range(60_000)))
    return path


def many_objects(folder: Path) -> Path:
    path = folder / "many.json"
    with path.open("w") as file:
        file.write('{"result": [')
        for number in range(60_000):
            file.write(("," if number else "") + json.dumps({f"k{n}": f"value {number} {n}" for n in range(20)}))
        file.write("]}")
    return path


@pytest.mark.parametrize("make", [many_rows, many_objects])
def test_a_big_file_is_read_in_little_memory(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path)
    assert path.stat().st_size > 16 * 1024 * 1024
    code = (
        "import resource, sys; from pathlib import Path; from masterflow.inventory.importers.catalog import open_file, "
        "all_importers; all_importers(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; "
        "rows = len(open_file(Path(sys.argv[1])).sheets[0].rows); "
        "print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    rows, kibibytes = map(int, done.stdout.split())
    assert rows == 60_000
    assert kibibytes < 110 * 1024  # all cells as texts take 150 MiB


COMMANDS: dict[str, tuple[Make, int, str]] = {
    "a table": (text(TABLE), 0, "servers.csv"),
    "a bill": (
        text("lineItem/UnblendedCost,lineItem/UsageStartDate,bill/PayerAccountId\n1.5,2026-01-01,77\n", "bill.csv"),
        1,
        "a cloud bill (AWS Cost and Usage Report), not an estate",
    ),
    "a pipe": (pipe, 1, "a pipe, a socket or a device"),
    "an endless line": (text(b"a,b,c," * 1_600_000), 1, "the limit of 1.0 MB"),
    "a broken workbook": (cut(0.5), 1, "damaged"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    make, exit_code, words = COMMANDS[name]
    monkeypatch.setenv("MASTERFLOW_MAX_UPLOAD_MB", "1")
    done = CliRunner().invoke(inventory_app, ["inspect", str(make(tmp_path))])
    assert done.exit_code == exit_code, done.output
    assert words in done.output
    assert "Traceback" not in done.output


UPLOADS: dict[str, tuple[str, bytes, int]] = {
    "a table": ("servers.csv", TABLE.encode(), 201),
    "a path as a name": ("../../etc/passwd.csv", TABLE.encode(), 201),
    "a name of 300 characters": ("n" * 300 + ".csv", TABLE.encode(), 201),
    "a name that is none": ("..", TABLE.encode(), 400),
    "one byte too many": ("big.csv", b"x" * 200_001, 413),
}


@pytest.mark.parametrize("name", UPLOADS)
async def test_upload(lead: httpx.AsyncClient, name: str) -> None:  # noqa: F811 - the fixture
    file_name, content, status = UPLOADS[name]
    sent = await lead.post("/api/v1/imports", files={"file": (file_name, content)})
    assert sent.status_code == status, sent.text
    kept = sent.json().get("file_name", "")
    assert "/" not in kept
    assert len(kept) <= 255
