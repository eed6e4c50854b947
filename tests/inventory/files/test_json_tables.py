"""JSON documents with records under a known key."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.json_documents import cell_of, json_of
from masterflow.inventory.files.json_tables import records_under, sheet_of_records
from tests.inventory.makers import text_head

AT = Place("a.json", "result")


@pytest.mark.parametrize(
    ("value", "name", "items"),
    [
        ({"count": 1, "result": [{"a": 1}]}, "result", [{"a": 1}]),
        ({"records": {"a": 1}}, "records", [{"a": 1}]),
        ([[{"a": 1}], [{"a": 2}], {"a": 3}], "json", [{"a": 1}, {"a": 2}, {"a": 3}]),
        ({"a": 1}, "json", [{"a": 1}]),
        ({}, "json", []),
        ("text", "json", []),
    ],
)
def test_records_are_found_under_a_key_or_as_the_document(value: object, name: str, items: list[object]) -> None:
    assert records_under(json.loads(json.dumps(value)), ("records", "result")) == (name, items)


def test_a_key_that_some_records_lack_is_empty_there_and_unstorable_names_are_mended() -> None:
    sheet, rejects = sheet_of_records(AT, [{"a": 1}, {"b\x00": None}, {"b\x00": 2}, {"\x00": 3}], lambda record: record)
    assert (sheet.headers, sheet.header_row, rejects) == (("a", "b", "unnamed"), 0, [])
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, (1, None, None)),
        (3, (None, 2, None)),
        (4, (None, None, 3)),
    ]


def test_records_without_a_common_shape_are_refused() -> None:
    items = [{f"key {number}": 1} for number in range(2001)]
    with pytest.raises(FileRejected, match="more than 2,000 different keys"):
        sheet_of_records(AT, items, lambda record: {key: cell_of(value) for key, value in record.items()})


@pytest.mark.parametrize(
    ("value", "cell"),
    [([], None), ({}, None), (["a", None, 2], "a, 2"), ([{"a": "ü"}], '[{"a": "ü"}]'), (" ", None), (2.0, 2)],
)
def test_a_value_becomes_a_cell(value: object, cell: object) -> None:
    assert cell_of(json.loads(json.dumps(value))) == cell


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' + "9" * 5000 + "}"])
def test_json_that_no_reader_bears_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileRejected) as refused:
        json_of(text_head(tmp_path, text))
    assert refused.value.reason == "broken_json"
