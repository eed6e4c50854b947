"""The drills in their quick form: counts alone, no times. Each holds, and finds the fault that was planted for it."""

from collections.abc import Iterator
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills import DRILLS, site
from drills.invariants import Line, fold
from drills.linearizability import NEVER, Operation, explained
from drills.report import Found, Outcome, percentile, skip, table, told

SEED = 4


@pytest.fixture
def _unsynced() -> Iterator[None]:
    """Leave the disk to the kernel: what is killed here is a process, not the machine."""
    site.without_sync()
    yield
    site.with_sync()


@pytest.mark.slow
@pytest.mark.usefixtures("_unsynced")
@pytest.mark.parametrize("name", list(DRILLS))
def test_a_drill_holds_and_finds_its_planted_fault(name: str) -> None:
    for outcome in DRILLS[name]().run(seed=SEED, full=False, quick=True):
        if outcome.skipped is not None:
            pytest.skip(f"{outcome.name}: {outcome.skipped}")
        assert outcome.correct.is_clean, table([outcome])
        assert outcome.found is not None, f"{outcome.name} did not find: {outcome.planted}"


def _register(state: int, what: tuple[str, int], known: bool) -> int | None:
    """A register of one number: writes always succeed, a read answers what is there."""
    kind, value = what
    if kind == "write":
        return value
    return state if not known or value == state else None


Sequence = st.lists(st.tuples(st.sampled_from(["write", "read"]), st.integers(0, 3)), max_size=8)


@given(steps=Sequence, spreads=st.lists(st.floats(0.0, 5.0), min_size=8, max_size=8))
def test_what_happened_one_after_another_is_explained_however_long_the_answers_took(
    steps: list[tuple[str, int]], spreads: list[float]
) -> None:
    state, history = 0, []
    for moment, (kind, value) in enumerate(steps):
        state = value if kind == "write" else state
        told_value = value if kind == "write" else state
        history.append(Operation((kind, told_value), moment - spreads[moment], moment + spreads[moment]))
    assert explained(history, 0, _register)


@given(value=st.integers(1, 5), gap=st.floats(0.1, 10.0))
def test_a_read_of_what_was_overwritten_before_it_was_asked_is_not_explained(value: int, gap: float) -> None:
    written = Operation(("write", value), 0.0, 1.0)
    stale = Operation(("read", 0), 1.0 + gap, 2.0 + gap)
    assert not explained([written, stale], 0, _register)


def _some_order_explains(history: list[Operation[tuple[str, int]]]) -> bool:
    """The same question by trying every order of every choice of what happened."""
    optional = [one for one in history if not one.is_known]
    for count in range(len(optional) + 1):
        for happened in combinations(optional, count):
            chosen = [one for one in history if one.is_known or one in happened]
            if any(_is_lawful(order) for order in permutations(chosen)):
                return True
    return False


def _is_lawful(order: tuple[Operation[tuple[str, int]], ...]) -> bool:
    state: int | None = 0
    for place, operation in enumerate(order):
        if any(later.answered < operation.asked for later in order[place + 1 :]):
            return False
        state = None if state is None else _register(state, operation.what, operation.is_known)
    return state is not None


Operations = st.builds(
    lambda kind, value, asked, lasts: Operation((kind, value), asked, asked + lasts),
    st.sampled_from(["write", "read"]),
    st.integers(0, 2),
    st.integers(0, 5),
    st.sampled_from([1, 2, 4, NEVER]),
)


@given(history=st.lists(Operations, max_size=5))
def test_the_checker_agrees_with_trying_every_order(history: list[Operation[tuple[str, int]]]) -> None:
    assert explained(history, 0, _register) == _some_order_explains(history)


@pytest.mark.parametrize("seen", [0, 7])
def test_a_write_that_nobody_answered_may_have_happened_or_not(seen: int) -> None:
    maybe = Operation(("write", 7), 0.0, NEVER)
    assert explained([maybe, Operation(("read", seen), 1.0, 2.0)], 0, _register)
    assert not explained([maybe, Operation(("read", 3), 1.0, 2.0)], 0, _register)


def test_a_write_cannot_have_happened_before_it_was_asked() -> None:
    read = Operation(("read", 7), 0.0, 1.0)
    assert not explained([read, Operation(("write", 7), 2.0, NEVER)], 0, _register)


def test_events_add_up_to_the_row() -> None:
    lines = [
        Line(seq=1, kind="flow_created", phase=None, data={"status": "running"}),
        Line(seq=2, kind="phase_completed", phase="one", data={}),
        Line(seq=3, kind="phase_completed", phase="two", data={"status": "completed"}),
        Line(seq=4, kind="flow_rolled_back", phase="two", data={"status": "running", "back_to": 1}),
    ]
    folded = fold(lines)
    assert (folded.status, folded.version, folded.phases_done) == ("running", 4, 1)


def test_a_drill_that_finds_nothing_where_a_fault_was_planted_does_not_pass() -> None:
    clean = Found(trials=300, faults=3, recovery=[1.0, 2.0, 3.0])
    found = Outcome(name="one", correct=clean, planted="a fault", found="2 lost", recovery_limit=5)
    blind = Outcome(name="two", correct=clean, planted="a fault", found=None)
    late = Outcome(name="late", correct=clean, planted="a fault", found="2 lost", recovery_limit=2.5)
    losing = Outcome(name="three", correct=Found(trials=3, faults=1, lost=1), planted="a fault", found="1 twice")
    assert [outcome.passed for outcome in (found, blind, losing, skip("four", "no disk"))] == [True, False, False, True]
    assert not late.passed
    said = table([found, late, blind, losing, skip("four", "no disk")])
    assert "<= 0.01" in said
    assert "3.0 s (limit 5)" in said
    assert "3.0 s (OVER the limit of 2.5)" in said
    assert "NO (a fault)" in said
    assert "skipped: no disk" in said


def test_what_was_found_is_told_in_few_words() -> None:
    assert told(Found(trials=1, faults=1)) is None
    assert told(Found(trials=1, faults=1, lost=2, duplicated=1)) == "2 lost, 1 twice"
    assert told(Found(trials=1, faults=1, says=["it broke", "twice"])) == "it broke"


def test_percentiles_are_values_that_were_seen() -> None:
    assert percentile([5.0], 0.95) == 5.0
    assert percentile([float(number) for number in range(1, 101)], 0.95) == 95.0
