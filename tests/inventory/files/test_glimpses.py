"""The first rows of the tables in a file."""

import zipfile
from pathlib import Path

import pytest

from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files import glimpses
from masterflow.inventory.files.glimpses import first_rows, glimpsed, json_keys, workbook_rows
from masterflow.inventory.files.heads import head_of
from tests.inventory.makers import DATA, Rows, raw_workbook, text_head, workbook

HEADER = ["Server Name", "IP Address", "OS", "CPU count"]


def test_the_first_rows_of_a_text_are_shown_and_no_more(tmp_path: Path) -> None:
    content = "\n".join([",".join(HEADER), *(f"web{number},10.0.0.1,Linux,{number}" for number in range(500))])
    (sheet,) = glimpsed(text_head(tmp_path, content), KNOWN_NAMES)
    assert (sheet.headers, len(sheet.rows)) == (tuple(HEADER), 44)


def test_what_is_no_table_shows_nothing(tmp_path: Path) -> None:
    assert glimpsed(text_head(tmp_path, "one\ntwo\nthree\n"), KNOWN_NAMES) == []
    assert glimpsed(text_head(tmp_path, bytes(range(256))), KNOWN_NAMES) == []
    assert glimpsed(text_head(tmp_path, "1,2\n3,4\n5,6\n"), KNOWN_NAMES) == []


def test_the_first_rows_of_every_sheet_are_those_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    rows: Rows = [["Our servers"], [], HEADER, ["web01", "10.0.0.1", None, 4], ["web02", None, True, 2.5]]
    sheets = glimpsed(head_of(workbook(tmp_path, {"A": rows, "B": [["who", "what"], ["me", "this"]]})), KNOWN_NAMES)
    assert [sheet.headers for sheet in sheets] == [tuple(HEADER), ("who", "what")]
    assert [row.cells for row in sheets[0].rows] == [("web01", "10.0.0.1", None, 4), ("web02", None, "1", 2.5)]


def test_inline_texts_gaps_and_odd_cells_are_borne(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="B1" t="inlineStr"><is><t>name</t></is></c><c r="D1" t="str"><v>os</v></c></row>'
        '<row><c t="n"><v>x9</v></c><c r="ZZZ2"><v>1</v></c><c r="C2" t="s"><v>-1</v></c></row>'
        '<row r="3"/><row r="4"><c t="s"><v>7</v></c></row>'
    )
    rows = list(workbook_rows(head_of(raw_workbook(tmp_path, cells))))
    assert [row.cells for row in rows[0]] == [(None, "name", None, "os"), ("x9",), (None,)]


@pytest.mark.parametrize("broken", ["<row><c><v>1</v></c></row><row><c>", "<row><c><v>1</v></c></row></oops>"])
def test_a_sheet_that_breaks_off_shows_what_stands_before(tmp_path: Path, broken: str) -> None:
    rows = list(workbook_rows(head_of(raw_workbook(tmp_path, broken))))
    assert [row.cells for row in rows[0]] == [(1,)]


def test_a_damaged_workbook_shows_nothing(tmp_path: Path) -> None:
    assert list(workbook_rows(text_head(tmp_path, b"PK\x03\x04oops", "y.xlsx"))) == []


def test_shared_texts_are_read_only_as_far_as_needed(tmp_path: Path) -> None:
    strings = "<sst>" + "".join(f"<si><r><t>te</t></r><r><t>xt{number}</t></r></si>" for number in range(9)) + "</sst>"
    cells = '<row><c t="s"><v>2</v></c><c t="s"><v>0</v></c></row>'
    path = raw_workbook(tmp_path, cells, extra={"xl/sharedStrings.xml": strings.encode()})
    assert [row.cells for row in next(workbook_rows(head_of(path)))] == [("text2", "text0")]


def test_a_part_that_unpacks_to_much_is_read_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glimpses, "GLIMPSED_BYTES", 400)
    cells = "".join(f"<row><c><v>{number}</v></c></row>" for number in range(50))
    (rows,) = workbook_rows(head_of(raw_workbook(tmp_path, cells)))
    assert 0 < len(rows) < 50
    with zipfile.ZipFile(tmp_path / "raw.xlsx") as archive, archive.open("xl/worksheets/sheet1.xml") as part:
        bounded = glimpses.Bounded(part)
        assert (len(bounded.read()), bounded.read(10)) == (400, b"")


def test_a_genuine_workbook_is_glimpsed(tmp_path: Path) -> None:
    rows = first_rows(head_of(DATA / "rvtools_v4.7_small.xlsx"))
    assert len(rows) == 6


def test_keys_are_those_of_json_alone(tmp_path: Path) -> None:
    assert json_keys(text_head(tmp_path, '{"result": [{"sys_id": "a:b", "name" : 1}]}')) == {"result", "sys_id", "name"}
    assert json_keys(text_head(tmp_path, 'say "name": x\n')) == frozenset()
