import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.addresses import (
    HostName,
    name_key,
    parse_addresses,
    parse_hostname,
    parse_macs,
    short_key,
)

CELLS = st.one_of(st.none(), st.text(max_size=60), st.integers(), st.floats(), st.booleans(), st.datetimes())


@pytest.mark.parametrize("parser", [parse_addresses, parse_macs, parse_hostname], ids=lambda p: p.__name__)
@given(cell=CELLS)
def test_no_parser_of_network_names_raises(parser, cell):
    assert parser(cell).rule


@given(st.ip_addresses())
def test_a_usable_address_reads_as_itself_and_any_other_as_nothing(address):
    parsed = parse_addresses(str(address))
    assert parsed.problem is None
    assert parsed.value in (None, (str(address),))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("10.20.1.5", ("10.20.1.5",)),
        ("10.20.1.5, 10.20.1.6;fe80::1 2001:db8::5", ("10.20.1.5", "10.20.1.6", "2001:db8::5")),
        ("[10.0.0.1]", ("10.0.0.1",)),
        ("10.0.0.1/24", ("10.0.0.1",)),
        ("010.020.001.004", ("10.20.1.4",)),
        ("10.0.0.1\n10.0.0.1", ("10.0.0.1",)),
        ("0.0.0.0", None),
        ("127.0.0.1 169.254.3.4 ::1 224.0.0.1 255.255.255.255", None),
        ("unspecified", None),
        ("DHCP", None),
        ("n/a", None),
        (None, None),
    ],
)
def test_addresses_are_listed_and_what_identifies_nothing_is_dropped(cell, expected):
    parsed = parse_addresses(cell)
    assert (parsed.value, parsed.problem) == (expected, None)


def test_a_damaged_address_is_named_and_the_good_ones_are_kept():
    parsed = parse_addresses("10.20.300.4, 10.20.3.4")
    assert parsed.value == ("10.20.3.4",)
    assert parsed.problem == "'10.20.300.4' is not an address."


@pytest.mark.parametrize("cell", ["00:50:56:3A:9F:06", "00-50-56-3a-9f-06", "0050.563a.9f06", "0050563a9f06"])
def test_hardware_addresses_of_every_spelling_read_the_same(cell):
    assert parse_macs(cell).value == ("00:50:56:3a:9f:06",)


def test_empty_hardware_addresses_are_dropped_and_damaged_ones_are_named():
    assert parse_macs("00:00:00:00:00:00, n/a").problem is None
    assert parse_macs("zz:50").problem == "'zz:50' is not a hardware address."


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("NF-WEB-01", HostName("nf-web-01")),
        ("nf_web_01", HostName("nf_web_01")),
        ("Web01.Corp.Example.", HostName("web01", "web01.corp.example")),
        ("localhost.localdomain", None),
        ("10.1.2.3", None),
        ("unknown", None),
        (None, None),
    ],
)
def test_host_names_split_into_short_and_full_name(cell, expected):
    assert parse_hostname(cell).value == expected


def test_a_name_with_blanks_is_no_host_name():
    assert parse_hostname("vCLS (2)").problem == "'vCLS (2)' is not a host name."


def test_keys_ignore_case_underscores_and_the_domain():
    assert name_key(" NF_web_01. ") == "nf-web-01"
    assert short_key("Web01.corp.example") == "web01"
    assert short_key("10.1.2.3") == "10.1.2.3"
    assert short_key("vCLS (2)") == "vcls (2)"


@pytest.mark.parametrize(
    "cell",
    [
        "10.1.1.1; 10.1.1.2",
        "10.1.1.1|10.1.1.2",
        "10.1.1.1 10.1.1.2",
        "10.1.1.1\n10.1.1.2",
        "10.1.1.1 / 10.1.1.2",
        "10.1.1.1 and 10.1.1.2",
        "10.1.1.1 (eth0), 10.1.1.2 (eth1)",
        "eth0: 10.1.1.1, eth1: 10.1.1.2",
        "eth0=10.1.1.1,eth1=10.1.1.2",
        "10.1.1.1:443 10.1.1.2:22",
        "(10.1.1.1, 10.1.1.2)",
        '["10.1.1.1","10.1.1.2"]',
        "::ffff:10.1.1.1, 10.1.1.2",
    ],
)
def test_several_addresses_in_a_cell_are_told_apart_however_they_are_listed(cell):
    parsed = parse_addresses(cell)
    assert (parsed.value, parsed.problem) == (("10.1.1.1", "10.1.1.2"), None)


def test_addresses_beyond_ipv4_are_left_as_they_are():
    assert parse_addresses("fe80::1, 2001:db8::1 (eth0)").value == ("2001:db8::1",)
    assert parse_addresses("10.1.1.1-10.1.1.5").problem == "'10.1.1.1-10.1.1.5' is not an address."
