"""What the words of a header say, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.mapping.concepts import LEXICON, concepts, taken_apart, topics_of
from masterflow.analysis.mapping.names import header_name, words_of


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("RAM", "Memory"),
        ("Arbeitsspeicher", "mem"),
        ("Number of vCPUs", "CPU count"),
        ("Número de CPU", "Anzahl Prozessoren"),
        ("hddsize", "Disk capacity"),
        ("osver", "OS version"),
        ("Operating system name", "OS name"),
        ("Network adapter count", "num NICs"),
        ("Dirección IP", "IP address"),
        ("Creation date", "date created"),
        ("Used disk", "Storage in use"),
        ("Destination application", "target app"),
        ("IpAddressListSemiColonDelimited", "IP address"),
    ],
)
def test_headers_that_say_the_same_are_equal(left: str, right: str) -> None:
    assert header_name(left).tokens == header_name(right).tokens


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Serial number", "Serial count"),
        ("Created by", "Created on"),
        ("Network in", "Network out"),
        ("Disk reads", "Disk writes"),
        ("IPv4 address", "IPv6 address"),
        ("CPU used", "CPU free"),
        ("Source port", "Destination port"),
    ],
)
def test_headers_that_differ_in_a_word_that_matters_are_not(left: str, right: str) -> None:
    assert header_name(left).tokens != header_name(right).tokens


@pytest.mark.parametrize(
    ("sheet", "topics"),
    [
        ("vMemory", ("memory",)),
        ("Disks", ("disk",)),
        ("diskInfo", ("disk",)),
        ("vNetwork", ("network", "nic")),
        ("Sheet1", ()),
        ("csv", ()),
        ("vInfo", ()),
        ("", ()),
    ],
)
def test_the_name_of_a_sheet_says_what_it_is_about(sheet: str, topics: tuple[str, ...]) -> None:
    assert topics_of(words_of(sheet)) == topics


def test_only_two_known_words_are_taken_apart() -> None:
    assert taken_apart("hddcount", LEXICON) == ("hdd", "count")
    assert taken_apart("hddcolour", LEXICON) == ("hddcolour",)


@given(st.lists(st.text(min_size=1, max_size=12), max_size=6))
def test_any_words_say_something_or_nothing(words: list[str]) -> None:
    assert all(concepts(tuple(words)))
