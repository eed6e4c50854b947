"""Holes between ids, found and closed."""

from hypothesis import given
from hypothesis import strategies as st

from masterflow.orchestrator.relay.holes import gaps, still_open, without
from masterflow.orchestrator.relay.types import Hole

ids = st.sets(st.integers(1, 60))


def spelled(holes) -> set[int]:
    return {number for hole in holes for number in range(hole.low, hole.high + 1)}


@given(ids)
def test_gaps_are_what_is_missing_up_to_the_last(seen: set[int]) -> None:
    found = {number for low, high in gaps(0, sorted(seen)) for number in range(low, high + 1)}
    assert found == set(range(1, max(seen, default=0))) - seen


@given(ids, ids)
def test_what_appears_is_no_longer_missing_and_nothing_else(seen: set[int], appeared: set[int]) -> None:
    holes = [Hole(low, high, 7) for low, high in gaps(0, sorted(seen))]
    left = without(holes, appeared)
    assert spelled(left) == spelled(holes) - appeared
    assert {hole.horizon for hole in left} <= {7}


def test_a_hole_is_open_until_every_older_transaction_has_ended() -> None:
    hole = Hole(3, 4, 100)
    assert still_open([hole], oldest_running=99) == (hole,)
    assert still_open([hole], oldest_running=100) == ()
