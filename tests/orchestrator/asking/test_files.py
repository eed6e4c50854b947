"""Answers as files: out as a workbook, back as xlsx, csv or json."""

import io
import json
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import InputRejected, InvalidInput
from masterflow.orchestrator.asking.files import read, shown, template, value_of
from masterflow.orchestrator.asking.types import Asked, AskedField


def field(name: str, word: str = "text", current: Any = None) -> AskedField:
    return AskedField(
        field=name,
        reasons=("it is missing",),
        question="What?",
        places=(),
        type=word,
        choices=("a", "b") if word == "choice" else (),
        required=False,
        current=current,
    )


ASKED = Asked(
    flow_id=uuid4(),
    flow_type="toy",
    waits=True,
    phase="plan",
    code="phase.input_missing",
    message="m",
    hint=None,
    fields=(
        field("name"),
        field("servers", "whole number", 3),
        field("scope", "choice"),
        field("move", "date"),
        field("hosts", "list of text", ["x"]),
        field("rules", "JSON"),
    ),
    elsewhere=(),
    also=("other",),
    schema={},
)


def answered(**cells: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(template(ASKED)))
    sheet = book.worksheets[0]
    at = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    for name, value in cells.items():
        sheet.cell(at[name], 5).value = value
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_the_template_asks_field_by_field() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template(ASKED))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["field", "question", "type", "choices", "value"]
    assert rows[1] == ["name", "What? it is missing", "text", None, None]
    assert rows[2] == ["servers", "What? it is missing", "whole number", None, "3"]
    assert rows[3][3] == "a, b"


def test_a_filled_template_comes_back_by_field_and_blank_ones_stay_out() -> None:
    data = answered(name=2027, servers="5", scope="a", move="2027-06-30 00:00:00", hosts="one\ntwo\n", rules='{"a": 1}')
    assert read(ASKED, "Answer.XLSX", data) == {
        "name": "2027",
        "servers": 5,
        "scope": "a",
        "move": "2027-06-30",
        "hosts": ["one", "two"],
        "rules": {"a": 1},
    }
    assert read(ASKED, "a.xlsx", template(ASKED)) == {"servers": 3, "hosts": ["x"]}


def test_a_workbook_in_which_something_else_was_changed_is_refused() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(ASKED)))
    book.worksheets[0]["A2"] = "nom"
    data = io.BytesIO()
    book.save(data)
    with pytest.raises(InputRejected, match="'nom' is not one of") as refused:
        read(ASKED, "a.xlsx", data.getvalue())
    assert "this flow's template" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        "field,value\nname,x\nservers,4\n,\nscope,\n",
        "\ufeffField;Value\nname;x\nservers;4\n",
        "note,field,value\nn,name,x\nn,servers,4\nshort\n",
    ],
)
def test_a_csv_gives_a_value_a_line(text: str) -> None:
    assert read(ASKED, "a.csv", text.encode()) == {"name": "x", "servers": 4}


def test_a_csv_keeps_names_that_nobody_asked_for_so_that_they_are_refused_by_name() -> None:
    assert read(ASKED, "a.csv", b"field,value\nnmae,x\n") == {"nmae": "x"}


def test_json_gives_an_object() -> None:
    assert read(ASKED, "a.json", b'{"name": "x", "servers": null}') == {"name": "x", "servers": None}


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.txt", b"", r"'a.txt' is none of \.json, \.csv, \.xlsx"),
        ("", b"", "is none of"),
        ("a.json", b"{", "not JSON"),
        ("a.json", b"[]", "no JSON object"),
        ("a.csv", b"\xff", "not UTF-8"),
        ("a.csv", b"", "no columns 'field' and 'value'"),
        ("a.csv", b"name,value\n", "no columns"),
        ("a.csv", b"field,value\nname,x\nname,y\n", "name: it is given twice"),
        ("a.xlsx", b"PK", "not an xlsx workbook"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read(ASKED, name, data)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("name", "[1]", "[1]"),
        ("name", 5, "5"),
        ("servers", "7", 7),
        ("servers", 7, 7),
        ("servers", "many", "many"),
        ("hosts", '["a"]', ["a"]),
        ("hosts", "7", [7]),
        ("hosts", "a\n b ", ["a", "b"]),
        ("unknown", "true", True),
    ],
)
def test_what_is_typed_becomes_what_the_field_takes(name: str, typed: object, value: object) -> None:
    assert value_of(ASKED.field(name), typed) == value


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3))
def test_a_value_that_is_shown_reads_as_itself(value: dict[str, Any]) -> None:
    assert value_of(ASKED.field("rules"), shown(value)) == value
    assert json.loads(shown(value) or "") == value
    assert shown(None) is None
