from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.moments import parse_moment


@given(st.one_of(st.none(), st.text(max_size=40), st.integers(), st.floats(), st.booleans(), st.datetimes()))
def test_reading_a_date_never_raises_and_answers_in_utc(cell):
    parsed = parse_moment(cell)
    assert parsed.value is None or parsed.value.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_moment_in_iso_writing_reads_as_itself(moment):
    assert parse_moment(moment.isoformat()).value == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-11-05 18:07:17", datetime(2026, 11, 5, 18, 7, 17, tzinfo=UTC)),
        ("2026-10-20T18:13:01Z", datetime(2026, 10, 20, 18, 13, 1, tzinfo=UTC)),
        ("2026/11/05", datetime(2026, 11, 5, tzinfo=UTC)),
        ("05.11.2026", datetime(2026, 11, 5, tzinfo=UTC)),
        ("25/12/2026", datetime(2026, 12, 25, tzinfo=UTC)),
        ("12/25/2026 3:30 PM", datetime(2026, 12, 25, 15, 30, tzinfo=UTC)),
        ("12/25/26 12:05 AM", datetime(2026, 12, 25, 0, 5, tzinfo=UTC)),
        ("04/04/2026", datetime(2026, 4, 4, tzinfo=UTC)),
        (45_000, datetime(2023, 3, 15, tzinfo=UTC)),
        (1_795_133_304, datetime(2026, 11, 20, 0, 8, 24, tzinfo=UTC)),
        ("1795133304000", datetime(2026, 11, 20, 0, 8, 24, tzinfo=UTC)),
        (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 1, 1, 22, tzinfo=UTC)),
    ],
)
def test_dates_of_many_tools_are_read(cell, expected):
    assert parse_moment(cell).value == expected


def test_a_date_that_could_be_two_days_is_refused_with_what_to_do():
    parsed = parse_moment("03/04/2026")
    assert parsed.value is None
    assert parsed.code == "cell.ambiguous_date"
    assert "write it as YYYY-MM-DD" in parsed.problem


@pytest.mark.parametrize("cell", ["yesterday", "2026-13-45", "31/31/2026", "99.99.2026", 5, "31.02.2026"])
def test_what_is_no_date_is_a_problem(cell):
    assert parse_moment(cell).code == "cell.not_a_date"


@pytest.mark.parametrize("cell", [None, "", "n/a", "unknown"])
def test_a_missing_date_is_no_problem(cell):
    assert parse_moment(cell).problem is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("23-Nov-2026", (2026, 11, 23)),
        ("23 November 2026", (2026, 11, 23)),
        ("Nov 23, 2026", (2026, 11, 23)),
        ("23. Dez. 2026", (2026, 12, 23)),
        ("23-Okt-2026", (2026, 10, 23)),
        ("Mon Nov 23 10:05:00 2026", (2026, 11, 23, 10, 5)),
        ("Nov 23 2026 10:05PM", (2026, 11, 23, 22, 5)),
        ("2026-11-23 10:05:00 UTC", (2026, 11, 23, 10, 5)),
        ("23-Foo-2026", None),
        ("31-Feb-2026", None),
    ],
)
def test_months_may_be_written_in_words(text, moment):
    found = parse_moment(text)
    assert found.value == (datetime(*moment, tzinfo=UTC) if moment else None)
    assert (found.problem is None) is (moment is not None)
