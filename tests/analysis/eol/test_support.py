"""Support on a day: every status, its sentence, and that time only makes it worse."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.eol.operating_systems import identify_os
from masterflow.analysis.eol.snapshot import Cycle, product, products_in, snapshot
from masterflow.analysis.eol.support import ProductMatch, cycle_support, months_later, support_status, worst_status
from masterflow.records.assessments.types import SupportStatus
from tests.analysis.assessment_data import TODAY

ORDER = [
    SupportStatus.SUPPORTED,
    SupportStatus.WITHIN_12_MONTHS,
    SupportStatus.EXTENDED_ONLY,
    SupportStatus.ENDED,
]
DAYS = st.dates(min_value=date(1995, 1, 1), max_value=date(2045, 12, 31))
CYCLES = [c for category in ("os", "database") for p in products_in(category) for c in p.cycles]


@pytest.mark.parametrize(
    ("text", "day", "status", "sentence"),
    [
        ("RHEL 9", TODAY, "supported", "rhel 9 is supported until 2032-05-31."),
        (
            "Windows Server 2016",
            TODAY,
            "within_12_months",
            "Support of windows-server 2016 ends on 2027-01-12, within 12 months of 2026-11-23.",
        ),
        (
            "RHEL 7",
            TODAY,
            "extended_only",
            "Support of rhel 7 ended on 2024-06-30; extended support is offered until 2029-05-31.",
        ),
        ("CentOS 7", TODAY, "ended", "Support of centos 7 ended on 2024-06-30."),
        (
            "Windows Server 2012",
            TODAY,
            "ended",
            "Support of windows-server 2012 ended on 2023-10-10, extended support on 2026-10-13.",
        ),
        ("Windows Server 2012", date(2026, 10, 12), "extended_only", None),
        ("Windows Server 2012", date(2026, 10, 13), "ended", None),
        ("RHEL 9", date(2031, 5, 31), "within_12_months", None),
        ("RHEL 9", date(2031, 5, 30), "supported", None),
        ("macOS 15", TODAY, "supported", "macos 15 is supported; no end has been announced."),
        ("Solaris 11.2", TODAY, "ended", "Support of oracle-solaris 11.2 ended on a day that is not recorded."),
        ("Ubuntu", TODAY, "unknown", "Until when it is supported is not known: the version is not named."),
        ("Linux", TODAY, "unknown", None),
    ],
)
def test_a_release_has_its_status_on_a_day(text: str, day: date, status: str, sentence: str | None) -> None:
    support = support_status(identify_os(text), at=day)
    assert (support.status, support.at) == (status, day)
    assert sentence is None or support.sentence == sentence


def test_the_horizon_can_be_chosen() -> None:
    match = identify_os("Windows Server 2019")
    assert support_status(match, at=TODAY, months_ahead=12).status is SupportStatus.SUPPORTED
    assert support_status(match, at=TODAY, months_ahead=36).status is SupportStatus.WITHIN_12_MONTHS


def test_extended_support_without_an_announced_end_goes_on() -> None:
    cycle = Cycle("1", None, None, ends=True, extended_ends=False, latest=None)
    support = cycle_support(cycle, name="engine 1", at=TODAY)
    assert support.status is SupportStatus.EXTENDED_ONLY
    assert support.sentence.endswith("extended support is offered without an announced end.")


@given(st.sampled_from(CYCLES), DAYS, DAYS, st.integers(0, 36))
def test_support_never_gets_better_with_time(cycle: Cycle, one: date, other: date, months: int) -> None:
    earlier, later = sorted((one, other))
    before = cycle_support(cycle, name="x", at=earlier, months_ahead=months).status
    after = cycle_support(cycle, name="x", at=later, months_ahead=months).status
    assert ORDER.index(before) <= ORDER.index(after)


@given(st.sampled_from(CYCLES), DAYS)
def test_a_known_cycle_always_has_a_known_status(cycle: Cycle, day: date) -> None:
    match = ProductMatch("x", cycle, 1.0)
    assert support_status(match, at=day).status is not SupportStatus.UNKNOWN


@given(DAYS, st.integers(-120, 120))
def test_months_later_keeps_the_day_or_takes_the_months_last(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and later.day >= 28)


def test_the_worst_known_status_decides_for_a_group() -> None:
    assert worst_status([SupportStatus.SUPPORTED, SupportStatus.UNKNOWN]) is SupportStatus.SUPPORTED
    assert worst_status([SupportStatus.EXTENDED_ONLY, SupportStatus.ENDED]) is SupportStatus.ENDED
    assert worst_status([SupportStatus.UNKNOWN]) is SupportStatus.UNKNOWN
    assert worst_status([]) is SupportStatus.UNKNOWN


def test_the_snapshot_says_where_it_comes_from() -> None:
    data = snapshot()
    assert data.source == "https://endoflife.date"
    assert data.as_of >= date(2026, 8, 1)
    assert data.licence.startswith("Copyright 2020 endoflife.date contributors")
    assert len(data.product_ids) > 250


def test_a_product_that_the_snapshot_lacks_is_named_in_the_error() -> None:
    with pytest.raises(LookupError, match="holds no product 'beos'"):
        product("beos")
