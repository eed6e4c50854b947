"""What one cell holds."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.inventory.files.cells import Shape, cleaned, is_address, number_of, shape_of, text_of

NAIVE = datetime(2026, 1, 2)  # noqa: DTZ001 - spreadsheets know no zone


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("", None),
        ("  \t", None),
        (" web ", " web "),
        ("a\x00b", "ab"),
        ("\x00", None),
        ("a\ud800", "a\ufffd"),
        (4.0, 4),
        (4.5, 4.5),
        (float("nan"), None),
        (float("inf"), None),
        (1e300, 1e300),
        (10**30, "1" + "0" * 30),
        (True, True),
        (7, 7),
        (None, None),
        (date(2026, 1, 2), NAIVE),
        (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
        (time(1, 2), "01:02:00"),
        (timedelta(hours=1), "1:00:00"),
    ],
)
def test_a_cell_is_kept_as_found_without_what_no_store_can_hold(cell: object, kept: object) -> None:
    assert cleaned(cell) == kept
    assert type(cleaned(cell)) is type(kept)


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        (None, Shape.BLANK),
        ("  ", Shape.BLANK),
        (True, Shape.BOOLEAN),
        ("Yes", Shape.BOOLEAN),
        (3, Shape.NUMBER),
        ("1,234.5", Shape.NUMBER),
        ("12 %", Shape.PERCENT),
        ("16 GB", Shape.SIZE),
        ("2.3GHz", Shape.SIZE),
        (NAIVE, Shape.DATE),
        ("2026-01-02", Shape.DATE),
        ("02.01.2026 10:30", Shape.DATE),
        ("2026-01-02T03:04:05Z", Shape.DATE),
        ("10.0.0.1", Shape.ADDRESS),
        ("fe80::1%eth0", Shape.ADDRESS),
        ("10.0.0.1, 10.0.0.2", Shape.ADDRESS),
        ("['10.0.0.1', '10.0.0.2']", Shape.ADDRESS),
        ("10.0.0.0/24", Shape.NETWORK),
        ("00:50:56:aa:00:01", Shape.MAC),
        ("0050.56aa.0001", Shape.MAC),
        ("500b85c1-ef0d-37fb-6897-61c47157f858", Shape.UUID),
        ("a@example.com", Shape.EMAIL),
        ("https://example.com/x", Shape.URL),
        ("web01.example.com", Shape.FQDN),
        ("web01", Shape.WORD),
        ("Red Hat Enterprise Linux 9", Shape.TEXT),
        ("10.0.0.999", Shape.WORD),
    ],
)
def test_a_shape_says_what_a_text_looks_like(cell: object, shape: Shape) -> None:
    assert shape_of(cell) is shape


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (3, 3.0),
        ("16 GB", 16.0),
        ("0%", 0.0),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,5", 1.5),
        ("12,345", 12345.0),
        ("1.234.567", 1234567.0),
        ("1'024", 1024.0),
        ("-4", -4.0),
        ("1e3", 1000.0),
        ("many", None),
        (".", None),
        ("", None),
        (True, None),
        (None, None),
        (NAIVE, None),
    ],
)
def test_a_number_is_read_whatever_its_separators(cell: object, number: float | None) -> None:
    assert number_of(cell) == number


def test_an_address_is_recognised_strictly() -> None:
    assert is_address("10.1.2.3")
    assert not is_address("10.1.2.333")
    assert not is_address("web01")
    assert not is_address("")


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none() | st.datetimes() | st.dates() | st.times())
def test_every_cell_can_be_kept_shown_and_judged(cell: object) -> None:
    kept = cleaned(cell)
    assert cleaned(kept) == kept
    text_of(kept).encode()
    assert isinstance(shape_of(kept), Shape)
    assert number_of(kept) is None or isinstance(number_of(kept), float)
