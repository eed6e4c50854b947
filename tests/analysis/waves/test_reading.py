"""A planning file is read strictly, and what is wrong with it is said with its path."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.waves import read_instance
from masterflow.analysis.waves.reading import MAX_BYTES
from masterflow.errors import FileRejected, InvalidInput
from tests.analysis.waves.checker import Task
from tests.analysis.waves.tasks import app, bundled, edge, instance, task, wave


def refusal(given_task: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_instance(json.dumps(given_task).encode(), "plan.json")
    return str(caught.value)


@pytest.mark.parametrize("name", ["small_60", "medium_150", "infeasible_20"])
def test_the_bundled_files_are_read_whole(name: str) -> None:
    raw = bundled(name)
    read = read_instance(json.dumps(raw).encode(), name)
    assert read.notes == ()
    assert read.instance.name == name
    assert len(read.instance.applications) == len(raw["applications"])
    assert len(read.instance.edges) == len(raw["edges"])
    assert read.instance.waves[0].start is not None
    assert read.instance.application("app-001").label == "Application 001 (app-001)"


def test_optional_keys_may_be_missing() -> None:
    found = read_instance(json.dumps({"applications": [app("a")], "waves": [{"number": 1}]}).encode(), "x").instance
    assert found.applications[0].label == "a"
    assert found.waves[0].capacity("hours") is None
    assert (found.edges, found.constraints.together) == ((), ())


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert read_instance(b"\xef\xbb\xbf" + json.dumps(task([], [])).encode(), "x").instance.applications == ()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "plan.json: the file is empty."),
        (b" \n", "the file is empty."),
        (b"\xff\xfe\x00", "the file is not UTF-8 text (byte 0)."),
        (b'{"applications": [', "the file is not JSON: Expecting value"),
        (b"[1]", "the file holds a JSON list, not an object."),
        (b"null", "the file holds a JSON null, not an object."),
        (b'"text"', 'the file holds a JSON value "text", not an object.'),
        (b"[" * 100_000, "the file is nested too deeply."),
        (b" " * MAX_BYTES + b"{}", f"the limit is {MAX_BYTES:,}."),
    ],
)
def test_what_is_no_json_object_is_refused_with_the_reason(data: bytes, sentence: str) -> None:
    with pytest.raises(FileRejected) as caught:
        read_instance(data, "plan.json")
    assert sentence in str(caught.value)
    assert "Give a planning file" in str(caught.value) or "Plan the estate in parts" in str(caught.value)


BASE = task([app("app-1"), app("app-2")], [wave(1), wave(2)], [edge("app-1", "app-2")])


def changed(**parts: object) -> Task:
    return {**BASE, **parts}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (changed(applications=[{"id": "x"}]), "applications[0] (x).hours is missing"),
        (
            changed(applications=[app("x", hours="3")]),
            'applications[0] (x).hours is "3": input should be a valid number',
        ),
        (changed(applications=[app("x", hours=-1)]), "applications[0] (x).hours is -1"),
        (changed(applications=[app("x", hours=float("nan"))]), "applications[0] (x).hours is NaN"),
        (changed(applications=[app("x", pin=True)]), "applications[0] (x).pin is true"),
        (
            changed(applications=[app("x", pin=9)], edges=[]),
            "applications[0].pin: x is pinned to wave 9, waves are 1 to 2",
        ),
        (
            changed(applications=[app("x", environment="dev")]),
            "environment is \"dev\": input should be 'prod' or 'nonprod'",
        ),
        (changed(applications=[app("x", latest_wav=3)]), "unknown key 'latest_wav' (did you mean 'latest_wave'?)"),
        (
            changed(applications=[app("x"), app("x")], edges=[]),
            "applications: id 'x' occurs 2 times, at positions [0, 1]",
        ),
        (changed(applications=3), "applications is 3: input should be a valid array"),
        (
            changed(edges=[edge("app-1", "app-3")]),
            "edges[0].target: there is no application 'app-3' (did you mean 'app-",
        ),
        (changed(edges=[edge("app-1", "zzz")]), "edges[0].target: there is no application 'zzz'"),
        (changed(edges=[edge("app-1", "app-2", weight=-2)]), "edges[0].weight is -2: input should be greater than 0"),
        (changed(edges=[edge("app-1", "app-2", kind="firm")]), 'edges[0].kind is "firm"'),
        (changed(edges=[edge("app-1", "app-1")]), "edges[0]: 'app-1' needs itself"),
        (changed(edges=[edge("app-1", "app-2")] * 2), "edges[1]: 'app-1' needs 'app-2' is already said by edges[0]"),
        (changed(waves=[wave(1), wave(3)]), "waves: the numbers are [1, 3], they must be 1 to 2"),
        (changed(waves=[wave(1), wave(1)]), "waves: the numbers are [1, 1]"),
        (changed(waves=[wave(1, start="2027-02-30")]), 'waves[0].start is "2027-02-30"'),
        (changed(waves=[wave(1, start="2027-03-01", end="2027-02-01")]), "wave 1 ends on 2027-02-01, before its start"),
        (
            changed(waves=[wave(1, start="2027-03-01"), wave(2, start="2027-02-01")]),
            "wave 2 starts on 2027-02-01, before",
        ),
        (changed(waves=[wave(1, freeze="maybe"), wave(2)]), 'waves[0].freeze is "maybe"'),
        (
            changed(constraints={"togehter": []}),
            "constraints.togehter is not a rule that the planner knows (did you mean 'together'?)",
        ),
        (
            changed(constraints={"together": [["app-1", "app-x"]]}),
            "constraints.together[0]: there is no application 'app-x'",
        ),
        (changed(constraints={"apart": [["app-1"]]}), "constraints.apart[0][1] is missing"),
        (changed(constraints={"apart": [["app-1", "app-1"]]}), "constraints.apart[0]: 'app-1' is set against itself"),
        (changed(constraints={"before": [["app-2", "app-2"]]}), "constraints.before[0]: 'app-2' is set against itself"),
        (changed(constraints={"max_parallel_prod": -1}), "constraints.max_parallel_prod is -1"),
        (changed(wishes={"before": [["app-1", "app-9"]]}), "wishes.before[0]: there is no application 'app-9'"),
        (
            changed(objective={"minimise": "cost"}),
            "objective.minimise is \"cost\": input should be 'crossing_weight_share'",
        ),
        (changed(schema_version=2), "schema_version is 2"),
    ],
)
def test_what_is_wrong_is_named_with_its_path_and_value(wrong: object, sentence: str) -> None:
    assert sentence in refusal(wrong)
    assert refusal(wrong).startswith("plan.json is not a planning file: ")


def test_many_mistakes_are_counted_rather_than_listed() -> None:
    said = refusal(changed(applications=[{"id": f"a{i}"} for i in range(20)]))
    assert "and 60 more" in said


def test_a_long_value_is_cut_in_the_message() -> None:
    assert "…" in refusal(changed(schema_version="x" * 500))


def test_a_key_that_is_not_known_is_ignored_and_noted_once() -> None:
    odd = [app("x", colour="red"), app("y", colour="blue")]
    read = read_instance(json.dumps(task(odd, [wave(1)])).encode(), "plan.json")
    assert read.notes == ("The key 'colour' of applications is not known and was ignored.",)


def test_an_undefined_character_in_an_id_is_refused_with_a_sentence() -> None:
    with pytest.raises(InvalidInput, match="is not a planning file"):
        read_instance(b'{"applications": [{"id": "\\ud800"}], "waves": []}', "plan.json")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["applications", "edges", "waves", "constraints", "wishes", "objective", "name", "schema_version"]),
)
def test_any_json_is_read_or_refused_in_a_sentence(value: object, key: str) -> None:
    try:
        read_instance(json.dumps({**BASE, key: value}).encode(), "plan.json")
    except InvalidInput as error:
        assert str(error).startswith("plan.json")  # noqa: PT017 - both outcomes are right


def test_the_canonical_order_is_the_same_for_every_order() -> None:
    one = task([app("a"), app("b")], [wave(1), wave(2)], [edge("a", "b"), edge("b", "a")], apart=[["b", "a"]])
    other = task([app("b"), app("a")], [wave(2), wave(1)], [edge("b", "a"), edge("a", "b")], apart=[["a", "b"]])
    assert instance(one).canonical() == instance(other).canonical()
