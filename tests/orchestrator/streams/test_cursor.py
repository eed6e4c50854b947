"""A place in a stream survives being written down, and leads to everything that was not seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.orchestrator.relay.holes import gaps
from masterflow.orchestrator.streams.cursor import LONGEST, Cursor, between, midway


def cursor(seen: set[int]) -> Cursor:
    return Cursor(max(seen, default=0), tuple(gaps(0, sorted(seen))))


def ids(ranges) -> list[int]:
    return [number for low, high in ranges for number in range(low, high + 1)]


sets = st.sets(st.integers(1, 40))


@given(sets)
def test_a_cursor_is_read_as_it_was_written(seen: set[int]) -> None:
    assert Cursor.read(str(cursor(seen))) == cursor(seen)


@given(sets, sets)
def test_between_two_places_lies_what_the_first_has_not_seen(seen: set[int], more: set[int]) -> None:
    assert sorted(ids(between(cursor(seen), cursor(seen | more)))) == sorted(more - seen)


@given(sets, sets, st.data())
def test_who_stops_on_the_way_goes_on_with_exactly_the_rest(seen: set[int], more: set[int], data) -> None:
    new = sorted(more - seen)
    if not new:
        return
    reached = data.draw(st.sampled_from(new))
    stop = midway(cursor(seen), cursor(seen | more), reached)
    assert Cursor.read(str(stop)) == stop
    assert sorted(ids(between(stop, cursor(seen | more)))) == [number for number in new if number > reached]


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1.", "5.5", "5.9", "9.3-2", "9.4.2", "9.2-4.3", "1" * 19, "1.0x", "9." + "1." * LONGEST]
)
def test_what_no_stream_gave_is_no_cursor(text: str) -> None:
    assert Cursor.read(text) is None
