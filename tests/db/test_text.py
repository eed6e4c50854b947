"""Text that the database can hold, and where in a value there is other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.db.text import is_kept, printable, unkept_texts


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "x\udfff"])
def test_a_nul_or_a_lone_surrogate_is_not_kept(text: str) -> None:
    assert not is_kept(text)
    assert is_kept(printable(text))


@given(st.text())
def test_what_is_printable_can_be_kept(text: str) -> None:
    assert is_kept(printable(text))
    assert printable(text) == text or not is_kept(text)


def test_the_place_of_each_text_is_told() -> None:
    value = {"a": ["fine", "\x00"], "b": {"c": "\ud800"}, "\x00": 1, "n": None, "bytes": b"\x00"}
    assert sorted(unkept_texts(value)) == [("\\u0000",), ("a", "1"), ("b", "c")]
    assert list(unkept_texts("\x00")) == [()]
