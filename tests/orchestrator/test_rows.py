"""Values on their way into rows."""

import hashlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import InvalidInput
from masterflow.orchestrator.rows import content_hash, failure_to_json, json_text
from masterflow.orchestrator.types import Failure

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)


@given(documents)
def test_a_document_comes_back_as_it_went_in(document: object) -> None:
    assert orjson.loads(json_text(document)) == document


def test_the_order_of_keys_does_not_change_the_hash() -> None:
    assert content_hash(json_text({"b": 1, "a": 2})) == content_hash(json_text({"a": 2, "b": 1}))
    assert content_hash("{}") == hashlib.sha256(b"{}").digest()


@pytest.mark.parametrize("text", ["a\0b", "\ud800", {"key\0": 1}])
def test_what_no_database_text_can_hold_is_refused(text: object) -> None:
    with pytest.raises(InvalidInput):
        json_text({"name": text})


def test_a_failure_keeps_only_what_it_says_and_little_of_that() -> None:
    assert failure_to_json(Failure(code="x", message="m" * 5000)) == {
        "code": "x",
        "message": "m" * 2000,
        "permanent": True,
        "class": "permanent",
    }


def test_text_that_shows_an_escape_is_kept_and_what_is_no_number_is_not() -> None:
    assert json_text({"name": "\\u0000", "none": None}) == '{"name":"\\\\u0000","none":null}'
    for broken in (float("nan"), [float("inf")], {"a": [{"b": -float("inf")}]}):
        with pytest.raises(InvalidInput, match="not finite"):
            json_text({"value": broken})
