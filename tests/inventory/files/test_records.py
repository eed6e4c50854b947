"""Lines of logs and objects of JSON files, one after the other."""

from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.files import heads
from masterflow.inventory.files.heads import START_BYTES
from masterflow.inventory.files.json_documents import dig, json_of
from masterflow.inventory.files.records import (
    first_lines,
    is_json,
    numbered_lines,
    objects,
    objects_in,
    text_in,
    text_start,
    whole_in,
)
from tests.inventory.makers import text_head


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_lines_are_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    head = text_head(tmp_path, "eins\r\n\r\n  \nzwei and more\n".encode(encoding), "x.log")
    assert list(numbered_lines(head)) == [(1, "eins"), (4, "zwei and more")]
    assert text_start(head).startswith("eins")


def test_a_line_that_the_head_cuts_in_the_middle_is_not_judged(tmp_path: Path) -> None:
    line = "x" * 99 + "\n"
    head = text_head(tmp_path, line * (START_BYTES // 100 + 1), "x.log")
    assert set(first_lines(head, 100_000)) == {line.strip()}
    assert len(first_lines(head, 3)) == 3


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("[]", []),
        (" [1 , 2\n,3 ] \n", [(1, 1), (2, 2), (3, 3)]),
        ('{"a": 1}\n\n{"a": 2}\n', [(1, {"a": 1}), (3, {"a": 2})]),
        ('{"a": 1}', [(1, {"a": 1})]),
        ('{\n"a": 1}', [(1, {"a": 1})]),
        ('[{"a": NaN}, "\\ud800"]', None),
    ],
)
def test_values_come_one_after_the_other(tmp_path: Path, content: str, values: list[tuple[int, object]] | None) -> None:
    found = list(objects(text_head(tmp_path, content, "x.json")))
    assert len(found) == 2 if values is None else found == values


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[1, 2", "broken in line 1, character 6"),
        ("[1 2]", "broken in line 1"),
        ("[1] [2]", "Extra data"),
        ('{"a": 1}\n{"a": \n', "broken in line 2"),
        ('{"a": 1', "broken in line 1"),
        ('{"a": 1}{"b": 2}\n{', "broken in line 1"),
        ("[" * 100_000, "nests too deep"),
        ("[" + "9" * 5000 + "]", "thousands of digits"),
        ('{"a":' + "[" * 100_000, "nests too deep"),
    ],
)
def test_broken_json_is_refused_with_a_sentence(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(FileRejected, match=words) as refused:
        list(objects(text_head(tmp_path, content, "x.json")))
    assert refused.value.hint


def test_a_document_knows_what_the_fast_reader_does_not(tmp_path: Path) -> None:
    found = json_of(text_head(tmp_path, '\ufeff{"a": [Infinity, 123456789012345678901234567890]}', "x.json"))
    assert dig(found, "a") == [float("inf"), 123456789012345678901234567890]


def test_values_are_looked_up_without_surprises() -> None:
    record = {"a": {"b": " x "}, "n": 5, "t": "7", "flag": True, "list": [{"c": 1}, 2], "blank": " ", "minus": -1}
    assert dig(record, "a", "b", "c") is None
    assert objects_in(record["list"]) == [{"c": 1}]
    assert objects_in(record["n"]) == []
    assert [text_in(record, key) for key in ("n", "flag", "blank", "none")] == ["5", None, None, None]
    assert [whole_in(record, key) for key in ("n", "t", "minus", "a")] == [5, 7, None, None]


def test_text_is_no_json(tmp_path: Path) -> None:
    assert not is_json(text_head(tmp_path, "a {", "x.txt"))


def test_a_document_too_large_to_be_parsed_whole_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "MAX_PARSED_WHOLE_BYTES", 20)
    head = text_head(tmp_path, '{"name": "a value that is too long"}', "x.json")
    for reading in (json_of, lambda head: list(objects(head))):
        with pytest.raises(
            FileRejected, match=r"read as a whole and has 36 bytes, more than the limit of 20 bytes"
        ) as no:
            reading(head)
        assert no.value.reason == "too_large_whole"
        assert "Export it in parts" in str(no.value)
    several = text_head(tmp_path, '[{"name": "web01"}, {"name": "web02"}]', "y.json")
    assert len(list(objects(several))) == 2


def test_a_line_pasted_from_an_older_file_is_read_as_western(tmp_path: Path) -> None:
    good = '{"name": "Übung"}\n' * 3
    head = text_head(tmp_path, good.encode() + '{"name": "München"}\n'.encode("cp1252"), "x.jsonl")
    assert [value for _, value in objects(head)][-1] == {"name": "München"}
