"""Giving unknown addresses to applications whose machines no file lists."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.unplaced import Contact, Placed, place_addresses

BILLING, CLOSING, PORTAL, LOYALTY, NOTICES = (UUID(int=number) for number in range(1, 6))
KNOWN = frozenset({BILLING, CLOSING, PORTAL})
CLOUD = "10.96.4.139"
NEEDS = [(BILLING, LOYALTY), (CLOSING, LOYALTY)]
BOTH_ASK = [Contact(BILLING, CLOUD, asks=True), Contact(CLOSING, CLOUD, asks=True)]


def test_an_address_that_all_who_need_an_application_ask_is_the_applications() -> None:
    assert place_addresses(NEEDS, BOTH_ASK, KNOWN) == {
        CLOUD: Placed(LOYALTY, 0.6, ((BILLING, LOYALTY), (CLOSING, LOYALTY)))
    }


def test_one_stated_need_proves_nothing() -> None:
    assert place_addresses(NEEDS[:1], BOTH_ASK, KNOWN) == {}
    assert place_addresses(NEEDS, BOTH_ASK[:1], KNOWN) == {}


def test_a_need_of_the_application_itself_counts_when_the_address_asks() -> None:
    needs = [(BILLING, NOTICES), (NOTICES, PORTAL)]
    asked = [Contact(BILLING, CLOUD, asks=True), Contact(PORTAL, CLOUD, asks=False)]
    assert place_addresses(needs, asked, KNOWN)[CLOUD].application == NOTICES
    wrong_way = [Contact(BILLING, CLOUD, asks=True), Contact(PORTAL, CLOUD, asks=True)]
    assert place_addresses(needs, wrong_way, KNOWN) == {}


def test_an_address_that_speaks_for_two_applications_alike_stays_open() -> None:
    needs = [*NEEDS, (BILLING, NOTICES), (CLOSING, NOTICES)]
    assert place_addresses(needs, BOTH_ASK, KNOWN) == {}
    more = [*needs, (PORTAL, NOTICES)]
    asked = [*BOTH_ASK, Contact(PORTAL, CLOUD, asks=True)]
    assert place_addresses(more, asked, KNOWN)[CLOUD] == Placed(NOTICES, 0.7, tuple(sorted(more[2:])))


def test_applications_with_machines_and_needs_between_unknown_ones_place_nothing() -> None:
    assert place_addresses(NEEDS, BOTH_ASK, KNOWN | {LOYALTY}) == {}
    assert place_addresses([(NOTICES, LOYALTY), (LOYALTY, NOTICES)], BOTH_ASK, KNOWN) == {}


def test_confidence_grows_with_agreement_up_to_a_limit() -> None:
    askers = [UUID(int=number) for number in range(100, 110)]
    needs = [(asker, LOYALTY) for asker in askers]
    asked = [Contact(asker, CLOUD, asks=True) for asker in askers]
    assert place_addresses(needs, asked, frozenset(askers))[CLOUD].confidence == 0.8


@given(st.permutations([*NEEDS, (BILLING, NOTICES)]), st.permutations([*BOTH_ASK, Contact(PORTAL, CLOUD, asks=False)]))
def test_order_does_not_matter(needs: list[tuple[UUID, UUID]], contacts: list[Contact]) -> None:
    assert place_addresses(needs, contacts, KNOWN)[CLOUD].application == LOYALTY
