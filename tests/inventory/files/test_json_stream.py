"""JSON read object by object."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.inventory.files import json_stream
from masterflow.inventory.files.json_stream import stream_lists

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def found_in(text: str) -> list[tuple[str, int, dict[str, Any]]]:
    found: list[tuple[str, int, dict[str, Any]]] = []
    stream_lists(io.StringIO(text), "a.json", lambda *item: found.append(item))
    return found


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "READ_CHARACTERS", 7)
    monkeypatch.setattr(json_stream, "MAX_VALUE_CHARACTERS", 300)


def test_a_list_at_the_top_is_called_json() -> None:
    assert found_in('\ufeff [ {"a": 1},\n 7, {"a": 123456789} ] ') == [
        ("json", 1, {"a": 1}),
        ("json", 3, {"a": 123456789}),
    ]


def test_lists_are_found_under_their_keys() -> None:
    text = '{"count": 12, "data": {"hosts": [{"a": "x"}], "deep": {"er": {"list": [{"b": 2}]}}}, "empty": {}}'
    assert found_in(text) == [("data.hosts", 1, {"a": "x"}), ("data.deep.er.list", 1, {"b": 2})]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"a": 1},\n {"a": 2', "line 2"),
        ('[{"a": 1}\n{"a": 2}]', "line 2: Expecting ','"),
        ('[{"a": 1}] x', "Extra data"),
        ("{7: 1}", "double quotes"),
        ('{"a" 1}', "Expecting ':'"),
        ('{"a": [1}', "Expecting ','"),
        ("7", "a list or an object"),
        ("", "a list or an object"),
        ("[" * 5_000, "broken"),
        ('[{"a": "' + "x" * 2_000, "has more than"),
        ("[" + "9" * 5_000 + "]", "has more than"),
    ],
)
def test_what_is_broken_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(FileRejected, match=words) as refused:
        found_in(text)
    assert refused.value.reason == "broken_json"
    assert refused.value.hint


@pytest.mark.parametrize("value", ["[" * 3_000 + "]" * 3_000, "9" * 5_000])
def test_a_trap_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setattr(json_stream, "MAX_VALUE_CHARACTERS", 20_000)
    monkeypatch.setattr(json_stream, "READ_CHARACTERS", 20_000)
    with pytest.raises(FileRejected, match=r"nests too deep|thousands of digits"):
        found_in("[" + value + "]")


@given(items=st.lists(VALUES, max_size=6), indent=st.sampled_from([None, 1]))
def test_every_object_of_a_list_comes_as_it_is(items: list[Any], indent: int | None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "READ_CHARACTERS", 5)
        patch.setattr(json_stream, "MAX_VALUE_CHARACTERS", 10_000)
        wanted = [("json", place, item) for place, item in enumerate(items, start=1) if isinstance(item, dict)]
        assert found_in(json.dumps(items, indent=indent)) == wanted
