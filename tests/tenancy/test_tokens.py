"""Tokens are random, recognisable, and kept only as a hash."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from masterflow.tenancy.tokens import hash_of, new_secret


def test_a_token_carries_its_prefix_and_256_random_bits() -> None:
    assert new_secret().startswith("mf_")
    assert len(new_secret()) == len("mf_") + 43  # 32 bytes in base64 without padding
    assert new_secret() != new_secret()


def test_the_hash_is_the_sha256_of_the_text() -> None:
    assert hash_of("mf_x") == hashlib.sha256(b"mf_x").digest()


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_any_text_that_a_header_may_carry_has_a_hash(text: str) -> None:
    assert len(hash_of(text)) == 32
