from datetime import UTC, datetime

from masterflow.analysis.estate.flows import FlowRow, window_of
from masterflow.errors import Place


def seen(first: int, last: int) -> FlowRow:
    moments = {"first_seen": datetime(2026, 10, first, tzinfo=UTC), "last_seen": datetime(2026, 10, last, tzinfo=UTC)}
    return FlowRow(Place("flows.csv"), "10.1.1.1", "10.1.1.2", **moments)


def test_the_window_is_what_all_rows_span():
    rows = [seen(5, 21), FlowRow(Place("flows.csv"), None, None), seen(1, 2)]
    assert window_of(rows) == (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 21, tzinfo=UTC))


def test_rows_without_moments_have_no_window():
    assert window_of([]) is None
    assert window_of([FlowRow(Place("flows.csv"), None, None)]) is None
