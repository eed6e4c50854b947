from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.records.reports import formats

NBSP = formats.NBSP


@pytest.mark.parametrize(
    ("mib", "shown"),
    [
        (None, "unknown"),
        (0, f"0{NBSP}MiB"),
        (512, f"512{NBSP}MiB"),
        (1023, f"1,023{NBSP}MiB"),
        (1024, f"1{NBSP}GiB"),
        (8192, f"8{NBSP}GiB"),
        (1536, f"1.5{NBSP}GiB"),
        (61_202_573, f"58.4{NBSP}TiB"),
        (2_428_928, f"2.32{NBSP}TiB"),
        (1024**3 * 3000, f"3,000{NBSP}PiB"),
    ],
)
def test_a_size_reads_in_the_largest_fitting_unit(mib: int | None, shown: str) -> None:
    assert formats.size(mib) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "unknown"),
        (0.0, f"0{NBSP}%"),
        (0.004, f"under 1{NBSP}%"),
        (0.214, f"21{NBSP}%"),
        (0.996, f"over 99{NBSP}%"),
        (1.0, f"100{NBSP}%"),
    ],
)
def test_a_share_never_rounds_to_nothing_or_to_all(value: float | None, shown: str) -> None:
    assert formats.percent(value) == shown


def test_numbers_have_separators_and_no_needless_fraction() -> None:
    assert formats.number(1_234_567) == "1,234,567"
    assert formats.number(20.0) == "20"
    assert formats.number(20.25) == "20.2"
    assert formats.number(None) == "unknown"
    assert formats.fine_percent(0.0743) == f"7.4{NBSP}%"
    assert formats.fine_percent(None) == "unknown"


def test_counts_agree_with_their_nouns() -> None:
    assert formats.counted(1, "server") == f"1{NBSP}server"
    assert formats.counted(1200, "server") == f"1,200{NBSP}servers"
    assert formats.counted(0, "dependency", "dependencies") == f"0{NBSP}dependencies"


def test_days_and_moments_are_written_out() -> None:
    assert formats.day(date(2027, 1, 7)) == f"7{NBSP}Jan{NBSP}2027"
    assert formats.day(None) == "unknown"
    assert formats.span(date(2027, 1, 11), date(2027, 2, 5)) == f"11{NBSP}Jan – 5{NBSP}Feb{NBSP}2027"
    assert formats.span(date(2026, 12, 14), date(2027, 1, 8)) == f"14{NBSP}Dec{NBSP}2026 – 8{NBSP}Jan{NBSP}2027"
    assert formats.moment(None) == "unknown"


def test_a_moment_is_told_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert formats.moment(datetime(2026, 11, 24, 0, 30, tzinfo=berlin)) == f"23{NBSP}Nov{NBSP}2026, 23:30{NBSP}UTC"
    assert formats.moment(datetime(2026, 11, 24, 0, 30, tzinfo=UTC)).endswith(f"00:30{NBSP}UTC")


def test_names_become_a_phrase() -> None:
    assert formats.listed([]) == ""
    assert formats.listed(["a"]) == "a"
    assert formats.listed(["a", "b"]) == "a and b"
    assert formats.listed(["a", "b", "c"]) == "a, b and c"
    assert formats.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert formats.words("not_ready") == "not ready"


def test_a_long_text_is_cut_and_says_so() -> None:
    assert formats.clip("x" * 500, 100) == "x" * 99 + "…"
    assert formats.clip("short", 100) == "short"


@given(st.text())
def test_clean_text_can_always_be_encoded_and_holds_no_control_characters(text: str) -> None:
    cleaned = formats.clean(text)
    cleaned.encode()
    assert not any(ord(character) < 32 and character not in "\t\n\r" for character in cleaned)


def test_cleaning_replaces_what_no_document_may_hold() -> None:
    assert formats.clean("a\x00b\ud800c\x1bd") == "a\ufffdb\ufffdc\ufffdd"


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_share_is_always_between_nothing_and_all(part: float, whole: float) -> None:
    assert 0 <= formats.share(part, whole) <= 1
