"""What one event adds."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.analytics.histogram import bucket_of
from masterflow.orchestrator.analytics.tally import Happening, Tally, added, day, standing

S = FlowStatus
DAY = date(2026, 11, 23)

TREES = st.recursive(
    st.integers(-3, 3).filter(bool),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=8,
)


def happening(kind: str, before: FlowStatus | None, after: FlowStatus | None, **more: Any) -> Happening:
    given = {"phase": None, "waited_us": None, "took_us": None, "code": None, "error_class": None} | more
    return Happening(flow_type="toy", day=DAY, kind=kind, before=before, after=after, **given)


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (happening("flow_created", None, S.RUNNING), {"running": 1}),
        (happening("phase_completed", S.RUNNING, None), {}),
        (happening("pause_requested", S.RUNNING, S.RUNNING), {}),
        (happening("flow_failed", S.RUNNING, S.FAILED), {"running": -1, "failed": 1}),
        (happening("flow_deleted", S.FAILED, S.FAILED), {"failed": -1}),
        (happening("flow_restored", S.FAILED, S.FAILED), {"failed": 1}),
    ],
)
def test_flows_are_counted_where_they_stand(event: Happening, changed: Tally) -> None:
    assert standing(event) == ({"toy": changed} if changed else {})


@pytest.mark.parametrize(
    ("event", "counts"),
    [
        (happening("flow_created", None, S.RUNNING), {"created"}),
        (happening("flow_registered", None, S.INITIALIZED), {"created"}),
        (happening("phase_completed", S.RUNNING, None), {"phases_done"}),
        (happening("phase_completed", S.RUNNING, S.COMPLETED), {"phases_done", "completed"}),
        (happening("flow_completed", S.RUNNING, S.COMPLETED), {"completed"}),
        (happening("flow_deleted", S.COMPLETED, S.COMPLETED), set()),
        (happening("flow_failed", S.RUNNING, S.FAILED), {"failed"}),
        (happening("flow_cancelled", S.PAUSED, S.CANCELLED), {"cancelled"}),
        (happening("phase_retried", S.RUNNING, S.RUNNING), {"phase_retries"}),
        (happening("flow_retried", S.FAILED, S.RUNNING), {"retries"}),
        (happening("flow_rolled_back", S.COMPLETED, S.RUNNING), {"rollbacks"}),
        (happening("gate_approved", S.WAITING_FOR_APPROVAL, S.RUNNING), {"gates_approved"}),
        (happening("gate_rejected", S.WAITING_FOR_APPROVAL, S.WAITING_FOR_INPUT), {"gates_rejected"}),
        (happening("something_new", S.RUNNING, None), set()),
    ],
)
def test_what_happened_is_counted(event: Happening, counts: set[str]) -> None:
    assert day(event).get("counts", {}) == dict.fromkeys(counts, 1)


def test_a_phase_that_was_measured_adds_its_duration() -> None:
    told = day(happening("phase_completed", S.RUNNING, None, phase="add", took_us=2_000_000))
    assert told["phases"] == {"add": {"count": 1, "us": 2_000_000, "buckets": {str(bucket_of(2_000_000)): 1}}}
    assert "phases" not in day(happening("phase_completed", S.RUNNING, None, phase="add"))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (S.WAITING_FOR_APPROVAL, S.RUNNING, "approval"),
        (S.WAITING_FOR_INPUT, S.CANCELLED, "input"),
        (S.PAUSED, S.RUNNING, "paused"),
    ],
)
def test_the_end_of_a_wait_adds_how_long_it_was(before: FlowStatus, after: FlowStatus, kind: str) -> None:
    told = day(happening("x", before, after, waited_us=0))
    assert told["waits"] == {kind: {"count": 1, "us": 0, "buckets": {"0": 1}}}


def test_no_wait_ends_while_a_flow_stays_or_runs() -> None:
    assert "waits" not in day(happening("x", S.PAUSED, S.PAUSED, waited_us=5))
    assert "waits" not in day(happening("x", S.RUNNING, S.PAUSED, waited_us=5))


def test_a_failure_adds_its_cause() -> None:
    told = day(happening("flow_failed", S.RUNNING, S.FAILED, phase="add", code="phase.failed", error_class="input"))
    assert told["causes"] == {"add": {"phase.failed": {"input": 1}}}
    assert day(happening("flow_failed", S.RUNNING, S.FAILED))["causes"] == {"": {"": {"": 1}}}


NUMBERS = st.dictionaries(st.sampled_from("ab"), st.integers(-3, 3).filter(bool), min_size=1)


@given(*(st.dictionaries(st.sampled_from("xy"), NUMBERS),) * 3)
def test_adding_is_the_same_in_any_order(one: Tally, two: Tally, three: Tally) -> None:
    assert added(one, two) == added(two, one)
    assert added(added(one, two), three) == added(three, added(two, one))


@given(st.dictionaries(st.sampled_from("ab"), TREES))
def test_what_comes_to_nothing_is_left_out(tree: Tally) -> None:
    assert added(tree, negative(tree)) == {}
    assert added(tree, {}) == tree


def test_a_number_and_a_branch_cannot_be_added() -> None:
    with pytest.raises(TypeError, match="cannot be added"):
        added({"a": 1}, {"a": {"b": 1}})


def negative(tree: Any) -> Any:
    return {key: negative(value) for key, value in tree.items()} if isinstance(tree, dict) else -tree
