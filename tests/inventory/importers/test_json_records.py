"""JSON with lists of objects."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import open_file
from masterflow.inventory.importers.json_records import IMPORTER
from masterflow.inventory.reading import FileRead
from tests.inventory.makers import refusal_or, text_file, text_head


def read(folder: Path, content: object) -> FileRead:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return open_file(text_file(folder, text, name="servers.json"))


def refusal(folder: Path, content: str) -> FileRejected:
    with pytest.raises(FileRejected) as refused:
        read(folder, content)
    return refused.value


def test_a_list_of_objects_is_a_sheet_without_a_header_row(tmp_path: Path) -> None:
    found = read(tmp_path, [{"name": "web01", "ram": 4}, {"name": "web02", "os": "Linux"}])
    assert (found.format, len(found.sheets)) == ("json_records", 1)
    sheet = found.sheets[0]
    assert (sheet.name, sheet.header_row, sheet.headers) == ("json", 0, ("name", "ram", "os"))
    assert [(row.number, row.cells) for row in sheet.rows] == [(1, ("web01", 4, None)), (2, ("web02", None, "Linux"))]


def test_lists_under_keys_are_sheets_called_by_their_keys(tmp_path: Path) -> None:
    found = read(tmp_path, {"count": 2, "data": {"servers": [{"a": 1}], "apps": [{"b": 2}], "ids": [1, 2]}})
    assert [(sheet.name, sheet.headers) for sheet in found.sheets] == [("data.servers", ("a",)), ("data.apps", ("b",))]


def test_a_single_object_is_one_record(tmp_path: Path) -> None:
    assert read(tmp_path, {"name": "web01", "os": {"name": "Linux"}}).sheets[0].rows[0].cells == ("web01", "Linux")


def test_one_object_a_line_is_numbered_by_line_and_broken_lines_are_rejects(tmp_path: Path) -> None:
    found = read(tmp_path, '{"a": 1}\n\n{"a": 2\n[1]\n{"a": 3}\n')
    assert [(row.number, row.cells) for row in found.sheets[0].rows] == [(1, (1,)), (5, (3,))]
    assert [(reject.place.row, reject.code) for reject in found.rejects] == [
        (3, "line.broken_json"),
        (4, "line.broken_json"),
    ]


def test_nested_objects_get_dotted_headers_and_lists_stay_one_cell(tmp_path: Path) -> None:
    record = {
        "os": {"name": "Linux", "v": {"major": 9}},
        "ips": ["10.0.0.1", None, "10.0.0.2"],
        "nics": [{"mac": "x"}],
        "e": [],
        "o": {},
    }
    sheet = read(tmp_path, [record]).sheets[0]
    assert sheet.headers == ("os.name", "os.v.major", "ips", "nics", "e", "o")
    assert sheet.rows[0].cells == ("Linux", 9, "10.0.0.1, 10.0.0.2", '[{"mac": "x"}]', None, None)


def test_objects_that_nest_very_deep_stay_text(tmp_path: Path) -> None:
    value: object = {"x": 1}
    for _ in range(9):
        value = {"n": value}
    sheet = read(tmp_path, [value]).sheets[0]
    assert sheet.headers == ("n.n.n.n.n.n",)
    assert sheet.rows[0].cells[0] == '{"n": {"n": {"n": {"x": 1}}}}'


def test_what_no_store_can_hold_is_taken_out(tmp_path: Path) -> None:
    sheet = read(tmp_path, '[{"a\\u0000": "x\\u0000y", "b": "\\ud800", "c": NaN, "\\u0000": 1}]').sheets[0]
    assert sheet.headers == ("a", "b", "c", "unnamed")
    assert sheet.rows[0].cells == ("xy", "\ufffd", None, 1)


def test_a_byte_order_mark_and_utf_16_are_borne(tmp_path: Path) -> None:
    assert read(tmp_path, b'\xef\xbb\xbf[{"a": 1}]').traits == {"encoding": "utf-8-sig"}
    assert read(tmp_path, '[{"a": "ä"}]'.encode("utf-16")).sheets[0].rows[0].cells == ("ä",)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ('[{"a": 1},', "broken_json", "servers.json, row 1: The JSON is broken in line 1, character"),
        ('[\n{"a": 1}\n{"b"', "broken_json", "row 3"),
        ("[" * 100_000, "broken_json", "nests too deep"),
        ('[{"a": ' + "9" * 5000 + "}]", "broken_json", "thousands of digits"),
        ("[]", "no_records", "no list of objects"),
        ('[{"a": null}]', "no_records", "no list of objects"),
        ('{"a": {"b": [1, 2]}}', "no_records", "one object a line, or a CSV"),
        ("[[1, 2], [3, 4]]", "no_records", "no list of objects"),
    ],
)
def test_json_that_cannot_be_used_is_refused_with_the_next_step(
    tmp_path: Path, content: str, code: str, words: str
) -> None:
    refused = refusal(tmp_path, content)
    assert refused.reason == code
    assert words in str(refused)


def test_lines_without_values_say_how_many_were_broken(tmp_path: Path) -> None:
    assert "(1 lines were broken)" in str(refusal(tmp_path, '{"a": null}\n{"b"\n'))


def test_objects_without_a_common_shape_are_refused(tmp_path: Path) -> None:
    refused = refusal(tmp_path, json.dumps([{f"key{number}": 1} for number in range(2001)]))
    assert refused.reason == "too_many_columns"


def test_text_that_does_not_begin_like_json_is_not_claimed(tmp_path: Path) -> None:
    assert IMPORTER.recognises(text_head(tmp_path, "name,ip\n")) == 0.0
    assert IMPORTER.recognises(text_head(tmp_path, "[section]\nkey=1\n")) == 0.0
    assert IMPORTER.recognises(text_head(tmp_path, '  [ {"a": 1}]')) == 0.5
    assert IMPORTER.recognises(text_head(tmp_path, bytes(range(256)))) == 0.0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = text_file(tmp_path_factory.getbasetemp(), json.dumps(value), name="any.json")
    found = refusal_or(lambda: IMPORTER.reads(head_of(path)))
    if isinstance(found, FileRejected):
        assert found.hint
        return
    for sheet in found.sheets:
        assert all(len(row.cells) == len(sheet.headers) for row in sheet.rows)
        "".join(sheet.headers).encode()
