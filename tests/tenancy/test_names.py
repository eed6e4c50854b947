"""Names, addresses, roles and lifetimes are cleaned or refused with a sentence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import InvalidInput
from masterflow.tenancy.names import clean_email, clean_lifetime, clean_name, clean_role
from masterflow.tenancy.roles import Role


def test_a_name_loses_the_blanks_around_it() -> None:
    assert clean_name("The name", "  Northwind  ") == "Northwind"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("   ", "The name is empty. Give it a name."),
        ("x" * 201, "The name has 201 characters. Use at most 200."),
        ("a\nb", "holds control characters"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_name("The name", text)
    assert sentence in str(refused.value)


def test_an_address_identifies_in_lower_case() -> None:
    assert clean_email(" Ana@Example.COM ") == "ana@example.com"


@pytest.mark.parametrize("text", ["", "ana", "@", "a b@c", "a@b@c", "a@", "a\x00@b", "x" * 250 + "@b.example"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not an e-mail address"):
        clean_email(text)


def test_a_role_is_found_by_its_name() -> None:
    assert clean_role(" Lead ") is Role.LEAD


def test_an_unknown_role_lists_those_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"no role 'boss'.*viewer, analyst"):
        clean_role("boss")


@pytest.mark.parametrize("days", [1, 90, 366])
def test_a_token_may_live_up_to_a_year_and_a_day(days: int) -> None:
    assert clean_lifetime(days) == timedelta(days=days)


@given(st.integers().filter(lambda days: not 1 <= days <= 366))
def test_every_other_lifetime_is_refused(days: int) -> None:
    with pytest.raises(InvalidInput, match="Choose 1 to 366 days"):
        clean_lifetime(days)
