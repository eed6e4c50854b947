"""JSON files as values, and their objects as tables."""

from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.files import heads
from masterflow.inventory.files.json_documents import (
    MAX_COLUMNS,
    details,
    dig,
    json_of,
    listed,
    named_objects,
    objects,
    table_of,
)
from tests.inventory.makers import text_head


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_value_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    assert json_of(text_head(tmp_path, '{"name": "zürich"}'.encode(encoding))) == {"name": "zürich"}


@pytest.mark.parametrize("content", ["[" * 100_000, "9" * 5000, '{"a": ', '{"a": hunter2}'])
def test_what_is_no_json_is_refused_without_quoting_it(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileRejected) as refused:
        json_of(text_head(tmp_path, content))
    assert refused.value.reason == "broken_json"
    assert "hunter2" not in str(refused.value)


def test_a_broken_place_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r"row 2: The JSON is broken in line 2, character 1"):
        json_of(text_head(tmp_path, '{"a": 1,\n}'))


def test_keys_that_are_missing_lead_to_nothing() -> None:
    assert dig({"os": {"name": "Debian"}}, "os", "name") == "Debian"
    assert dig({"os": "Debian"}, "os", "name") is None
    assert dig([1], "os") is None
    assert objects({"a": 1}) == [{"a": 1}]
    assert objects([1, {"a": 1}, None]) == [{"a": 1}]
    assert list(named_objects({"a": 1, "b": {"c": 2}})) == [("b", {"c": 2})]


def test_a_list_in_one_cell_names_everything_once() -> None:
    assert listed(["a", " a ", "", None, 7, "b", {"c": 1}]) == "a, 7, b"
    assert listed([None, ""]) is None


def test_a_table_beside_the_machines_that_cannot_be_held_is_a_reject(tmp_path: Path) -> None:
    head = text_head(tmp_path, "{}")
    wide = [(1, {f"key{number}": 1 for number in range(MAX_COLUMNS + 1)})]
    sheets, rejects = details(head, {"wide": wide, "good": [(1, {"a": 1})], "empty": [(1, {"a": None})]})
    assert [sheet.name for sheet in sheets] == ["good"]
    (reject,) = rejects
    assert (reject.code, reject.place.sheet) == ("sheet.too_many_columns", "wide")
    with pytest.raises(FileRejected, match="more than 2,000 different keys"):
        table_of(head, "wide", wide)


def test_a_document_too_large_to_be_parsed_whole_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "MAX_PARSED_WHOLE_BYTES", 20)
    with pytest.raises(FileRejected, match="read as a whole"):
        json_of(text_head(tmp_path, '{"name": "a value that is too long"}', "x.json"))
