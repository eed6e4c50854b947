"""Every bad file that is known of: read right, or refused with a sentence; one line of the table for each."""

import json
import os
import struct
import zipfile
from collections.abc import Callable, Mapping
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
from masterflow.inventory.importers.catalog import open_file
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
    "a total line": (text("Name,CPUs,RAM\na,4,16\nb,8,32\nTotal,12,\n"), Read(2, ("row.total",), last=("b", "8", "32"))),
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
        text("Dear all, please find the list below.\nIt holds every server we have, as far as we know.\nKind regards.\n"),
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
